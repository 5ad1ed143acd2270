/** Names the items of lists whose items have owners: by their keys, or by their values. Pure. */
import { isJsonObject, type JsonObject } from '../meta/json-value.ts';
import type { ListType } from './apply-type.ts';
import { itemElement, keyElement, valueElement } from './path-element.ts';

/** Why an item cannot be named, in upstream's words. */
export type Unnamed = { readonly problem: string };

export function elementOf(type: ListType, item: unknown): string | Unnamed {
  return type.relation === 'map' ? elementByKeys(type, item) : elementByValue(item);
}

function elementByKeys(type: ListType, item: unknown): string | Unnamed {
  if (item === null) return { problem: 'associative list with keys may not have a null element' };
  if (!isJsonObject(item)) return { problem: 'associative list with keys may not have non-map elements' };
  const { keys } = type;
  const [only = ''] = keys;
  if (keys.length === 1 && typeof item[only] === 'string') return itemElement(only, item[only]);
  const pairs: [string, unknown][] = [];
  for (const name of keys) {
    const value = keyOf(type, item, name);
    if (value !== undefined) pairs.push([name, value]);
  }
  if (pairs.length > 0) return keyElement(pairs);
  const names = keys.map((key) => JSON.stringify(key)).join(' ');
  return {
    problem: `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
  };
}

function keyOf({ items }: ListType, item: JsonObject, name: string): unknown {
  const own = Object.hasOwn(item, name) ? item[name] : undefined;
  return own ?? (items.shape === 'struct' ? items.defaultOf(name) : undefined);
}

function elementByValue(item: unknown): string | Unnamed {
  if (item === null) return { problem: "associative list without keys has an element that's an explicit null" };
  if (Array.isArray(item)) return { problem: 'not supported: associative list with lists as elements' };
  if (isJsonObject(item)) return { problem: "associative list without keys has an element that's a map type" };
  return valueElement(item);
}

// Few items are found faster one by one than through a map that has to be made first.
const FEW_ITEMS = 16;

/** The elements of the items of a short list, each of another name, as nearly all lists are; else undefined. */
export function distinctElements(type: ListType, list: readonly unknown[]): readonly string[] | undefined {
  if (list.length > FEW_ITEMS) return undefined;
  // Not pushed one by one: room for a dozen more would be made with each list.
  const found = list.map((item) => elementOf(type, item));
  return found.every(isNew) ? found : undefined;
}

const isNew = (element: string | Unnamed, at: number, all: readonly (string | Unnamed)[]): element is string =>
  typeof element === 'string' && all.indexOf(element) === at;

/** Items by their elements, in order. Items of one name stand together; what cannot be named is left out. */
export function itemsByElement(type: ListType, list: readonly unknown[]): Map<string, readonly unknown[]> {
  const found = new Map<string, unknown[]>();
  for (const item of list) {
    const element = elementOf(type, item);
    if (typeof element !== 'string') continue;
    const same = found.get(element);
    if (same === undefined) found.set(element, [item]);
    else same.push(item);
  }
  return found;
}
