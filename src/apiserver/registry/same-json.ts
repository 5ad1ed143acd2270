/** Whether two values have the same JSON: what decides that a write changes nothing. */

/** Shared parts are not looked into; a key whose value is undefined counts as absent, as it does in JSON. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) return sameList(left, right);
  return sameFields(left as Fields, right as Fields);
}

type Fields = Readonly<Record<string, unknown>>;

function sameList(left: unknown, right: unknown): boolean {
  if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
  return left.every((value, index) => sameJson(value, right[index]));
}

/** The same of two objects, whatever either has under `key`. */
export function sameJsonBut(key: string, left: object, right: object): boolean {
  return left === right || sameFields(left as Fields, right as Fields, key);
}

function sameFields(left: Fields, right: Fields, but?: string): boolean {
  for (const key of Object.keys(left)) {
    if (key === but || left[key] === undefined) continue;
    if (!Object.hasOwn(right, key) || !sameJson(left[key], right[key])) return false;
  }
  return Object.keys(right).every((key) => key === but || right[key] === undefined || has(left, key));
}

const has = (fields: Fields, key: string): boolean => Object.hasOwn(fields, key) && fields[key] !== undefined;
