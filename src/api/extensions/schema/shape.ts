/** Brings an object into the shape of its schema, in one walk: defaults are filled in, nulls that may not be are dropped, unknown fields pruned. */
import { isJsonObject, type JsonObject } from '../../meta/json-value.ts';
import { messageSchema } from '../../schema/schema.ts';
import type { StructuralSchema } from './structural.ts';

export type Shaped = {
  /** The same value when nothing had to change. */
  readonly value: JsonObject;
  /** Paths of what was pruned, sorted. */
  readonly unknown: readonly string[];
};

// As many as upstream reports.
const MAX_UNKNOWN = 100;
const META_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** `object` is a whole object of the kind: its apiVersion, kind and metadata are left alone. Never changes it. */
export function shapeObject(schema: StructuralSchema, object: JsonObject): Shaped {
  const walk = new Walk();
  const root = schema.embedded ? schema : { ...schema, embedded: true };
  const value = walk.fields(root, object, schema.preserve);
  return { value, unknown: walk.unknown.toSorted() };
}

/** A part of an object, such as a default. */
function shapeValue(schema: StructuralSchema, value: unknown): unknown {
  return new Walk().value(schema, value, schema.preserve);
}

/** The value without what the schema does not know, and nothing filled in. */
export function pruneValue(schema: StructuralSchema, value: unknown): unknown {
  return new Walk('prune').value(schema, value, schema.preserve);
}

const metaFields = (): ReadonlyMap<string, unknown> =>
  messageSchema('k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta').fields;

class Walk {
  readonly #fills: boolean;
  readonly unknown: string[] = [];
  readonly #path: string[] = [];

  constructor(aim: 'prune' | 'shape' = 'shape') {
    this.#fills = aim === 'shape';
  }

  value(schema: StructuralSchema | undefined, value: unknown, keep: boolean): unknown {
    if (Array.isArray(value)) return this.#items(schema, value, keep);
    return isJsonObject(value) ? this.fields(schema, value, keep) : value;
  }

  fields(schema: StructuralSchema | undefined, object: JsonObject, keep: boolean): JsonObject {
    const entries: [string, unknown][] = [];
    let changed = false;
    for (const name of Object.keys(object)) {
      const before = object[name];
      const after = this.#field(schema, { name, value: before }, keep);
      changed ||= after !== before;
      if (after !== undefined) entries.push([name, after]);
    }
    const missing = schema === undefined || !this.#fills ? [] : this.#missing(schema, object);
    // Defines own keys: a field may be called `__proto__`.
    return changed || missing.length > 0 ? Object.fromEntries([...entries, ...missing]) : object;
  }

  #missing({ defaulted, properties }: StructuralSchema, object: JsonObject): readonly [string, unknown][] {
    return defaulted.flatMap((name): [string, unknown][] => {
      const part = properties.get(name);
      return part === undefined || Object.hasOwn(object, name) ? [] : [[name, this.#default(part)]];
    });
  }

  /** Undefined for a field that is dropped. */
  #field(schema: StructuralSchema | undefined, { name, value }: Field, keep: boolean): unknown {
    const part = partOf(schema, name);
    if (value === null && this.#fills && isNotNullable(part)) return this.#default(part);
    if (schema !== undefined && leavesAlone(schema, name)) return this.#leftAlone(name, value);
    if (part !== undefined || hasUnknown(schema)) return this.#below(name, { schema: part, value });
    if (!keep) this.#report(name);
    return keep ? value : undefined;
  }

  /** Of the object itself it is checked elsewhere; that of objects inside of it has the same fields and no others. */
  #leftAlone(name: string, value: unknown): unknown {
    if (name !== 'metadata' || this.#path.length === 0 || !isJsonObject(value)) return value;
    const known = Object.entries(value).filter(([field]) => metaFields().has(field));
    if (known.length === Object.keys(value).length) return value;
    for (const field of Object.keys(value)) if (!metaFields().has(field)) this.#report(`metadata.${field}`);
    return Object.fromEntries(known);
  }

  #below(name: string, { schema, value }: Part): unknown {
    this.#path.push(this.#path.length === 0 ? name : `.${name}`);
    const shaped = this.value(schema, value, schema?.preserve === true);
    this.#path.pop();
    return shaped;
  }

  #items(schema: StructuralSchema | undefined, list: readonly unknown[], keep: boolean): readonly unknown[] {
    const items = schema?.items;
    let changed = false;
    const shaped = list.map((item, index) => {
      this.#path.push(`[${index}]`);
      const filled = item === null && this.#fills && isNotNullable(items) ? (items.default ?? null) : item;
      const value = this.value(items, filled, keep || items?.preserve === true);
      this.#path.pop();
      if (value !== item) changed = true;
      return value;
    });
    return changed ? shaped : list;
  }

  /** Undefined when there is none. */
  #default(schema: StructuralSchema): unknown {
    return schema.default === undefined ? undefined : shapeValue(schema, schema.default);
  }

  #report(name: string): void {
    if (this.#path.length === 0 && META_FIELDS.has(name)) return;
    if (this.unknown.length >= MAX_UNKNOWN) return;
    this.unknown.push(this.#path.length === 0 ? name : `${this.#path.join('')}.${name}`);
  }
}

type Field = { readonly name: string; readonly value: unknown };
type Part = { readonly schema: StructuralSchema | undefined; readonly value: unknown };

function partOf(schema: StructuralSchema | undefined, name: string): StructuralSchema | undefined {
  const own = schema?.properties.get(name);
  if (own !== undefined || schema === undefined) return own;
  return typeof schema.additional === 'object' ? schema.additional : undefined;
}

function isNotNullable(schema: StructuralSchema | undefined): schema is StructuralSchema {
  return schema !== undefined && !schema.nullable;
}

function leavesAlone({ embedded }: StructuralSchema, name: string): boolean {
  return embedded && META_FIELDS.has(name);
}

/** Whether values under names that the schema does not know are there on purpose. */
function hasUnknown(schema: StructuralSchema | undefined): boolean {
  return schema?.additional !== undefined;
}
