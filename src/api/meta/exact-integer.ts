/** Whole numbers that a double cannot hold: carried as their digits, exact wherever they are only passed on. */

// Newer than what the compiler's library declares.
const { rawJSON } = JSON as typeof JSON & { readonly rawJSON: (text: string) => unknown };

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** Where code counts with it, it is the nearest double; JSON and protobuf carry every digit. */
export class ExactInteger {
  readonly digits: string;

  /** `exactInteger` decides which values need one. */
  constructor(value: bigint) {
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

// As few digits as a whole number has that a double may not hold.
const MANY = 16;

/** Whether so many digits stand in a row: a long number, or a text that is none. Looks at every sixteenth character only. */
function hasLongNumber(text: string): boolean {
  for (let at = MANY - 1; at < text.length; at += MANY) {
    if (isDigit(text.charCodeAt(at)) && digitsAround(text, at) >= MANY) return true;
  }
  return false;
}

function digitsAround(text: string, at: number): number {
  let first = at;
  while (isDigit(text.charCodeAt(first - 1))) first -= 1;
  let end = at + 1;
  while (isDigit(text.charCodeAt(end))) end += 1;
  return end - first;
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

const WHOLE = /^-?\d+$/;

type Context = { readonly source?: string };

/** `JSON.parse` that keeps whole numbers of 64 bits exact; beyond 64 bits numbers are the nearest double, as upstream reads them. */
export function parseJsonExactly(text: string): unknown {
  if (!hasLongNumber(text)) return JSON.parse(text) as unknown;
  return JSON.parse(text, (_key, value: unknown, ...[context]: readonly Context[]) =>
    exactly(value, context),
  ) as unknown;
}

function exactly(value: unknown, context: Context | undefined): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  if (!WHOLE.test(source) || source.length > MAX_DIGITS) return value;
  const exact = BigInt(source);
  return exact >= MIN_INT64 && exact <= MAX_UINT64 ? exactInteger(exact) : value;
}

// Twenty digits and a sign.
const MAX_DIGITS = 21;
