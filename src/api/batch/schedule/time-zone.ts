/** Time zones by the names of the public database: which there are, and how far each is from UTC at a moment. */

export type TimeZone = {
  readonly name: string;
  /** What is to be added to UTC at this moment, in milliseconds. */
  readonly offsetAt: (ms: number) => number;
};

/** A name that no time zone has, in upstream's words. */
export class TimeZoneError extends Error {
  override readonly name = 'TimeZoneError';
}

export const UTC: TimeZone = { name: 'UTC', offsetAt: () => 0 };

const NANOS_PER_MS = 1_000_000;

/** Throws for a name that is not in the database, spelled as it is there. */
export function loadTimeZone(name: string): TimeZone {
  if (name === 'UTC' || name === '') return UTC;
  // The platform also takes offsets and any spelling.
  if (!/^[A-Za-z]/.test(name) || spelled(name) !== name) throw new TimeZoneError(`unknown time zone ${name}`);
  return { name, offsetAt: (ms) => zoned(ms, name).offsetNanoseconds / NANOS_PER_MS };
}

function spelled(name: string): string | undefined {
  try {
    return zoned(0, name).timeZoneId;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const zoned = (ms: number, name: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(name);

/** `2026-07-01T09:00:00+02:00`, and with `Z` in UTC. */
export function formatInZone(ms: number, zone: TimeZone): string {
  const offsetMs = zone.offsetAt(ms);
  const text = new Date(ms + offsetMs).toISOString().slice(0, 19);
  if (offsetMs === 0) return `${text}Z`;
  const minutes = Math.abs(offsetMs) / 60_000;
  const digits = (value: number): string => String(Math.trunc(value)).padStart(2, '0');
  return `${text}${offsetMs < 0 ? '-' : '+'}${digits(minutes / 60)}:${digits(minutes % 60)}`;
}
