/** Makes a value immutable to its leaves, so that it can be shared by reference. */

/**
 * Freezes `value` and everything it holds, in place, and returns it.
 * A frozen part is taken to be frozen throughout and is not visited again: a changed object that shares the rest with the
 * old one costs only what changed. Byte arrays cannot be frozen and are left as they are.
 */
export function deepFreeze<T>(value: T): T {
  if (!freezable(value)) return value;
  const open: object[] = [Object.freeze(value)];
  // A list of what is left, not recursion: a hostile body can be nested deeper than the stack.
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    // Not Object.values for all: half of the time went into its lists.
    if (Array.isArray(at)) for (const part of at as readonly unknown[]) freezeInto(open, part);
    else for (const name in at) freezeInto(open, (at as Readonly<Record<string, unknown>>)[name]);
  }
  return value;
}

function freezeInto(open: object[], part: unknown): void {
  if (freezable(part)) open.push(Object.freeze(part));
}

function freezable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Object.isFrozen(value) && !ArrayBuffer.isView(value);
}
