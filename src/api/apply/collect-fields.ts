/** The fields a value has: as an applied configuration names them, and as an object holds them. Pure. */
import { isJsonObject, type JsonObject } from '../meta/json-value.ts';
import { type ApplyType, isLeafType, type ListType, type MapType, type Part, type StructType } from './apply-type.ts';
import { EMPTY_SET, type FieldSet, isEmpty, NOTHING_BELOW, put, SELF } from './field-set.ts';
import { GrowingSet } from './growing-set.ts';
import { distinctElements, itemsByElement } from './list-items.ts';
import { fieldElement } from './path-element.ts';

/** What a configuration claims: leaves, items of lists, entries of maps, and whatever it sets to nothing. */
export function claimedFields(type: ApplyType, value: unknown): FieldSet {
  return claimed(type, value) ?? EMPTY_SET;
}

/** Undefined when nothing below the value is claimed; the value itself is claimed by what holds it. */
function claimed(type: ApplyType, value: unknown): FieldSet | undefined {
  if (isLeafType(type)) return NOTHING_BELOW;
  if (type.shape === 'list') return Array.isArray(value) ? claimedItems(type, value) : undefined;
  return isJsonObject(value) ? claimedEntries(type as StructType | MapType, value) : undefined;
}

function claimedEntries(type: StructType | MapType, value: JsonObject): FieldSet | undefined {
  const set: Record<string, FieldSet> = {};
  for (const name of Object.keys(value)) {
    const part = value[name];
    const partType = partTypeOf(type, name);
    if (part === undefined || partType === undefined) continue;
    const below = claimed(partType, part);
    const itself = type.shape === 'map' || part === null || (isJsonObject(part) && isEmpty(part as FieldSet));
    put(set, fieldElement(name), itself ? withSelf(below) : below);
  }
  return isEmpty(set) ? undefined : set;
}

function claimedItems(type: ListType, list: readonly unknown[]): FieldSet | undefined {
  const set: Record<string, FieldSet> = {};
  for (const [element, items] of itemsByElement(type, list)) {
    set[element] = items.length > 1 ? NOTHING_BELOW : withSelf(claimed(type.items, items[0]));
  }
  return isEmpty(set) ? undefined : set;
}

/** Everything an object has there, the holders of parts included. */
export function heldFields(type: ApplyType, value: unknown): FieldSet {
  if (isLeafType(type)) return NOTHING_BELOW;
  if (type.shape === 'list') return Array.isArray(value) ? heldItems(type, value) : NOTHING_BELOW;
  return isJsonObject(value) ? heldEntries(type as StructType | MapType, value) : NOTHING_BELOW;
}

function heldEntries(type: StructType | MapType, value: JsonObject): FieldSet {
  return type.shape === 'map' && isLeafType(type.values) ? heldNames(type, value) : heldParts(type, value);
}

type Named = { readonly names: readonly string[]; readonly fields: FieldSet };

// What is requested is mostly limited, too.
let namedBefore: Named | undefined;

function heldNames(type: MapType, value: JsonObject): FieldSet {
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  if (namedBefore === undefined || !isSameList(namedBefore.names, names))
    namedBefore = { names, fields: heldParts(type, value) };
  return namedBefore.fields;
}

const isSameList = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((each, at) => each === right[at]);

function heldParts(type: StructType | MapType, value: JsonObject): FieldSet {
  let set = itself();
  for (const name in value) {
    const part = partOf(type, name);
    if (value[name] !== undefined && part !== undefined)
      set = set.with(part.element, heldFields(part.type, value[name]));
  }
  return withoutLoneSelf(set);
}

function heldItems(type: ListType, list: readonly unknown[]): FieldSet {
  let set = itself();
  const elements = distinctElements(type, list);
  if (elements !== undefined) {
    for (let at = 0; at < list.length; at++) set = set.with(elements[at]!, heldFields(type.items, list[at]));
    return withoutLoneSelf(set);
  }
  for (const [element, items] of itemsByElement(type, list))
    set = set.with(element, items.length > 1 ? NOTHING_BELOW : heldFields(type.items, items[0]));
  return withoutLoneSelf(set);
}

const itself = (): GrowingSet => GrowingSet.empty().with(SELF, NOTHING_BELOW);

/** With nothing below it, an element needs not say that it is in the set itself. */
const withoutLoneSelf = (set: GrowingSet): FieldSet => (set === itself() ? NOTHING_BELOW : set.set);

export function partOf(type: StructType | MapType, name: string): Part | undefined {
  return type.shape === 'map' ? { element: fieldElement(name), type: type.values } : type.part(name);
}

export function partTypeOf(type: StructType | MapType, name: string): ApplyType | undefined {
  return type.shape === 'map' ? type.values : type.field(name);
}

function withSelf(below: FieldSet | undefined): FieldSet {
  if (below === undefined || isEmpty(below)) return NOTHING_BELOW;
  return below[SELF] === undefined ? { [SELF]: NOTHING_BELOW, ...below } : below;
}
