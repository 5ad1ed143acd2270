/** Strategic merge patches: as JSON merge patches, but lists merge by their keys, and directives say what a value cannot. */
import { isJsonObject } from '../meta/json-value.ts';
import type { JsonObject } from '../meta/json-value.ts';
import { PatchError } from '../meta/patch-error.ts';
import { formatGo } from './go-format.ts';
import type { FieldSchema, MessageSchema } from './schema.ts';
import { DIRECTIVE, stripDirectives } from './strategic-directives.ts';
import { deleteScalars, mergeList, orderList } from './strategic-list.ts';
import type { ListMerge } from './strategic-list.ts';

const RETAIN_KEYS = '$retainKeys';
const ELEMENT_ORDER = '$setElementOrder/';
const DELETE_FROM_LIST = '$deleteFromPrimitiveList/';

/** Returns a new object that shares what did not change with the old one. Throws `PatchError`. */
export function applyStrategicMergePatch(schema: MessageSchema, original: JsonObject, patch: JsonObject): JsonObject {
  return mergeObject(schema, original, patch);
}

/** Without a schema — inside maps and raw values — objects merge and lists replace. */
function mergeObject(schema: MessageSchema | undefined, original: JsonObject, patch: JsonObject): JsonObject {
  if (Object.hasOwn(patch, DIRECTIVE)) return applyDirective(patch);
  const merging = new Merging(schema, retained(original, patch));
  const entries = Object.entries(patch).filter(([key]) => key !== RETAIN_KEYS);
  const orders = new Map(
    entries.flatMap(([key, order]) =>
      key.startsWith(ELEMENT_ORDER) ? [[key.slice(ELEMENT_ORDER.length), order]] : [],
    ),
  );
  for (const [name, order] of orders) merging.order(name, Object.hasOwn(patch, name) ? patch[name] : undefined, order);
  for (const [key, value] of entries) {
    if (key.startsWith(DELETE_FROM_LIST)) merging.deleteFrom(key.slice(DELETE_FROM_LIST.length), value);
    else if (!key.startsWith(ELEMENT_ORDER) && !orders.has(key)) merging.set(key, value);
  }
  return merging.result();
}

function applyDirective(patch: JsonObject): JsonObject {
  const directive = patch[DIRECTIVE];
  if (directive === 'replace') return stripDirectives(withoutKey(patch, DIRECTIVE)) as JsonObject;
  if (directive === 'delete') return {};
  throw new PatchError('Invalid', `unknown patch type: ${formatGo(directive)} in map: ${formatGo(patch)}`);
}

function withoutKey(object: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}

/** `$retainKeys` lists every key that may stay: what it leaves out goes. */
function retained(original: JsonObject, patch: JsonObject): JsonObject {
  const keys = Object.hasOwn(patch, RETAIN_KEYS) ? patch[RETAIN_KEYS] : undefined;
  if (keys === undefined) return original;
  const invalid = new PatchError('BadRequest', 'invalid patch format of retainKeys');
  if (!Array.isArray(keys)) throw invalid;
  const kept = new Set<unknown>(keys);
  for (const [key, value] of Object.entries(patch)) {
    if (value !== null && !key.startsWith('$') && !kept.has(key)) throw invalid;
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => kept.has(key)));
}

class Merging {
  readonly #schema: MessageSchema | undefined;
  // A map, not an object: keys come from users, and one may be called `__proto__`.
  readonly #parts: Map<string, unknown>;

  constructor(schema: MessageSchema | undefined, original: JsonObject) {
    this.#schema = schema;
    this.#parts = new Map(Object.entries(original));
  }

  result(): JsonObject {
    return Object.fromEntries(this.#parts);
  }

  set(key: string, value: unknown): void {
    const old = this.#parts.get(key);
    if (value === null) this.#parts.delete(key);
    else if (isJsonObject(old) && isJsonObject(value)) this.#mergeObject(key, old, value);
    else if (Array.isArray(old) && Array.isArray(value)) this.#parts.set(key, this.#mergedList(key, old, value));
    else this.#replace(key, value);
  }

  #replace(key: string, value: unknown): void {
    const kept = stripDirectives(value);
    if (kept === undefined) this.#parts.delete(key);
    else this.#parts.set(key, kept);
  }

  #mergeObject(key: string, old: JsonObject, value: JsonObject): void {
    const field = this.#field(key);
    if (strategyOf(field) === 'replace') this.#replace(key, value);
    else this.#parts.set(key, mergeObject(field?.map === true ? undefined : field?.message, old, value));
  }

  #mergedList(key: string, old: readonly unknown[], value: readonly unknown[]): readonly unknown[] {
    const field = this.#field(key);
    return strategyOf(field) === 'merge' ? mergeList(this.#listMerge(key), old, value) : value;
  }

  /** `$setElementOrder`: merges the list, then puts it in the order that the patch wants. */
  order(key: string, value: unknown, order: unknown): void {
    const old = this.#parts.get(key);
    for (const list of [order, value ?? [], old ?? []]) {
      if (!Array.isArray(list)) throw new PatchError('BadRequest', 'invalid patch format of setElementOrder list');
    }
    const oldList = (old ?? []) as readonly unknown[];
    if (old === undefined && value === undefined) return;
    const merge = this.#listMerge(key);
    const merged = value === undefined ? oldList : this.#mergedOrNew(key, old, value as readonly unknown[]);
    this.#parts.set(key, orderList(merge, { merged, order: order as readonly unknown[], before: oldList }));
  }

  #mergedOrNew(key: string, old: unknown, value: readonly unknown[]): readonly unknown[] {
    return Array.isArray(old) ? this.#mergedList(key, old, value) : (stripDirectives(value) as readonly unknown[]);
  }

  /** `$deleteFromPrimitiveList`. */
  deleteFrom(key: string, values: unknown): void {
    const old = this.#parts.get(key);
    if (!Array.isArray(values)) throw new PatchError('BadRequest', 'invalid patch format of primitive list');
    if (Array.isArray(old)) this.#parts.set(key, deleteScalars(old, values));
  }

  #field(key: string): FieldSchema | undefined {
    return this.#schema?.special === undefined ? this.#schema?.fields.get(key) : undefined;
  }

  #listMerge(key: string): ListMerge {
    const field = this.#field(key);
    return {
      mergeKey: field?.patchMergeKey,
      mergeItems: (old, patch) => mergeObject(field?.message, old, patch),
    };
  }
}

/** `merge`, `replace` or none; `retainKeys` beside it only tells clients to send that directive. */
function strategyOf(field: FieldSchema | undefined): string | undefined {
  return field?.patchStrategy?.split(',').find((strategy) => strategy !== 'retainKeys');
}
