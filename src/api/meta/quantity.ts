/** Resource quantities such as `100m`, `1.5Gi` or `2e3`: exact parsing, and the canonical text upstream prints. */

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** An exact amount in billionths, and the notation it prefers. */
export type Quantity = {
  readonly nanos: bigint;
  readonly format: QuantityFormat;
};

export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const DECIMAL_SUFFIXES = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const SUFFIX_OF_EXPONENT = new Map([...DECIMAL_SUFFIXES].map(([suffix, exponent]) => [exponent, suffix]));

const WRONG_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_NUMBER = 'unable to parse numeric part of quantity';
const WRONG_SUFFIX = "unable to parse quantity's suffix";

const NANO_EXPONENT = -9;
const UNIT = 10n ** 9n;
const MILLI = 10n ** 6n;
const LARGEST = (2n ** 63n - 1n) * UNIT; // upstream caps binary quantities at an int64
// Both bounds keep a hostile text from making numbers with millions of digits.
const LONGEST_TEXT = 256;
const LARGEST_EXPONENT = 512;

// A cluster writes the same few amounts again and again. When it does not, the memory of them starts anew.
const KNOWN_AMOUNTS = 1000;
const known = new Map<string, Quantity>();

/** Throws `QuantityError` with upstream's message. */
export function parseQuantity(text: string): Quantity {
  const before = known.get(text);
  if (before !== undefined) return before;
  const quantity = Object.freeze(readQuantity(text));
  if (known.size >= KNOWN_AMOUNTS) known.clear();
  known.set(text, quantity);
  return quantity;
}

function readQuantity(text: string): Quantity {
  // A suffix does not begin with a digit: else there were as many ways to read a long number as it has digits, and all would be tried.
  const match = /^([+-]?)([0-9]*)(?:\.([0-9]*))?((?:[eEinumkKMGTP]+[-+]?[0-9]*|[-+][0-9]*)?)$/.exec(text);
  if (text === '' || match === null) throw new QuantityError(WRONG_FORMAT);
  if (text.length > LONGEST_TEXT) throw new QuantityError(WRONG_NUMBER);
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  const digits = BigInt(`0${whole}${fraction}`);
  const scaled = scale({ digits, fractionDigits: fraction.length }, suffix);
  return { ...scaled, nanos: sign === '-' ? -scaled.nanos : scaled.nanos };
}

type Digits = { readonly digits: bigint; readonly fractionDigits: number };

function scale({ digits, fractionDigits }: Digits, suffix: string): Quantity {
  const power = BINARY_SUFFIXES.indexOf(suffix);
  if (power > 0) return scaleBinary({ digits, fractionDigits }, power);
  const decimal = DECIMAL_SUFFIXES.get(suffix);
  const exponent = decimal ?? parseExponent(suffix);
  const nanos = shift(digits, exponent - fractionDigits - NANO_EXPONENT);
  return { nanos, format: decimal === undefined ? 'DecimalExponent' : 'DecimalSI' };
}

function scaleBinary({ digits, fractionDigits }: Digits, power: number): Quantity {
  const exact = shift(digits * 1024n ** BigInt(power), -fractionDigits - NANO_EXPONENT);
  const nanos = exact > LARGEST ? LARGEST : exact;
  return { nanos, format: nanos > 0n && nanos < UNIT ? 'DecimalSI' : 'BinarySI' };
}

function parseExponent(suffix: string): number {
  const exponent = /^[eE]([-+]?[0-9]+)$/.exec(suffix)?.[1];
  if (exponent === undefined || Math.abs(Number(exponent)) > LARGEST_EXPONENT) throw new QuantityError(WRONG_SUFFIX);
  return Number(exponent);
}

/** Multiplies by a power of ten; what is lost below one rounds up, so that asking for something never becomes nothing. */
function shift(value: bigint, exponent: number): bigint {
  return exponent >= 0 ? value * 10n ** BigInt(exponent) : divideUp(value, 10n ** BigInt(-exponent));
}

/** Rounds away from zero. */
function divideUp(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  if (quotient * by === value) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

/** The canonical text: no fraction, the largest suffix that keeps the number whole. */
export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return '0';
  const wholeUnits = nanos % UNIT === 0n;
  const small = nanos > -1024n * UNIT && nanos < 1024n * UNIT;
  if (format === 'BinarySI' && wholeUnits && !small) return formatBinary(nanos / UNIT);
  return formatDecimal(nanos, format === 'DecimalExponent' ? 'DecimalExponent' : 'DecimalSI');
}

function formatBinary(units: bigint): string {
  let number = units;
  let power = 0;
  while (number % 1024n === 0n && power < BINARY_SUFFIXES.length - 1) {
    number /= 1024n;
    power += 1;
  }
  return `${number}${BINARY_SUFFIXES[power]}`;
}

function formatDecimal(nanos: bigint, format: QuantityFormat): string {
  let number = nanos;
  let exponent = NANO_EXPONENT;
  while (number % 1000n === 0n && (format === 'DecimalExponent' || exponent < 18)) {
    number /= 1000n;
    exponent += 3;
  }
  if (format === 'DecimalSI') return `${number}${SUFFIX_OF_EXPONENT.get(exponent)}`;
  return exponent === 0 ? `${number}` : `${number}e${exponent}`;
}

/** The canonical text of a quantity's text: `0.1` → `100m`, `1024Mi` → `1Gi`. */
export function canonicalQuantity(text: string): string {
  if (/^[1-9][0-9]{0,2}(?:m|k|M|G)?$/.test(text)) return text; // the everyday case is canonical already
  return formatQuantity(parseQuantity(text));
}

/** Rounded up to whole units, as upstream's `Value()`: bytes, counts, whole cores. */
export function wholeUnits(quantity: Quantity): number {
  return Number(divideUp(quantity.nanos, UNIT));
}

/** Rounded up to thousandths, as upstream's `MilliValue()`: how CPU is counted. */
export function milliUnits(quantity: Quantity): number {
  return Number(divideUp(quantity.nanos, MILLI));
}

export function fromWholeUnits(units: number, format: QuantityFormat): Quantity {
  return { nanos: BigInt(units) * UNIT, format };
}

export function fromMilliUnits(milli: number, format: QuantityFormat): Quantity {
  return { nanos: BigInt(milli) * MILLI, format };
}
