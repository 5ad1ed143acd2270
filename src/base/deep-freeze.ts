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
    for (const part of Object.values(at)) if (freezable(part)) open.push(Object.freeze(part));
  }
  return value;
}

function freezable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Object.isFrozen(value) && !ArrayBuffer.isView(value);
}
