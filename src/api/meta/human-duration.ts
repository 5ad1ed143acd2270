/** Durations as kubectl's tables show them: two or three significant figures, never more than two units. */

const SECOND_MS = 1000;

/** `90s`, `4m30s`, `3h5m`, `47h`, `5d3h`, `400d`, `3y10d`. A clock that runs up to two seconds behind still reads `0s`. */
export function humanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / SECOND_MS);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  return seconds < 3 * 3600 ? inMinutes(seconds) : inHours(Math.floor(seconds / 60));
}

function inMinutes(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes < 10 ? pair([minutes, 'm'], [seconds % 60, 's']) : `${minutes}m`;
}

function inHours(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return pair([hours, 'h'], [minutes % 60, 'm']);
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (days < 8) return pair([days, 'd'], [hours % 24, 'h']);
  if (days < 2 * 365) return `${days}d`;
  const years = Math.floor(days / 365);
  return days < 8 * 365 ? pair([years, 'y'], [days % 365, 'd']) : `${years}y`;
}

type Part = readonly [amount: number, unit: string];

const pair = (large: Part, small: Part): string => (small[0] === 0 ? large.join('') : large.join('') + small.join(''));

/** The age of a timestamp in a table cell. */
export function ageOf(timestamp: string | undefined, nowMs: number): string {
  const sinceMs = timestamp === undefined ? Number.NaN : Date.parse(timestamp);
  return Number.isNaN(sinceMs) ? '<unknown>' : humanDuration(nowMs - sinceMs);
}
