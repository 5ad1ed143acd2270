/** The fields that the maker of an object owns, worked out once for parts that many objects share by reference. Pure. */
import { deepFreeze } from '#base/deep-freeze';
import { Recent } from '#base/recent';
import type { JsonObject } from '../meta/json-value.ts';
import { zeroOf } from '../schema/decode-scalar.ts';
import type { FieldSchema, MessageSchema } from '../schema/schema.ts';
import { type ApplyType, isLeafType, structType, type StructType } from './apply-type.ts';
import { writtenFields } from './compare.ts';
import { type FieldSet, isEmpty, isWithin, NOTHING_BELOW, put, SELF } from './field-set.ts';
import { SERVER_METADATA } from './owned-fields.ts';
import { fieldElement } from './path-element.ts';

const zeros = new WeakMap<MessageSchema, JsonObject>();

/** What an object of the kind is before anybody has written it: the parts that are always there, empty. */
export function zeroObject(schema: MessageSchema): JsonObject {
  let zero = zeros.get(schema);
  if (zero === undefined) {
    zero = zeroMessage(schema);
    zeros.set(schema, zero);
  }
  return zero;
}

function zeroMessage({ fields }: MessageSchema): JsonObject {
  const zeros = [...fields.values()].map((field) => [field.name, zeroValue(field)] as const);
  return Object.fromEntries(zeros.filter(([, value]) => value !== undefined));
}

/** Structs that are no pointers are always there upstream, scalars and lists only where JSON never leaves them out. */
function zeroValue(field: FieldSchema): unknown {
  if (field.pointer) return undefined;
  const isLeaf = field.list || field.map || field.scalar !== undefined;
  if (!isLeaf) return zeroStruct(field.message);
  return field.required || field.alwaysWritten ? zeroLeaf(field) : undefined;
}

function zeroStruct(message: MessageSchema | undefined): JsonObject | undefined {
  if (message === undefined || message.special !== undefined || message.isListWrapper) return undefined;
  return zeroMessage(message);
}

function zeroLeaf({ list, map, scalar }: FieldSchema): unknown {
  if (list) return [];
  return map || scalar === undefined ? {} : zeroOf(scalar);
}

type Maker = {
  readonly schema: MessageSchema;
  /** Top-level fields that making an object does not set. */ readonly reset: readonly string[];
};

export function createdFields({ schema, reset }: Maker, object: JsonObject): FieldSet {
  const type = structType(schema);
  const zero = zeroObject(schema);
  const set: Record<string, FieldSet> = {};
  for (const name of Object.keys(object)) {
    if (name === 'apiVersion' || name === 'kind' || reset.includes(name)) continue;
    const part = { before: zero[name], after: object[name] };
    put(set, fieldElement(name), name === 'metadata' ? fieldsOfMetadata(type, part) : fieldsOfPart(type, name, part));
  }
  return asBefore(schema, set);
}

const latest = new WeakMap<MessageSchema, FieldSet>();

/** Many objects in a row have the same fields: they share one set, which costs no memory and is frozen once. */
function asBefore(schema: MessageSchema, set: FieldSet): FieldSet {
  const before = latest.get(schema);
  if (before !== undefined && isWithin(before, set) && isWithin(set, before)) return before;
  latest.set(schema, deepFreeze(set));
  return set;
}

type Part = { readonly before: unknown; readonly after: unknown };

function fieldsOfPart(owner: StructType, name: string, part: Part): FieldSet | undefined {
  const type = owner.field(name);
  if (type === undefined) return undefined;
  const { before, after } = part;
  if (typeof after !== 'object' || after === null) return writtenFields(type, before, after);
  if (!Object.isFrozen(after)) return fieldsOfValue(type, { before, after });
  return name === 'spec' ? fieldsOfSpec(type, { before, after }) : fieldsOfOther(type, { before, after });
}

function fieldsOfValue(type: ApplyType, { before, after }: Shareable): FieldSet | undefined {
  return before === undefined && isOfLeaves(type) ? fieldsOfNames(after) : writtenFields(type, before, after);
}

/** Labels, annotations, data: whose names are all that counts. */
function isOfLeaves(type: ApplyType): boolean {
  return type.shape === 'map' && !type.atomic && isLeafType(type.values);
}

const KNOWN_NAMES = 1000;
const metNames = new Recent<string, FieldSet>(KNOWN_NAMES);

/** Many objects have the same names in their labels, and few names in their data. */
function fieldsOfNames(map: object): FieldSet {
  const names = Object.keys(map);
  // With the number of names before them, no names with a zero in them pass for others.
  const text = `${names.length}\0${names.join('\0')}`;
  const met = metNames.get(text);
  if (met !== undefined) return met;
  const elements = names.map((name) => [fieldElement(name), NOTHING_BELOW]);
  const fields: FieldSet = Object.freeze(
    names.length === 0 ? {} : Object.fromEntries([[SELF, NOTHING_BELOW], ...elements]),
  );
  metNames.set(text, fields);
  return fields;
}

type Shareable = { readonly before: unknown; readonly after: object };
type Met = { readonly type: ApplyType; readonly fields: FieldSet | undefined };

const metSpecs = new WeakMap<object, Met>();

/** Pods of one template share their spec: it is looked at once. */
function fieldsOfSpec(type: ApplyType, { before, after }: Shareable): FieldSet | undefined {
  const met = metSpecs.get(after);
  if (met?.type === type) return met.fields;
  const fields = fieldsOfValue(type, { before, after });
  metSpecs.set(after, { type, fields });
  return fields;
}

const metLast = new WeakMap<ApplyType, { readonly after: object; readonly fields: FieldSet | undefined }>();

/** What is smaller is shared by few others, which come one after the other: remembering all of them costs more than it saves. */
function fieldsOfOther(type: ApplyType, { before, after }: Shareable): FieldSet | undefined {
  const last = metLast.get(type);
  if (last?.after === after) return last.fields;
  const fields = fieldsOfValue(type, { before, after });
  metLast.set(type, { after, fields });
  return fields;
}

const OF_SERVER: ReadonlySet<string> = new Set(SERVER_METADATA);

function fieldsOfMetadata(owner: StructType, { before, after }: Part): FieldSet | undefined {
  const type = owner.field('metadata');
  if (type?.shape !== 'struct') return undefined;
  const zero = (before ?? {}) as JsonObject;
  const metadata = after as JsonObject;
  const set: Record<string, FieldSet> = {};
  for (const name in metadata) {
    if (OF_SERVER.has(name) || metadata[name] === undefined) continue;
    put(set, fieldElement(name), fieldsOfPart(type, name, { before: zero[name], after: metadata[name] }));
  }
  return isEmpty(set) ? undefined : set;
}
