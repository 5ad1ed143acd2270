/** Small answers to unknown errors and impossible cases. */

/** The end of a switch over a closed set: a case that was forgotten does not compile. */
export function assertNever(value: never): never {
  throw new TypeError(`Cannot handle ${JSON.stringify(value)}: expected a known case`);
}

/** What to tell about anything that was thrown, causes included: "Cannot open store: disk is full". */
export function errorMessage(thrown: unknown): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  for (let at = thrown; at !== undefined && !seen.has(at); at = at instanceof Error ? at.cause : undefined) {
    seen.add(at);
    const text = at instanceof Error ? at.message || at.name : describe(at);
    // A wrapped error often says the same, with its code before it.
    if (!parts.some((part) => part.includes(text) || text.endsWith(part))) parts.push(text);
  }
  return parts.join(': ');
}

/** Whatever was thrown, as an error: itself if it is one. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(errorMessage(thrown));
}

function describe(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) return String(thrown.message);
  return String(thrown);
}
