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

function sameFields(left: Fields, right: Fields): boolean {
  let present = 0;
  for (const key of Object.keys(left)) {
    if (left[key] === undefined) continue;
    if (!Object.hasOwn(right, key) || !sameJson(left[key], right[key])) return false;
    present++;
  }
  return present === Object.keys(right).filter((key) => right[key] !== undefined).length;
}
