/** Checks one scalar value against its field. */
import type { Decoding } from './decoding.ts';
import { goTypeOf, goValueTypeOf } from './go-types.ts';
import type { FieldSchema } from './schema.ts';
import type { Scalar } from './table.ts';

/** What Go holds where nothing was set; undefined for what has no zero. */
export function zeroOf(scalar: Scalar): string | number | boolean | undefined {
  if (scalar === 'string' || scalar === 'bytes') return '';
  if (scalar === 'bool') return false;
  return scalar === 'any' ? undefined : 0;
}

const RANGES: Readonly<Partial<Record<Scalar, readonly [min: number, max: number]>>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  // The largest doubles that are still 64-bit integers.
  int64: [-(2 ** 63), 2 ** 63 - 1024],
  uint64: [0, 2 ** 64 - 2048],
};

export function decodeScalar(field: FieldSchema, value: unknown, decoding: Decoding): unknown {
  const { scalar } = field;
  if (scalar === undefined || scalar === 'any') return value;
  if (scalar === 'bytes') return decodeBytes(field, value, decoding);
  return fits(scalar, value) ? value : decoding.mismatch(value, goValueTypeOf(field));
}

function fits(scalar: Scalar, value: unknown): boolean {
  if (scalar === 'string') return typeof value === 'string';
  if (scalar === 'bool') return typeof value === 'boolean';
  return isNumber(scalar, value);
}

function isNumber(scalar: Scalar, value: unknown): value is number {
  if (typeof value !== 'number') return false;
  const range = RANGES[scalar];
  return range === undefined || (Number.isInteger(value) && value >= range[0] && value <= range[1]);
}

function decodeBytes(field: FieldSchema, value: unknown, decoding: Decoding): unknown {
  if (typeof value !== 'string') return decoding.mismatch(value, field.list ? goValueTypeOf(field) : goTypeOf(field));
  const text = value.replaceAll(/[\r\n]/g, ''); // Go's decoder skips line ends
  const wrongAt = firstWrongByte(text);
  return wrongAt === undefined ? text : decoding.fail(`illegal base64 data at input byte ${wrongAt}`);
}

/** Where padded base64 stops being that, as Go counts. */
function firstWrongByte(text: string): number | undefined {
  const padding = /={0,2}$/.exec(text)?.[0].length ?? 0;
  const digits = text.length - padding;
  const wrong = text.slice(0, digits).search(/[^A-Za-z0-9+/]/);
  if (wrong !== -1) return wrong;
  return text.length % 4 === 0 ? undefined : text.length - (text.length % 4);
}
