/** Turns values of one type into those of another. */
import type { CelLibrary } from '../environment.ts';
import { CelError } from '../error.ts';
import { numberOf, type CelValue } from '../values.ts';
import { checkedInt, checkedUint } from './operators.ts';

export const CONVERSIONS: CelLibrary = {
  int: ([value = null]) => {
    const whole = wholeOf(value, 'int');
    return whole === undefined ? undefined : checkedInt(whole);
  },
  uint: ([value = null]) => {
    const whole = wholeOf(value, 'uint');
    return whole === undefined ? undefined : checkedUint(whole);
  },
  double: ([value = null]) => {
    const number = numberOf(value);
    if (number !== undefined) return Number(number);
    return typeof value === 'string' ? parsedDouble(value) : undefined;
  },
  string: ([value = null]) => {
    if (value instanceof Uint8Array) return decoded(value);
    if (typeof value === 'string') return value;
    return typeof value === 'boolean' ? String(value) : numberOf(value)?.toString();
  },
  bool: ([value]) => (typeof value === 'string' ? parsedBool(value) : typeof value === 'boolean' ? value : undefined),
  bytes: ([value]) =>
    typeof value === 'string' ? Uint8Array.from(Buffer.from(value)) : value instanceof Uint8Array ? value : undefined,
  dyn: ([value]) => value,
};

/** Doubles lose what comes after the point. */
function wholeOf(value: CelValue, type: string): bigint | undefined {
  const number = numberOf(value);
  if (typeof number === 'bigint') return number;
  if (number !== undefined) {
    if (!Number.isFinite(number)) throw new CelError(`integer overflow`);
    return BigInt(Math.trunc(number));
  }
  if (typeof value !== 'string') return undefined;
  if (!/^[-+]?\d{1,20}$/.test(value)) throw new CelError(`cannot convert ${JSON.stringify(value)} to ${type}`);
  return BigInt(value.replace(/^\+/, ''));
}

function parsedDouble(text: string): number {
  const number = Number(text);
  if (text.trim() !== text || text === '' || (Number.isNaN(number) && text !== 'NaN'))
    throw new CelError(`cannot convert ${JSON.stringify(text)} to double`);
  return number;
}

const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

function parsedBool(text: string): boolean {
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw new CelError(`cannot convert ${JSON.stringify(text)} to bool`);
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
}
