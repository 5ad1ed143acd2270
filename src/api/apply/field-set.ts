/** Sets of fields, in the very form in which `metadata.managedFields` shows them: combining them needs no conversion. Pure. */

/**
 * A tree of path elements (see `path-element.ts`). An element with nothing below it, or with `.` below it, is itself in the set;
 * the others only lead to elements that are. The root stands for the whole object, which is never in a set: an empty root is an empty set.
 */
export type FieldSet = { readonly [element: string]: FieldSet };

/** Below an element: the element itself is in the set. */
export const SELF = '.';

/** What is below an element that is in the set and has nothing below it. */
export const NOTHING_BELOW: FieldSet = Object.freeze({});
export const EMPTY_SET: FieldSet = Object.freeze({});

/** Whether the element above `below` is in the set. */
export function isMember(below: FieldSet): boolean {
  return below[SELF] !== undefined || isEmpty(below);
}

export function isEmpty(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

export function has(set: FieldSet, path: readonly string[]): boolean {
  let at: FieldSet | undefined = set;
  for (const element of path) {
    at = at[element];
    if (at === undefined) return false;
  }
  return path.length > 0 && isMember(at);
}

/** What is in either. Returns `left` itself when `right` adds nothing to it. */
export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right || isEmpty(right)) return left;
  return isEmpty(left) ? right : joined(left, right);
}

function joined(left: FieldSet, right: FieldSet): FieldSet {
  let merged: Building | undefined;
  for (const element in right) {
    const mine = left[element];
    const theirs = right[element]!;
    const both = mine === undefined ? theirs : unionBelow(mine, theirs);
    if (both !== mine) (merged ??= { ...left })[element] = both;
  }
  return merged ?? left;
}

type Building = Record<string, FieldSet>;

function unionBelow(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right) return left;
  if (isEmpty(right)) return isMember(left) ? left : { [SELF]: NOTHING_BELOW, ...left };
  if (isEmpty(left)) return isMember(right) ? right : { [SELF]: NOTHING_BELOW, ...right };
  return joined(left, right);
}

/** What is in `left` and not in `right`; leaving out an element does not leave out what is below it. Returns `left` itself when nothing is. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  return partsOf(left, right, differenceBelow);
}

function differenceBelow(left: FieldSet, right: FieldSet): FieldSet | undefined {
  const stays = isMember(left) && !isMember(right);
  return withMembership(left, partsOf(left, right, differenceBelow), stays);
}

/** What is in `left`, without the elements of `right` and everything below them. */
export function differenceBelowToo(left: FieldSet, right: FieldSet): FieldSet {
  return partsOf(left, right, (mine, theirs) =>
    isMember(theirs) ? undefined : withMembership(mine, differenceBelowToo(mine, theirs), isMember(mine)),
  );
}

type Reduce = (left: FieldSet, right: FieldSet) => FieldSet | undefined;

/** `left` with each of its elements that `right` has too reduced, or left out where nothing remains. */
function partsOf(left: FieldSet, right: FieldSet, reduce: Reduce): FieldSet {
  let reduced: Map<string, FieldSet | undefined> | undefined;
  for (const element in right) {
    const mine = left[element];
    if (mine === undefined || element === SELF) continue;
    const rest = reduce(mine, right[element]!);
    if (rest !== mine) (reduced ??= new Map()).set(element, rest);
  }
  return reduced === undefined ? left : replaced(left, reduced);
}

/** Built anew: an object from which a key was deleted is slow from then on. */
function replaced(set: FieldSet, parts: ReadonlyMap<string, FieldSet | undefined>): FieldSet {
  const next: Building = {};
  for (const element in set) put(next, element, parts.has(element) ? parts.get(element) : set[element]);
  return next;
}

/** Whether all of `inner` is in `outer` too. */
export function isWithin(inner: FieldSet, outer: FieldSet): boolean {
  if (inner === outer) return true;
  for (const element in inner) {
    if (element === SELF) continue;
    const mine = inner[element]!;
    const theirs = outer[element];
    if (theirs === undefined || (isMember(mine) && !isMember(theirs)) || !isWithin(mine, theirs)) return false;
  }
  return true;
}

/** What is in both. */
export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  const common: Building = {};
  for (const element in left) {
    const theirs = right[element];
    if (theirs === undefined || element === SELF) continue;
    const mine = left[element]!;
    const below =
      mine === theirs ? mine : withMembership(mine, intersection(mine, theirs), isMember(mine) && isMember(theirs));
    if (below !== undefined) common[element] = below;
  }
  return common;
}

/** The subtree `below` with or without its own element; undefined when nothing remains. `before` is returned if it says the same. */
function withMembership(before: FieldSet, below: FieldSet, member: boolean): FieldSet | undefined {
  if (below === before && isMember(before) === member) return before;
  if (!hasChildren(below)) return member ? NOTHING_BELOW : undefined;
  if (member === (below[SELF] !== undefined)) return below;
  return member ? { [SELF]: NOTHING_BELOW, ...below } : replaced(below, WITHOUT_SELF);
}

const WITHOUT_SELF: ReadonlyMap<string, undefined> = new Map([[SELF, undefined]]);

function hasChildren(set: FieldSet): boolean {
  for (const element in set) if (element !== SELF) return true;
  return false;
}

/** Puts an element with what is below it into a set that is being made. */
export function put(set: Building, element: string, below: FieldSet | undefined): void {
  if (below !== undefined) set[element] = below;
}

/** The paths of all members, each element before what is below it; `order` sorts the elements of one level. */
export function* pathsOf(
  set: FieldSet,
  order: (left: string, right: string) => number,
  above: readonly string[] = [],
): Generator<readonly string[]> {
  for (const element of Object.keys(set).toSorted(order)) {
    if (element === SELF) continue;
    const path = [...above, element];
    const below = set[element]!;
    if (isMember(below)) yield path;
    yield* pathsOf(below, order, path);
  }
}
