/** Moments and spans of time, to the nanosecond. */
import { loadTimeZone, TimeZoneError } from '../../batch/schedule/time-zone.ts';
import { DurationError, parseGoDuration } from '../../meta/go-duration.ts';
import { parseMoment, TimeError } from '../../meta/time.ts';
import type { CelFunction, CelLibrary } from '../environment.ts';
import { CelError } from '../error.ts';
import { CelObject, type CelValue } from '../values.ts';

const SECOND = 1_000_000_000n;
const MILLISECOND = 1_000_000n;
const LONGEST = 2n ** 63n - 1n;
// From the year 1 to the year 9999.
const FIRST = -62_135_596_800n * SECOND;
const LAST = 253_402_300_800n * SECOND - 1n;

/** Comparable with its own kind only. */
abstract class CelNanos extends CelObject {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }

  equals(other: CelValue): boolean {
    return this.order(other) === 0;
  }

  override order(other: CelValue): number | undefined {
    return other instanceof CelNanos && other.typeName === this.typeName
      ? difference(this.nanos, other.nanos)
      : undefined;
  }
}

export class CelDuration extends CelNanos {
  readonly typeName = 'google.protobuf.Duration';
}

/** Since 1970. */
class CelTimestamp extends CelNanos {
  readonly typeName = 'google.protobuf.Timestamp';
}

function difference(left: bigint, right: bigint): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function duration(nanos: bigint): CelDuration {
  if (nanos > LONGEST || nanos < -LONGEST - 1n) throw new CelError('integer overflow');
  return new CelDuration(nanos);
}

function timestamp(nanos: bigint): CelTimestamp {
  if (nanos < FIRST || nanos > LAST) throw new CelError('timestamp overflow');
  return new CelTimestamp(nanos);
}

const unreadable = (type: string): CelError => new CelError(`type conversion error from 'string' to '${type}'`);

function readDuration(text: string): CelDuration {
  try {
    return duration(parseGoDuration(text));
  } catch (error) {
    if (error instanceof DurationError) throw unreadable('google.protobuf.Duration');
    throw error;
  }
}

function readTimestamp(text: string): CelTimestamp {
  try {
    const { seconds } = parseMoment(text);
    const [, fraction = ''] = /[.,](\d+)/.exec(text) ?? [];
    return timestamp(BigInt(seconds) * SECOND + BigInt(fraction.slice(0, 9).padEnd(9, '0')));
  } catch (error) {
    if (error instanceof TimeError) throw unreadable('google.protobuf.Timestamp');
    throw error;
  }
}

/** To the second before, for moments before 1970, too. */
const floored = (nanos: bigint, unit: bigint): bigint => {
  const rest = nanos % unit;
  return (nanos - (rest < 0n ? rest + unit : rest)) / unit;
};

function written(value: CelDuration | CelTimestamp): string {
  if (value instanceof CelDuration) {
    const sign = value.nanos < 0n ? '-' : '';
    const nanos = value.nanos < 0n ? -value.nanos : value.nanos;
    return `${sign}${nanos / SECOND}${fractionOf(nanos % SECOND)}s`;
  }
  const seconds = floored(value.nanos, SECOND);
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${text}${fractionOf(value.nanos - seconds * SECOND)}Z`;
}

const fractionOf = (nanos: bigint): string =>
  nanos === 0n ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;

function plus([left, right]: readonly CelValue[]): CelValue | undefined {
  if (left instanceof CelDuration && right instanceof CelDuration) return duration(left.nanos + right.nanos);
  if (left instanceof CelTimestamp && right instanceof CelDuration) return timestamp(left.nanos + right.nanos);
  if (left instanceof CelDuration && right instanceof CelTimestamp) return timestamp(left.nanos + right.nanos);
  return undefined;
}

function minus([left, right]: readonly CelValue[]): CelValue | undefined {
  if (left instanceof CelDuration && right instanceof CelDuration) return duration(left.nanos - right.nanos);
  if (left instanceof CelTimestamp && right instanceof CelDuration) return timestamp(left.nanos - right.nanos);
  if (left instanceof CelTimestamp && right instanceof CelTimestamp) return duration(left.nanos - right.nanos);
  return undefined;
}

/** What the calendar and the clock show where the time zone is. */
function shown(of: (date: Date) => number): CelFunction {
  return ([moment, zone]) => {
    if (!(moment instanceof CelTimestamp) || (zone !== undefined && typeof zone !== 'string')) return undefined;
    const ms = Number(floored(moment.nanos, MILLISECOND));
    return BigInt(of(new Date(ms + (zone === undefined ? 0 : offsetMs(zone, ms)))));
  };
}

const OFFSET = /^([+-]?)(\d\d):(\d\d)$/;

function offsetMs(zone: string, ms: number): number {
  const [all, sign, hours, minutes] = OFFSET.exec(zone) ?? [];
  if (all !== undefined) return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000);
  try {
    return loadTimeZone(zone).offsetAt(ms);
  } catch (error) {
    if (error instanceof TimeZoneError) throw new CelError(error.message);
    throw error;
  }
}

/** Of a span, how often the unit goes into it; of a moment, what is shown. */
const countOrShown =
  (unit: bigint, of: (date: Date) => number): CelFunction =>
  (parameters, spend) => {
    const [span] = parameters;
    if (span instanceof CelDuration) return parameters.length === 1 ? span.nanos / unit : undefined;
    return shown(of)(parameters, spend);
  };

const DAY_MS = 86_400_000;
const dayOfYear = (date: Date): number => (date.getTime() - new Date(date).setUTCMonth(0, 1)) / DAY_MS;

export const TIMES: CelLibrary = {
  duration: ([value]) => {
    if (typeof value === 'string') return readDuration(value);
    return value instanceof CelDuration ? value : undefined;
  },
  timestamp: ([value]) => {
    if (typeof value === 'string') return readTimestamp(value);
    if (typeof value === 'bigint') return timestamp(value * SECOND);
    return value instanceof CelTimestamp ? value : undefined;
  },
  int: ([value]) => (value instanceof CelTimestamp ? floored(value.nanos, SECOND) : undefined),
  string: ([value]) => (value instanceof CelTimestamp || value instanceof CelDuration ? written(value) : undefined),
  '+': plus,
  '-': minus,
  getFullYear: shown((date) => date.getUTCFullYear()),
  getMonth: shown((date) => date.getUTCMonth()),
  getDate: shown((date) => date.getUTCDate()),
  getDayOfMonth: shown((date) => date.getUTCDate() - 1),
  getDayOfYear: shown(dayOfYear),
  getDayOfWeek: shown((date) => date.getUTCDay()),
  getHours: countOrShown(3600n * SECOND, (date) => date.getUTCHours()),
  getMinutes: countOrShown(60n * SECOND, (date) => date.getUTCMinutes()),
  getSeconds: countOrShown(SECOND, (date) => date.getUTCSeconds()),
  getMilliseconds: countOrShown(MILLISECOND, (date) => date.getUTCMilliseconds()),
};
