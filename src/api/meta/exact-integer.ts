/** Whole numbers that a double cannot hold: carried as their digits, exact wherever they are only passed on. */

// Newer than what the compiler's library declares.
const { rawJSON } = JSON as typeof JSON & { readonly rawJSON: (text: string) => unknown };

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** Where code counts with it, it is the nearest double; JSON and protobuf carry every digit. */
export class ExactInteger {
  readonly digits: string;

  /** `exactInteger` and `exactDigits` decide which values need one. */
  constructor(value: bigint | string) {
    this.digits = String(value);
    Object.freeze(this);
  }

  valueOf(): number {
    return Number(this.digits);
  }

  toString(): string {
    return this.digits;
  }

  toJSON(): unknown {
    return rawJSON(this.digits);
  }
}

export function isExactInteger(value: unknown): value is ExactInteger {
  return value instanceof ExactInteger;
}

/** A number in either form. */
export function isNumber(value: unknown): value is number | ExactInteger {
  return typeof value === 'number' || isExactInteger(value);
}

/** A number where that is exact, otherwise the digits. */
export function exactInteger(value: bigint): number | ExactInteger {
  const double = Number(value);
  return Number.isSafeInteger(double) ? double : new ExactInteger(value);
}

const [LOWEST, HIGHEST] = [String(-MIN_INT64), String(MAX_UINT64)];

/** The number written so, without zeros before it, if it fits into 64 bits. Numbers are many: this makes none of the platform's large ones. */
export function exactDigits(source: string): ExactInteger | undefined {
  const isNegative = source.startsWith('-');
  const digits = isNegative ? source.slice(1) : source;
  const limit = isNegative ? LOWEST : HIGHEST;
  const fits = digits.length < limit.length || (digits.length === limit.length && digits <= limit);
  return fits ? new ExactInteger(source) : undefined;
}

/** The value of a whole number in either form. */
export function toBigInt(value: number | ExactInteger): bigint {
  return BigInt(isExactInteger(value) ? value.digits : value);
}

/** Whether it is a whole number that fits into 64 bits with a sign. */
export function isInt64(value: unknown): value is number | ExactInteger {
  return isIntegerWithin(value, MIN_INT64, MAX_INT64);
}

export function isUint64(value: unknown): value is number | ExactInteger {
  return isIntegerWithin(value, 0n, MAX_UINT64);
}

function isIntegerWithin(value: unknown, min: bigint, max: bigint): boolean {
  if (Number.isSafeInteger(value)) return min < 0n || (value as number) >= 0;
  if (!isExactInteger(value) && !Number.isInteger(value)) return false;
  const exact = toBigInt(value as number | ExactInteger);
  return exact >= min && exact <= max;
}

/** Two values that are the same whole number, or the same value. */
export function sameNumber(left: unknown, right: unknown): boolean {
  return left === right || (isExactInteger(left) && isExactInteger(right) && left.digits === right.digits);
}
