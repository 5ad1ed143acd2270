/** How strategic merge patches merge and order lists: scalars as sets, objects by their merge key. */
import { isJsonObject } from '../meta/json-value.ts';
import type { JsonObject } from '../meta/json-value.ts';
import { PatchError } from '../meta/patch-error.ts';
import { formatGo } from './go-format.ts';
import { DIRECTIVE, stripDirectives } from './strategic-directives.ts';

export type ListMerge = {
  /** Absent for lists of scalars. */
  readonly mergeKey: string | undefined;
  readonly mergeItems: (old: JsonObject, patch: JsonObject) => JsonObject;
};

type List = readonly unknown[];

/** `patch` is at least as strong as `old`: its items win, and its order with it. */
export function mergeList(merge: ListMerge, old: List, patch: List): List {
  if (patch.length === 0) return old;
  const ofObjects = isListOfObjects(old, patch);
  if (!ofObjects)
    return orderList(
      { ...merge, mergeKey: undefined },
      { merged: [...new Set([...old, ...patch])], order: patch, before: old },
    );
  if (merge.mergeKey === undefined) throw new PatchError('Invalid', 'cannot merge lists without merge key for struct');
  const { base, items } = applyItemDirectives(
    merge.mergeKey,
    old as readonly JsonObject[],
    patch as readonly JsonObject[],
  );
  return orderList(merge, { merged: mergeItems(merge, base, items), order: items, before: base });
}

export function deleteScalars(list: List, values: List): List {
  const gone = new Set(values);
  return list.filter((value) => !gone.has(value));
}

function isListOfObjects(old: List, patch: List): boolean {
  const objects = [...old, ...patch].filter(isJsonObject).length;
  if (objects !== 0 && objects !== old.length + patch.length) {
    throw new PatchError('Invalid', `list element types are not identical: ${formatGo([old, patch])}`);
  }
  if ([...old, ...patch].some((item) => Array.isArray(item)))
    throw new PatchError('Invalid', 'lists of lists are not supported');
  return objects !== 0;
}

type Split = { readonly base: readonly JsonObject[]; readonly items: readonly JsonObject[] };

/** Items with `$patch: delete` take out their namesakes; one with `$patch: replace` makes the rest the whole list. */
function applyItemDirectives(mergeKey: string, old: readonly JsonObject[], patch: readonly JsonObject[]): Split {
  const items = patch.filter((item) => !Object.hasOwn(item, DIRECTIVE));
  const gone = new Set<unknown>();
  let replaces = false;
  for (const item of patch) {
    if (!Object.hasOwn(item, DIRECTIVE)) continue;
    const directive = item[DIRECTIVE];
    if (directive === 'delete') gone.add(keyOf(item, mergeKey));
    else if (directive === 'replace') replaces = true;
    else if (directive === 'merge')
      throw new PatchError('Invalid', 'merging lists cannot yet be specified in the patch');
    else throw new PatchError('Invalid', `unknown patch type: ${formatGo(directive)} in map: ${formatGo(item)}`);
  }
  if (replaces) return { base: [], items };
  return { base: gone.size === 0 ? old : old.filter((item) => !gone.has(item[mergeKey])), items };
}

function mergeItems(
  merge: ListMerge,
  base: readonly JsonObject[],
  items: readonly JsonObject[],
): readonly JsonObject[] {
  const { mergeKey = '' } = merge;
  const merged = [...base];
  const places = placesOf(base, mergeKey);
  for (const item of items) {
    const key = keyOf(item, mergeKey);
    const place = places.get(key);
    if (place === undefined) {
      places.set(key, merged.length);
      merged.push(stripDirectives(item) as JsonObject);
    } else merged[place] = merge.mergeItems(merged[place]!, item);
  }
  return merged;
}

/** First place of every key: a list may wrongly hold a key twice. */
function placesOf(list: List, mergeKey: string | undefined): Map<unknown, number> {
  const places = new Map<unknown, number>();
  for (const [place, item] of list.entries()) {
    const key = identity(item, mergeKey);
    if (!places.has(key)) places.set(key, place);
  }
  return places;
}

function identity(item: unknown, mergeKey: string | undefined): unknown {
  return mergeKey !== undefined && isJsonObject(item) && Object.hasOwn(item, mergeKey) ? item[mergeKey] : item;
}

function keyOf(item: JsonObject, mergeKey: string): unknown {
  if (Object.hasOwn(item, mergeKey)) return item[mergeKey];
  throw new PatchError('Invalid', `map: ${formatGo(item)} does not contain declared merge key: ${mergeKey}`);
}

type Ordering = {
  readonly merged: List;
  /** The order the patch wants for the items it names. */
  readonly order: List;
  /** The list before the patch: what the patch does not name keeps its place relative to what it does. */
  readonly before: List;
};

/** Items that the patch names stand in its order; the others keep their order and stay before what they were before. */
export function orderList({ mergeKey }: ListMerge, { merged, order, before }: Ordering): List {
  const wanted = placesOf(order, mergeKey);
  const formerly = placesOf(before, mergeKey);
  const byPlace = (places: ReadonlyMap<unknown, number>) => (left: unknown, right: unknown) =>
    (places.get(identity(left, mergeKey)) ?? 0) - (places.get(identity(right, mergeKey)) ?? 0);
  const named = merged.filter((item) => wanted.has(identity(item, mergeKey))).toSorted(byPlace(wanted));
  const others = merged.filter((item) => !wanted.has(identity(item, mergeKey))).toSorted(byPlace(formerly));
  const former = (item: unknown): number => formerly.get(identity(item, mergeKey)) ?? -1;
  const result: unknown[] = [];
  let next = 0;
  for (const item of named) {
    while (next < others.length && former(item) >= 0 && former(others[next]) < former(item)) {
      result.push(others[next]);
      next += 1;
    }
    result.push(item);
  }
  return [...result, ...others.slice(next)];
}
