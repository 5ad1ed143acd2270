/** Times as the API writes them: RFC 3339 in UTC, to the second for most fields and to the microsecond for leases and events. */

export class TimeError extends Error {
  override readonly name = 'TimeError';
}

/** A moment: whole seconds since 1970, and the microseconds beyond them. */
export type Moment = { readonly seconds: number; readonly micros: number };

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;
let latest = { seconds: 0, text: '1970-01-01T00:00:00Z' };

/** `2026-11-23T06:30:00Z`: milliseconds since 1970 cut down to the second. */
export function formatTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  // Most of what is written in a second is written again and again: one text for all.
  if (latest.seconds !== seconds) latest = { seconds, text: formatMoment({ seconds, micros: 0 }, 'seconds') };
  return latest.text;
}

/** `2026-11-23T06:30:00.123000Z`. Clocks give milliseconds; the last three digits are zero. */
export function formatMicroTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const micros = (Math.floor(ms) - seconds * 1000) * 1000;
  return `${formatTime(ms).slice(0, -1)}.${String(micros).padStart(6, '0')}Z`;
}

export function formatMoment({ seconds, micros }: Moment, precision: 'seconds' | 'micros'): string {
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return precision === 'seconds' ? `${whole}Z` : `${whole}.${String(micros).padStart(6, '0')}Z`;
}

/** Reads any RFC 3339 time; throws `TimeError` with upstream's message. */
export function parseMoment(text: string): Moment {
  const match = RFC3339.exec(text);
  if (match === null) throw new TimeError(cannotParse(text));
  const seconds = utcSeconds(text);
  const [fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match.slice(7);
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === '-' ? -60 : 60);
  return { seconds: seconds - offset, micros: Number(fraction.slice(0, 6).padEnd(6, '0')) };
}

/** The date and the clock of an RFC 3339 text, its offset left aside. */
function utcSeconds(text: string): number {
  const whole = text.slice(0, 19);
  const ms = Date.parse(`${whole}Z`);
  // The platform rolls 30 February over into March: only what prints the same again is a date.
  if (!Number.isNaN(ms) && new Date(ms).toISOString().startsWith(whole)) return ms / 1000;
  throw new TimeError(`parsing time ${JSON.stringify(text)}: ${outOfRange(whole)} out of range`);
}

/** Milliseconds since 1970; undefined for a time that is not there. */
export function parseTime(text: string): number;
export function parseTime(text: string | undefined): number | undefined;
export function parseTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const { seconds, micros } = parseMoment(text);
  return seconds * 1000 + Math.floor(micros / 1000);
}

function outOfRange(text: string): string {
  const [, month = 0, , hour = 0, minute = 0, second = 0] = text.split(/[-T:]/).map(Number);
  if (month < 1 || month > 12) return 'month';
  if (hour > 23) return 'hour';
  if (minute > 59) return 'minute';
  return second > 59 ? 'second' : 'day';
}

/** Go names the part of its layout where reading stopped, and the text from there on. */
function cannotParse(text: string): string {
  const steps: readonly (readonly [part: string, shape: RegExp])[] = [
    ['2006', /^\d{4}/],
    ['-', /^-/],
    ['01', /^\d\d/],
    ['-', /^-/],
    ['02', /^\d\d/],
    ['T', /^T/],
    ['15', /^\d\d/],
    [':', /^:/],
    ['04', /^\d\d/],
    [':', /^:/],
    ['05', /^\d\d(?:[.,]\d+)?/],
    ['Z07:00', /^(?:Z|[+-]\d\d:\d\d)/],
  ];
  let rest = text;
  const shown = JSON.stringify(text);
  for (const [part, shape] of steps) {
    const found = shape.exec(rest)?.[0];
    if (found === undefined) {
      return `parsing time ${shown} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(rest)} as "${part}"`;
    }
    rest = rest.slice(found.length);
  }
  return `parsing time ${shown}: extra text: ${JSON.stringify(rest)}`;
}
