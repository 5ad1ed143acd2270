/** Reads cron expressions: five fields, `@hourly` and its like, `@every 1h30m`, each with a time zone before it if need be. */
import { DurationError, parseGoDuration } from '../../meta/go-duration.ts';
import { type Bounds, type Field, parseField, ScheduleError } from './field.ts';
import { loadTimeZone, type TimeZone, TimeZoneError, UTC } from './time-zone.ts';

export { ScheduleError } from './field.ts';

/** Moments that the fields match, in a time zone. */
export type CalendarSchedule = {
  readonly minutes: Field;
  readonly hours: Field;
  readonly daysOfMonth: Field;
  readonly months: Field;
  readonly daysOfWeek: Field;
  readonly zone: TimeZone;
};

export type Schedule = { readonly everyMs: number } | CalendarSchedule;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const BOUNDS: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
];

const DESCRIPTORS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);
const EVERY = '@every ';
const NANOS_PER_SECOND = 1_000_000_000n;

/** Throws `ScheduleError`, in upstream's words. `zone` is where the clock hangs, unless the text says otherwise. */
export function parseSchedule(text: string, zone: TimeZone = UTC): Schedule {
  if (text === '') throw new ScheduleError('empty spec string');
  const [, name, rest = ''] = /^(?:CRON_)?TZ=(\S*)(.*)$/s.exec(text) ?? [];
  if (name !== undefined) return parseZoned(rest.trim(), zoneOf(name));
  return parseZoned(text, zone);
}

function zoneOf(name: string): TimeZone {
  try {
    return loadTimeZone(name);
  } catch (error) {
    if (error instanceof TimeZoneError) throw new ScheduleError(`provided bad location ${name}: ${error.message}`);
    throw error;
  }
}

function parseZoned(text: string, zone: TimeZone): Schedule {
  if (text.startsWith(EVERY)) return { everyMs: parseInterval(text) };
  const known = DESCRIPTORS.get(text);
  if (known === undefined && text.startsWith('@')) throw new ScheduleError(`unrecognized descriptor: ${text}`);
  const fields = (known ?? text).split(/\s+/).filter((field) => field !== '');
  if (fields.length !== BOUNDS.length)
    throw new ScheduleError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = fields.map((field, at) => parseField(field, BOUNDS[at]!));
  return {
    minutes: minutes!,
    hours: hours!,
    daysOfMonth: daysOfMonth!,
    months: months!,
    daysOfWeek: daysOfWeek!,
    zone,
  };
}

/** Whole seconds, and at least one. */
function parseInterval(text: string): number {
  try {
    const seconds = parseGoDuration(text.slice(EVERY.length)) / NANOS_PER_SECOND;
    return Math.max(1, Number(seconds)) * 1000;
  } catch (error) {
    if (error instanceof DurationError) throw new ScheduleError(`failed to parse duration ${text}: ${error.message}`);
    throw error;
  }
}
