/** Times as the API writes them: RFC 3339 in UTC, whole seconds for `Time`, microseconds for `MicroTime`. */

/** `2026-11-05T10:20:30Z` */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** `2026-11-05T10:20:30.123000Z` */
export function formatMicroTime(ms: number): string {
  return new Date(ms).toISOString().replace(/Z$/, '000Z');
}

/** Milliseconds since the epoch; undefined when there is no time or it cannot be read. */
export function parseTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
