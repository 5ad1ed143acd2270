/** What the signs mean: arithmetic without overflow, order, equality, and what is in what. */
import type { CelFunction, CelLibrary } from '../environment.ts';
import { CelError, noSuchOverload } from '../error.ts';
import { CelMap, CelUint, compare, equals, isList, type CelValue } from '../values.ts';

const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;
const MAX_UINT = 2n ** 64n - 1n;

export function checkedInt(value: bigint): bigint {
  if (value < MIN_INT || value > MAX_INT) throw new CelError('integer overflow');
  return value;
}

export function checkedUint(value: bigint): CelUint {
  if (value < 0n || value > MAX_UINT) throw new CelError('unsigned integer overflow');
  return new CelUint(value);
}

type Arithmetic = {
  readonly whole: (left: bigint, right: bigint) => bigint;
  readonly double?: (left: number, right: number) => number;
};

function arithmetic({ whole, double }: Arithmetic): CelFunction {
  return ([left = null, right = null]) => {
    if (typeof left === 'bigint' && typeof right === 'bigint') return checkedInt(whole(left, right));
    if (left instanceof CelUint && right instanceof CelUint) return checkedUint(whole(left.value, right.value));
    if (typeof left === 'number' && typeof right === 'number') return double?.(left, right);
    return undefined;
  };
}

function divisor(value: bigint, message: string): bigint {
  if (value === 0n) throw new CelError(message);
  return value;
}

const order =
  (accepts: (difference: number) => boolean): CelFunction =>
  ([left = null, right = null]) => {
    const difference = compare(left, right);
    return difference === undefined ? undefined : accepts(difference);
  };

function plus([left, right]: readonly CelValue[], spend: (cost: number) => void): CelValue | undefined {
  if (typeof left === 'string' && typeof right === 'string') {
    spend(Math.ceil((left.length + right.length) / 10));
    return left + right;
  }
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Uint8Array.from([...left, ...right]);
  if (left === undefined || right === undefined || !isList(left) || !isList(right)) return undefined;
  spend(left.length + right.length);
  return [...left, ...right];
}

function isIn([item = null, of = null]: readonly CelValue[], spend: (cost: number) => void): boolean {
  if (of instanceof CelMap) return of.has(item);
  if (!isList(of)) throw noSuchOverload();
  spend(of.length);
  return of.some((each) => equals(each, item));
}

function negate([value]: readonly CelValue[]): CelValue | undefined {
  if (typeof value === 'bigint') return checkedInt(-value);
  return typeof value === 'number' ? -value : undefined;
}

export const OPERATORS: readonly CelLibrary[] = [
  {
    '+': arithmetic({ whole: (left, right) => left + right, double: (left, right) => left + right }),
    '-': arithmetic({ whole: (left, right) => left - right, double: (left, right) => left - right }),
    '*': arithmetic({ whole: (left, right) => left * right, double: (left, right) => left * right }),
    '/': arithmetic({
      whole: (left, right) => left / divisor(right, 'division by zero'),
      double: (left, right) => left / right,
    }),
    '%': arithmetic({ whole: (left, right) => left % divisor(right, 'modulus by zero') }),
    negate,
    '!': ([value]) => (typeof value === 'boolean' ? !value : undefined),
    '==': ([left = null, right = null]) => equals(left, right),
    '!=': ([left = null, right = null]) => !equals(left, right),
    '<': order((difference) => difference < 0),
    '<=': order((difference) => difference <= 0),
    '>': order((difference) => difference > 0),
    '>=': order((difference) => difference >= 0),
    in: isIn,
  },
  { '+': plus },
];
