/** Turns decoded JSON into an object of a kind: checks every type, reports unknown fields, and writes values the canonical way. */
import { parseQuantity, formatQuantity } from '../meta/quantity.ts';
import { roundUpToMilli } from '../meta/quantity-arithmetic.ts';
import { isJsonObject } from '../meta/json-value.ts';
import { Decoding } from './decoding.ts';
import { DecodeError } from './decode-error.ts';
import { decodeScalar, zeroOf } from './decode-scalar.ts';
import { decodeSpecial } from './decode-special.ts';
import { goTypeOf } from './go-types.ts';
import type { FieldSchema, MessageSchema } from './schema.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export type DecodeOptions = {
  /** What becomes of unknown and duplicate fields. */
  readonly fieldValidation: FieldValidation;
  /** As `parseJson` found them. */
  readonly duplicateFields?: readonly string[];
  /** What else strict eyes find wrong with the text, in ready words. */
  readonly findings?: readonly string[];
};

export type JsonObject = Readonly<Record<string, unknown>>;

export type Decoded = {
  readonly object: JsonObject;
  /** What `Warning` headers tell the client. */
  readonly warnings: readonly string[];
};

/**
 * Unknown fields are dropped; nulls and empty optional values count as absent; required parts are there, if empty.
 * Throws `DecodeError` with upstream's message. The result shares no part with `value`.
 */
export function decodeObject(schema: MessageSchema, value: unknown, options: DecodeOptions): Decoded {
  const decoding = new Decoding(options.duplicateFields ?? [], options.findings);
  const object = decodeMessage(schema, value, decoding);
  if (decoding.failure !== undefined) throw new DecodeError(unhandled(schema, decoding.failure));
  const complaints = options.fieldValidation === 'Ignore' ? [] : decoding.complaints();
  if (options.fieldValidation === 'Strict' && complaints.length > 0) {
    throw new DecodeError(unhandled(schema, `strict decoding error: ${complaints.join(', ')}`));
  }
  return { object: object as JsonObject, warnings: complaints };
}

function unhandled({ kind }: MessageSchema, why: string): string {
  return kind === undefined
    ? why
    : `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${why}`;
}

function decodeMessage(schema: MessageSchema, value: unknown, decoding: Decoding): unknown {
  if (schema.special !== undefined) return decodeSpecial(schema, value, { decoding, decodeMessage });
  if (schema.isListWrapper) return decodeList(schema.protobufFields[0]!, value, decoding);
  if (!isJsonObject(value)) return decoding.mismatch(value, schema.goType);
  const outer = decoding.enterStruct(schema.goType);
  const decoded: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const field = schema.fields.get(name);
    if (field === undefined) decoding.unknownField(name);
    else if (value[name] !== null) {
      const part = decodeField(field, value[name], decoding);
      if (part !== undefined && !(isEmpty(field, part) && !isFilledIn(field, schema))) decoded[name] = part;
    }
  }
  decoding.leaveStruct(outer);
  return fillIn(schema, decoded);
}

/** Upstream's structs hold a zero where the client sent nothing; code that reads the object relies on that. Changes `decoded`. */
export function fillIn(schema: MessageSchema, decoded: Record<string, unknown>): JsonObject {
  for (const field of filledInFields(schema)) {
    if (decoded[field.name] !== undefined) continue;
    const zero = field.list ? [] : zeroValue(field);
    if (zero !== undefined) decoded[field.name] = zero;
  }
  return decoded;
}

function zeroValue({ scalar, message }: FieldSchema): unknown {
  if (scalar !== undefined) return zeroOf(scalar);
  return message === undefined || message.special !== undefined || message.isListWrapper
    ? undefined
    : fillIn(message, {});
}

const filledInByMessage = new WeakMap<MessageSchema, readonly FieldSchema[]>();

function filledInFields(schema: MessageSchema): readonly FieldSchema[] {
  let fields = filledInByMessage.get(schema);
  if (fields === undefined) {
    fields = [...schema.fields.values()].filter((field) => isFilledIn(field, schema));
    filledInByMessage.set(schema, fields);
  }
  return fields;
}

/** Whatever stands on its own has metadata. */
function isFilledIn(field: FieldSchema, schema: MessageSchema): boolean {
  return field.filledIn || (field.name === 'metadata' && schema.kind !== undefined);
}

/** Go leaves out empty lists, empty maps, and zeros that are not behind a pointer. */
function isEmpty(field: FieldSchema, value: unknown): boolean {
  if (field.list || field.message?.isListWrapper) return Array.isArray(value) && value.length === 0;
  if (field.map) return isJsonObject(value) && Object.keys(value).length === 0;
  return !field.pointer && field.scalar !== undefined && value === zeroOf(field.scalar);
}

function decodeField(field: FieldSchema, value: unknown, decoding: Decoding): unknown {
  decoding.enterField(field.name);
  const decoded = field.map
    ? decodeMap(field, value, decoding)
    : field.list
      ? decodeList(field, value, decoding)
      : decodeValue(field, value, decoding);
  decoding.leaveField();
  return decoded;
}

function decodeList(field: FieldSchema, value: unknown, decoding: Decoding): unknown {
  if (!Array.isArray(value)) return decoding.mismatch(value, goTypeOf(field));
  return value.map((item: unknown, index) => {
    decoding.enterItem(index);
    const decoded = decodeItem(field, item, decoding);
    decoding.leaveItem();
    return decoded;
  });
}

function decodeMap(field: FieldSchema, value: unknown, decoding: Decoding): unknown {
  if (!isJsonObject(value)) return decoding.mismatch(value, goTypeOf(field));
  const entries = Object.keys(value).map((key): [string, unknown] => {
    decoding.enterItem(key);
    const decoded = decodeItem(field, value[key], decoding);
    decoding.leaveItem();
    return [key, canonicalEntry(field, decoded)];
  });
  // Defines own keys: a label may be called `__proto__`.
  return Object.fromEntries(entries);
}

const RESOURCE_LIST = 'v1.ResourceList';

/** Upstream's defaulting rounds every resource list to thousandths; anything finer cannot be scheduled. */
export function canonicalEntry({ goType }: FieldSchema, value: unknown): unknown {
  return goType === RESOURCE_LIST && typeof value === 'string' && /[nu]$/.test(value)
    ? formatQuantity(roundUpToMilli(parseQuantity(value)))
    : value;
}

/** A null in a list or map is the zero of its type. */
function decodeItem(field: FieldSchema, value: unknown, decoding: Decoding): unknown {
  return value === null ? (zeroValue(field) ?? null) : decodeValue(field, value, decoding);
}

function decodeValue(field: FieldSchema, value: unknown, decoding: Decoding): unknown {
  if (field.message !== undefined) return decodeMessage(field.message, value, decoding);
  return decodeScalar(field, value, decoding);
}
