/** What a value is to server-side apply: a leaf that has one owner, or something whose parts are owned one by one. From the schema table. */
import type { FieldSchema, MessageSchema } from '../schema/schema.ts';
import type { Scalar } from '../schema/table.ts';
import { fieldElement } from './path-element.ts';

export type ScalarType = { readonly shape: 'scalar'; readonly values: 'numeric' | 'string' | 'boolean' | 'untyped' };
/** Anything goes and is owned whole. */
export type RawType = { readonly shape: 'raw' };
export type StructType = {
  readonly shape: 'struct';
  /** Owned whole. */
  readonly atomic: boolean;
  /** Undefined for a field that the kind does not have. */
  readonly field: (name: string) => ApplyType | undefined;
  /** The same, with how a path names it. */
  readonly part: (name: string) => Part | undefined;
  /** What a key is when an item does not say it. */
  readonly defaultOf: (name: string) => unknown;
};
export type MapType = { readonly shape: 'map'; readonly atomic: boolean; readonly values: ApplyType };
export type ListType = {
  readonly shape: 'list';
  readonly relation: 'atomic' | 'set' | 'map';
  /** Of a map, in alphabetical order. */
  readonly keys: readonly string[];
  readonly items: ApplyType;
};
export type ApplyType = ScalarType | RawType | StructType | MapType | ListType;

export type Part = { readonly element: string; readonly type: ApplyType };

/** Whether a value has one owner, whatever is inside. */
export function isLeafType(type: ApplyType): boolean {
  switch (type.shape) {
    case 'scalar':
    case 'raw':
      return true;
    case 'struct':
    case 'map':
      return type.atomic;
    case 'list':
      return type.relation === 'atomic';
  }
}

const RAW: RawType = { shape: 'raw' };
const UNTYPED: ScalarType = { shape: 'scalar', values: 'untyped' };

const structs = new WeakMap<MessageSchema, StructType>();

/** The type of a message that is an object in JSON. */
export function structType(message: MessageSchema): StructType {
  let type = structs.get(message);
  if (type === undefined) {
    type = new Struct(message, message.atomic);
    structs.set(message, type);
  }
  return type;
}

// Fields are resolved when first asked: messages refer to each other in circles.
class Struct implements StructType {
  readonly shape = 'struct';
  readonly atomic: boolean;
  readonly #message: MessageSchema;
  readonly #parts = new Map<string, Part>();

  constructor(message: MessageSchema, atomic: boolean) {
    this.atomic = atomic;
    this.#message = message;
  }

  readonly field = (name: string): ApplyType | undefined => this.part(name)?.type;

  readonly part = (name: string): Part | undefined => {
    const known = this.#parts.get(name);
    if (known !== undefined) return known;
    const schema = this.#message.fields.get(name);
    if (schema === undefined) return undefined;
    const part = { element: fieldElement(name), type: typeOfField(schema) };
    this.#parts.set(name, part);
    return part;
  };

  readonly defaultOf = (name: string): unknown => this.#message.fields.get(name)?.default;
}

function typeOfField(field: FieldSchema): ApplyType {
  if (field.map) return { shape: 'map', atomic: field.atomic, values: typeOfValue(field, 'granular') };
  if (field.list) return typeOfList(field);
  return typeOfValue(field, field.atomic ? 'atomic' : 'granular');
}

function typeOfList(field: FieldSchema): ListType {
  const { listType = 'atomic', listMapKeys = [] } = field;
  return { shape: 'list', relation: listType, keys: listMapKeys.toSorted(), items: typeOfValue(field, 'granular') };
}

function typeOfValue({ scalar, message }: FieldSchema, ownership: 'atomic' | 'granular'): ApplyType {
  if (scalar !== undefined) return SCALARS[scalar];
  if (message === undefined) return RAW;
  if (message.special !== undefined) return SPECIAL_TEXTS.has(message.special) ? UNTYPED : RAW;
  if (message.isListWrapper) return RAW;
  return ownership === 'atomic' ? new Struct(message, true) : structType(message);
}

const SPECIAL_TEXTS: ReadonlySet<string> = new Set(['time', 'microTime', 'duration', 'quantity', 'intOrString']);

const NUMERIC: ScalarType = { shape: 'scalar', values: 'numeric' };
const STRING: ScalarType = { shape: 'scalar', values: 'string' };

const SCALARS: Readonly<Record<Scalar, ApplyType>> = {
  string: STRING,
  bytes: STRING,
  bool: { shape: 'scalar', values: 'boolean' },
  int32: NUMERIC,
  int64: NUMERIC,
  uint32: NUMERIC,
  uint64: NUMERIC,
  double: NUMERIC,
  float: NUMERIC,
  any: RAW,
};
