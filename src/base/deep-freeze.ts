/** Makes a value immutable to its leaves, so that it can be shared by reference. */

/**
 * Freezes `value` and everything it holds, in place, and returns it.
 * A frozen part is taken to be frozen throughout and is not visited again: a changed object that shares the rest with the
 * old one costs only what changed. Byte arrays cannot be frozen and are left as they are.
 */
export function deepFreeze<T>(value: T): T {
  if (freezable(value)) freezeFrom(value, []);
  return value;
}

// What is nested deeper waits in a list: a hostile body can be nested deeper than the stack.
const DEEPEST = 100;

function freezeFrom(value: object, deeper: object[]): void {
  freezeWhole(value, deeper, 0);
  for (let at = deeper.pop(); at !== undefined; at = deeper.pop()) freezeWhole(at, deeper, 0);
}

function freezeWhole(at: object, deeper: object[], depth: number): void {
  Object.freeze(at);
  // Not Object.values for all: half of the time went into its lists.
  if (Array.isArray(at)) for (const part of at as readonly unknown[]) freezePart(part, deeper, depth);
  else for (const name in at) freezePart((at as Readonly<Record<string, unknown>>)[name], deeper, depth);
}

function freezePart(part: unknown, deeper: object[], depth: number): void {
  if (!freezable(part)) return;
  if (depth < DEEPEST) freezeWhole(part, deeper, depth + 1);
  else deeper.push(part);
}

function freezable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Object.isFrozen(value) && !ArrayBuffer.isView(value);
}
