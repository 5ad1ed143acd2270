/** Reads Kubernetes' protobuf bodies into the objects that `decodeObject` makes of the same objects' JSON, in one pass. */
import { parseApiVersion } from '../meta/api-version.ts';
import { DecodeError } from './decode-error.ts';
import { zeroOf } from './decode-scalar.ts';
import { canonicalEntry, fillIn, type JsonObject } from './decode.ts';
import { type FieldLayout, layoutOf, type MessageLayout } from './protobuf-layout.ts';
import { LENGTH_DELIMITED, ProtobufReader } from './protobuf-reader.ts';
import { specialToJson } from './protobuf-special.ts';
import { schemaFor } from './schema.ts';
import type { FieldSchema, GroupVersionKind, MessageSchema } from './schema.ts';
import type { Scalar } from './table.ts';

export type ProtobufBody = {
  readonly kind: GroupVersionKind;
  readonly object: JsonObject;
};

/** What every protobuf body begins with. */
export const MAGIC: Uint8Array = new Uint8Array([0x6b, 0x38, 0x73, 0]);

// Messages and entries of maps, together about as deep as JSON bodies may be: the bytes come from strangers and decoding recurses.
const MAX_DEPTH = 100;

/** Throws `DecodeError` for bytes that are no protobuf body, and for kinds that are not in the schema table. */
export function decodeProtobuf(bytes: Uint8Array): ProtobufBody {
  const { apiVersion, kind, raw } = readEnvelope(bytes);
  const gvk = { ...parseApiVersion(apiVersion), kind };
  const schema = schemaFor(gvk);
  if (schema === undefined) {
    throw new DecodeError(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
  }
  const value = decodeMessage(layoutOf(schema), new ProtobufReader(raw));
  return { kind: gvk, object: { apiVersion, kind, ...(filledIn(schema, value) as JsonObject) } };
}

type Envelope = { readonly apiVersion: string; readonly kind: string; readonly raw: Uint8Array };

function readEnvelope(bytes: Uint8Array): Envelope {
  if (!MAGIC.every((byte, index) => bytes[index] === byte)) {
    throw new DecodeError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  const reader = new ProtobufReader(bytes.subarray(MAGIC.length));
  let typeMeta: readonly [apiVersion: string, kind: string] = ['', ''];
  let raw: Uint8Array = NOTHING;
  while (!reader.done) {
    const number = reader.field();
    if (number === 1 && reader.wireType === LENGTH_DELIMITED) typeMeta = readTypeMeta(reader);
    else if (number === 2 && reader.wireType === LENGTH_DELIMITED) raw = reader.bytes();
    else reader.skip();
  }
  return { apiVersion: typeMeta[0], kind: typeMeta[1], raw };
}

const NOTHING = new Uint8Array();

function readTypeMeta(reader: ProtobufReader): readonly [apiVersion: string, kind: string] {
  const outer = reader.enter();
  let [apiVersion, kind] = ['', ''];
  while (!reader.done) {
    const number = reader.field();
    if (number === 1 && reader.wireType === LENGTH_DELIMITED) apiVersion = reader.string();
    else if (number === 2 && reader.wireType === LENGTH_DELIMITED) kind = reader.string();
    else reader.skip();
  }
  reader.leave(outer);
  return [apiVersion, kind];
}

type Fields = Record<string, unknown>;

/** A message as the JSON value it stands for, but not yet filled in. Fields nobody knows are skipped, as upstream does. */
function decodeMessage({ schema, byNumber }: MessageLayout, reader: ProtobufReader): unknown {
  if (reader.depth > MAX_DEPTH) throw new DecodeError('exceeded max depth');
  if (schema.special !== undefined && reader.done) return undefined;
  const decoded: Fields = {};
  while (!reader.done) {
    const field = byNumber[reader.field()];
    if (field === undefined) reader.skip();
    else readField(field, decoded, reader);
  }
  if (schema.special !== undefined) return specialToJson(schema.special, decoded);
  return schema.isListWrapper ? (decoded[schema.protobufFields[0]!.name] ?? []) : decoded;
}

function readField(layout: FieldLayout, decoded: Fields, reader: ProtobufReader): void {
  const { field } = layout;
  reader.countValue();
  if (field.map) readMapEntry(layout, decoded, reader);
  else if (field.list) readItems(layout, decoded, reader);
  else {
    const value = readValue(layout, reader);
    // The fields of an inline message belong to the object around it.
    if (field.inline) Object.assign(decoded, value);
    else if (value !== undefined && !(layout.zeroIsUnset && isZero(field, value))) {
      decoded[field.name] = field.scalar === undefined ? filledIn(field.message!, value) : value;
    }
  }
}

/** Gives a message that turned out to be there the parts that code relies on. */
function filledIn(schema: MessageSchema, value: unknown): unknown {
  if (schema.special !== undefined || schema.isListWrapper) return value;
  return fillIn(schema, value as Fields);
}

function isZero({ scalar, message }: FieldSchema, value: unknown): boolean {
  if (scalar !== undefined) return value === zeroOf(scalar);
  if (message?.special === 'intOrString') return value === 0; // a port that was never set
  return message?.special === undefined && typeof value === 'object' && value !== null && hasNoKeys(value);
}

function hasNoKeys(value: object): boolean {
  for (const key in value) if (Object.hasOwn(value, key)) return false;
  return true;
}

function readItems(layout: FieldLayout, decoded: Fields, reader: ProtobufReader): void {
  const { field } = layout;
  const items = (decoded[field.name] ??= []) as unknown[];
  const isPacked = reader.wireType === LENGTH_DELIMITED && isNumeric(field.scalar);
  if (!isPacked) {
    items.push(readFilledIn(layout, reader));
    return;
  }
  const outer = reader.enter();
  while (!reader.done) {
    reader.countValue();
    items.push(layout.readScalar(reader));
  }
  reader.leave(outer);
}

function readMapEntry(layout: FieldLayout, decoded: Fields, reader: ProtobufReader): void {
  const { field } = layout;
  expectWireType(field, reader.wireType, LENGTH_DELIMITED);
  // Keys cost as much as values.
  reader.countValue();
  const outer = reader.enter();
  let key = '';
  let value: unknown;
  while (!reader.done) {
    const number = reader.field();
    if (number === 1 && reader.wireType === LENGTH_DELIMITED) key = reader.string();
    else if (number === 2) value = canonicalEntry(field, readFilledIn(layout, reader));
    else reader.skip();
  }
  reader.leave(outer);
  const map = (decoded[field.name] ??= {}) as Fields;
  value ??= emptyValue(field);
  // Only this name would set a prototype instead of an own key.
  if (key === '__proto__') {
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  } else map[key] = value;
}

function emptyValue({ scalar, message }: FieldSchema): unknown {
  if (scalar !== undefined) return zeroOf(scalar);
  return message!.special === undefined ? filledIn(message!, {}) : null; // a map may hold an unset time
}

function readFilledIn(layout: FieldLayout, reader: ProtobufReader): unknown {
  const value = readValue(layout, reader);
  return layout.field.scalar === undefined ? filledIn(layout.field.message!, value) : value;
}

function readValue(layout: FieldLayout, reader: ProtobufReader): unknown {
  if (reader.wireType !== layout.wireType) expectWireType(layout.field, reader.wireType, layout.wireType);
  if (layout.field.scalar !== undefined) return layout.readScalar(reader);
  const outer = reader.enter();
  const value = decodeMessage(layout.message, reader);
  reader.leave(outer);
  return value;
}

function expectWireType({ name }: FieldSchema, found: number, expected: number): void {
  if (found !== expected) throw new DecodeError(`proto: wrong wireType = ${found} for field ${name}`);
}

function isNumeric(scalar: Scalar | undefined): boolean {
  return scalar !== undefined && scalar !== 'string' && scalar !== 'bytes';
}
