/** Looks into JSON values whose keys come from strangers: own keys only, prototypes never touched. */

import { isExactInteger, sameNumber } from './exact-integer.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactInteger(value);
}

/** A copy that shares nothing with `value`. */
export function cloneJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cloneJson);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, cloneJson(part)]));
}

/** Equal as JSON: the order of keys does not count. */
export function equalJson(left: unknown, right: unknown): boolean {
  if (sameNumber(left, right)) return true;
  if (Array.isArray(left) || Array.isArray(right)) {
    return Array.isArray(left) && Array.isArray(right) && equalLists(left, right);
  }
  return isJsonObject(left) && isJsonObject(right) && equalObjects(left, right);
}

function equalLists(left: readonly unknown[], right: readonly unknown[]): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (!equalJson(left[index], right[index])) return false;
  return true;
}

// Everybody compares all the time: nothing is made for it, not even lists of keys.
function equalObjects(left: JsonObject, right: JsonObject): boolean {
  let more = 0;
  for (const key in left) {
    if (!Object.hasOwn(right, key) || !equalJson(left[key], right[key])) return false;
    more++;
  }
  for (const _key in right) more--;
  return more === 0;
}
