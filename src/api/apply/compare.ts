/** Which fields differ between two states of an object. Parts that both share by reference cost nothing. Pure. */
import { equalJson, isJsonObject, type JsonObject } from '../meta/json-value.ts';
import { type ApplyType, isLeafType, type ListType, type MapType, type Part, type StructType } from './apply-type.ts';
import { heldFields, partOf } from './collect-fields.ts';
import { EMPTY_SET, type FieldSet, isEmpty, NOTHING_BELOW } from './field-set.ts';
import { GrowingSet } from './growing-set.ts';
import { distinctElements, itemsByElement } from './list-items.ts';

export type Changes = {
  /** Added or given another value. */
  readonly written: FieldSet;
  readonly removed: FieldSet;
};

const NO_CHANGES: Changes = { written: EMPTY_SET, removed: EMPTY_SET };

export function compareObjects(type: ApplyType, before: JsonObject, after: JsonObject): Changes {
  const { written = EMPTY_SET, removed = EMPTY_SET } = compareValues(type, before, after) ?? {};
  return written === EMPTY_SET && removed === EMPTY_SET ? NO_CHANGES : { written, removed };
}

/** Of one part of an object, what was added or changed below it; undefined for nothing. */
export function writtenFields(type: ApplyType, before: unknown, after: unknown): FieldSet | undefined {
  return compareValues(type, before, after)?.written;
}

/** Absent where nothing below changed. */
type Difference = { readonly written: FieldSet | undefined; readonly removed: FieldSet | undefined };

function compareValues(type: ApplyType, before: unknown, after: unknown): Difference | undefined {
  if (before === after) return undefined;
  if (before === undefined) return { written: heldFields(type, after), removed: undefined };
  if (after === undefined) return { written: undefined, removed: heldFields(type, before) };
  if (isLeafType(type)) return compareLeaves(before, after);
  if (type.shape === 'list') return compareLists(type, before, after);
  return compareEntries(type as StructType | MapType, before, after);
}

function compareLeaves(before: unknown, after: unknown): Difference | undefined {
  return equalJson(before, after) ? undefined : { written: NOTHING_BELOW, removed: undefined };
}

class Differences {
  #written = GrowingSet.empty();
  #removed = GrowingSet.empty();

  add(element: string, difference: Difference | undefined): void {
    if (difference === undefined) return;
    const { written, removed } = difference;
    if (written !== undefined) this.#written = this.#written.with(element, written);
    if (removed !== undefined) this.#removed = this.#removed.with(element, removed);
  }

  /** What the kind does not have is nobody's. */
  addPart(part: Part | undefined, before: unknown, after: unknown): void {
    if (part !== undefined) this.add(part.element, compareValues(part.type, before, after));
  }

  result(): Difference | undefined {
    const written = this.#written.isEmpty ? undefined : this.#written.set;
    const removed = this.#removed.isEmpty ? undefined : this.#removed.set;
    return written === undefined && removed === undefined ? undefined : { written, removed };
  }
}

/** A null holds nothing, and two things that hold nothing are one leaf. */
function compareEntries(type: StructType | MapType, before: unknown, after: unknown): Difference | undefined {
  const left = isJsonObject(before) ? before : NO_ENTRIES;
  const right = isJsonObject(after) ? after : NO_ENTRIES;
  if (isEmpty(left as FieldSet) && isEmpty(right as FieldSet)) return compareLeaves(before, after);
  const differences = new Differences();
  for (const name in right) {
    const old = Object.hasOwn(left, name) ? left[name] : undefined;
    if (old !== right[name]) differences.addPart(partOf(type, name), old, right[name]);
  }
  for (const name in left) {
    if (!Object.hasOwn(right, name)) differences.addPart(partOf(type, name), left[name], undefined);
  }
  return differences.result();
}

const NO_ENTRIES: JsonObject = Object.freeze({});

function compareLists(type: ListType, before: unknown, after: unknown): Difference | undefined {
  const left = Array.isArray(before) ? (before as readonly unknown[]) : [];
  const right = Array.isArray(after) ? (after as readonly unknown[]) : [];
  if (left.length === 0 && right.length === 0) return compareLeaves(before, after);
  const [from, to] = [distinctElements(type, left), distinctElements(type, right)];
  if (from !== undefined && to !== undefined)
    return compareDistinct(type, { elements: from, items: left }, { elements: to, items: right });
  const old = itemsByElement(type, left);
  const differences = new Differences();
  for (const [element, items] of itemsByElement(type, right)) {
    differences.add(element, compareItems(type, old.get(element) ?? [], items));
    old.delete(element);
  }
  for (const [element, items] of old) differences.add(element, compareItems(type, items, []));
  return differences.result();
}

type Distinct = { readonly elements: readonly string[]; readonly items: readonly unknown[] };

function compareDistinct(type: ListType, before: Distinct, after: Distinct): Difference | undefined {
  const differences = new Differences();
  for (let at = 0; at < after.items.length; at++) {
    const element = after.elements[at]!;
    // Most items stand where they stood.
    const was = before.elements[at] === element ? at : before.elements.indexOf(element);
    differences.add(element, compareValues(type.items, before.items[was], after.items[at]));
  }
  for (let at = 0; at < before.items.length; at++) {
    const element = before.elements[at]!;
    if (!after.elements.includes(element))
      differences.add(element, compareValues(type.items, before.items[at], undefined));
  }
  return differences.result();
}

/** Items of one name: one of each as a rule. Where a name is taken twice, all items of the name are one leaf. */
function compareItems(type: ListType, before: readonly unknown[], after: readonly unknown[]): Difference | undefined {
  if (before.length <= 1 && after.length <= 1) return compareValues(type.items, before[0], after[0]);
  if (before.length === 0) return { written: NOTHING_BELOW, removed: undefined };
  if (after.length === 0) return { written: undefined, removed: NOTHING_BELOW };
  return compareLeaves(before, after);
}
