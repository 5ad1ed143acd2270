/** Lays an applied configuration over an object: what it names gets its values, all else stays. Pure. */
import { equalJson, isJsonObject, type JsonObject } from '../meta/json-value.ts';
import { type ApplyType, isLeafType, type ListType, type MapType, type StructType } from './apply-type.ts';
import { partTypeOf } from './collect-fields.ts';
import { elementOf } from './list-items.ts';

/** Shares with `live` what does not change; returns it as it is when nothing does. The configuration has been checked before. */
export function mergeConfiguration(type: ApplyType, live: JsonObject, configuration: JsonObject): JsonObject {
  return mergeValues(type, live, configuration) as JsonObject;
}

function mergeValues(type: ApplyType, live: unknown, applied: unknown): unknown {
  if (live === undefined || live === applied) return applied;
  if (isLeafType(type)) return equalJson(live, applied) ? live : applied;
  if (type.shape === 'list') return mergeLists(type, live, applied);
  return mergeEntries(type as StructType | MapType, live, applied);
}

/** Nothing laid over something leaves it as it is. */
function mergeEntries(type: StructType | MapType, live: unknown, applied: unknown): unknown {
  if (!isJsonObject(live) || isEmptyObject(live)) return applied;
  if (!isJsonObject(applied)) return live;
  const changed = new Map<string, unknown>();
  for (const [name, value] of Object.entries(applied)) {
    const partType = partTypeOf(type, name);
    const old = Object.hasOwn(live, name) ? live[name] : undefined;
    const merged = partType === undefined ? value : mergeValues(partType, old, value);
    if (merged !== old) changed.set(name, merged);
  }
  // Defines own keys: a label may be called `__proto__`.
  return changed.size === 0 ? live : Object.fromEntries(new Map([...Object.entries(live), ...changed]));
}

const isEmptyObject = (value: JsonObject): boolean => Object.keys(value).length === 0;

type Item = { readonly element: string; readonly value: unknown };

function mergeLists(type: ListType, live: unknown, applied: unknown): unknown {
  if (!Array.isArray(live) || live.length === 0) return applied;
  if (!Array.isArray(applied) || applied.length === 0) return live;
  const merged = new ListMerge(type, namedItems(type, live), namedItems(type, applied)).result();
  return merged.length === live.length && merged.every((item, index) => item === live[index]) ? live : merged;
}

function namedItems(type: ListType, list: readonly unknown[]): readonly Item[] {
  return list.flatMap((value) => {
    const element = elementOf(type, value);
    return typeof element === 'string' ? [{ element, value }] : [];
  });
}

/** Items that both lists have stand in the order of the configuration; the others keep their place between them. */
class ListMerge {
  readonly #type: ListType;
  readonly #live: readonly Item[];
  readonly #applied: readonly Item[];
  readonly #liveValues = new Map<string, unknown>();
  readonly #appliedValues: ReadonlyMap<string, unknown>;
  /** What both have, in the order of the configuration, as far as it has not been placed. */
  readonly #shared: string[];
  readonly #placed = new Set<string>();
  readonly #merged: unknown[] = [];

  constructor(type: ListType, live: readonly Item[], applied: readonly Item[]) {
    this.#type = type;
    this.#live = live;
    this.#applied = applied;
    // Of items of one name none is like the applied one: it replaces them all.
    for (const { element, value } of live)
      this.#liveValues.set(element, this.#liveValues.has(element) ? undefined : value);
    this.#appliedValues = new Map(applied.map(({ element, value }) => [element, value]));
    this.#shared = applied.flatMap(({ element }) => (this.#liveValues.has(element) ? [element] : []));
  }

  result(): readonly unknown[] {
    let next = 0;
    for (const item of this.#live) {
      if (!this.#appliedValues.has(item.element)) {
        this.#merged.push(item.value);
        continue;
      }
      if (this.#placed.has(item.element)) continue;
      // A shared item whose turn has not come is placed later, with those that the configuration puts before it.
      if (this.#shared[0] !== item.element) continue;
      next = this.#placeUpTo(item.element, next);
    }
    for (const { element } of this.#applied.slice(next)) this.#place(element);
    return this.#merged;
  }

  /** Places what the configuration has up to and including `element`; returns how far it has come. */
  #placeUpTo(element: string, from: number): number {
    for (let index = from; index < this.#applied.length; index++) {
      const at = this.#applied[index]!.element;
      this.#place(at);
      if (at === element) return index + 1;
    }
    return this.#applied.length;
  }

  #place(element: string): void {
    if (this.#shared[0] === element) this.#shared.shift();
    this.#placed.add(element);
    this.#merged.push(mergeValues(this.#type.items, this.#liveValues.get(element), this.#appliedValues.get(element)));
  }
}
