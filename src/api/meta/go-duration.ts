/** Go's durations — `1h30m`, `300ms`, `1m0s` — as `metav1.Duration` fields carry them. */

export class DurationError extends Error {
  override readonly name = 'DurationError';
}

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);
const MAX_NANOS = 2n ** 63n - 1n;
const PART = /([0-9]*)(?:\.([0-9]*))?([^0-9.]+)/y;
const LONGEST_TEXT = 128;

/** Nanoseconds. Throws `DurationError` with Go's message. */
export function parseGoDuration(text: string): bigint {
  const invalid = new DurationError(`time: invalid duration ${JSON.stringify(text)}`);
  const [, sign, parts = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (parts === '0') return 0n;
  if (parts === '' || text.length > LONGEST_TEXT) throw invalid;
  let nanos = 0n;
  for (PART.lastIndex = 0; PART.lastIndex < parts.length;) {
    const match = PART.exec(parts);
    if (match === null) throw missingUnit(text, parts);
    nanos += partNanos(match, text);
  }
  if (nanos > MAX_NANOS) throw invalid;
  return sign === '-' ? -nanos : nanos;
}

function partNanos([, whole = '', fraction = '', name = '']: RegExpExecArray, text: string): bigint {
  if (whole === '' && fraction === '') throw new DurationError(`time: invalid duration ${JSON.stringify(text)}`);
  const unit = UNITS.get(name);
  if (unit === undefined) {
    throw new DurationError(`time: unknown unit ${JSON.stringify(name)} in duration ${JSON.stringify(text)}`);
  }
  return BigInt(`0${whole}`) * unit + (BigInt(`0${fraction}`) * unit) / 10n ** BigInt(fraction.length);
}

function missingUnit(text: string, parts: string): DurationError {
  const digits = /^[0-9.]*[0-9][0-9.]*$/.test(parts) || /[0-9]$/.test(parts);
  return new DurationError(`time: ${digits ? 'missing unit in' : 'invalid'} duration ${JSON.stringify(text)}`);
}

/** Go's `String()`: `1h0m0s`, `1.5s`, `300ms`, `0s`. */
export function formatGoDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const size = nanos < 0n ? -nanos : nanos;
  return `${nanos < 0n ? '-' : ''}${size < 1_000_000_000n ? formatBelowSecond(size) : formatClock(size)}`;
}

function formatBelowSecond(nanos: bigint): string {
  if (nanos < 1_000n) return `${nanos}ns`;
  return nanos < 1_000_000n ? `${decimal(nanos, 3)}µs` : `${decimal(nanos, 6)}ms`;
}

function formatClock(nanos: bigint): string {
  const minutes = nanos / 60_000_000_000n;
  const seconds = `${decimal(nanos % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** `value` with the point moved left by `digits`, without zeros at the end. */
function decimal(value: bigint, digits: number): string {
  const text = String(value).padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '');
  return fraction === '' ? text.slice(0, -digits) : `${text.slice(0, -digits)}.${fraction}`;
}
