/** Reads Kubernetes' protobuf bodies into the same values that JSON bodies give; `decodeObject` then checks both alike. */
import { parseApiVersion } from '../meta/api-version.ts';
import { DecodeError } from './decode-error.ts';
import { zeroOf } from './decode-scalar.ts';
import type { JsonObject } from './decode.ts';
import { FIXED_32, FIXED_64, LENGTH_DELIMITED, ProtobufReader, VARINT } from './protobuf-reader.ts';
import type { WireType } from './protobuf-reader.ts';
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

// As deep as JSON bodies may be; the bytes come from strangers and the reader recurses.
const MAX_DEPTH = 100;

/** Throws `DecodeError` for bytes that are no protobuf body, and for kinds that are not in the schema table. */
export function decodeProtobuf(bytes: Uint8Array): ProtobufBody {
  const { apiVersion, kind, raw } = readEnvelope(bytes);
  const gvk = { ...parseApiVersion(apiVersion), kind };
  const schema = schemaFor(gvk);
  if (schema === undefined) {
    throw new DecodeError(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
  }
  const value = decodeMessage(schema, raw, 0) as JsonObject;
  return { kind: gvk, object: { apiVersion, kind, ...value } };
}

type Envelope = { readonly apiVersion: string; readonly kind: string; readonly raw: Uint8Array };

function readEnvelope(bytes: Uint8Array): Envelope {
  if (!MAGIC.every((byte, index) => bytes[index] === byte)) {
    throw new DecodeError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  const reader = new ProtobufReader(bytes.subarray(MAGIC.length));
  let typeMeta = { apiVersion: '', kind: '' };
  let raw: Uint8Array = new Uint8Array();
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (number === 1 && wireType === LENGTH_DELIMITED) typeMeta = readTypeMeta(reader.bytes());
    else if (number === 2 && wireType === LENGTH_DELIMITED) raw = reader.bytes();
    else reader.skip(wireType);
  }
  return { ...typeMeta, raw };
}

function readTypeMeta(bytes: Uint8Array): { apiVersion: string; kind: string } {
  const reader = new ProtobufReader(bytes);
  const found = { apiVersion: '', kind: '' };
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (number === 1 && wireType === LENGTH_DELIMITED) found.apiVersion = reader.string();
    else if (number === 2 && wireType === LENGTH_DELIMITED) found.kind = reader.string();
    else reader.skip(wireType);
  }
  return found;
}

/** A message as the JSON value it stands for. Fields nobody knows are skipped, as upstream does. */
function decodeMessage(schema: MessageSchema, bytes: Uint8Array, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new DecodeError('exceeded max depth');
  if (schema.special !== undefined && bytes.length === 0) return undefined;
  const fields = fieldsByNumber(schema);
  const reader = new ProtobufReader(bytes);
  const decoded: Record<string, unknown> = {};
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    const field = fields.get(number);
    if (field === undefined) reader.skip(wireType);
    else readField(field, decoded, { reader, wireType, depth: depth + 1 });
  }
  if (schema.special !== undefined) return specialToJson(schema.special, decoded);
  return schema.isListWrapper ? (decoded[schema.protobufFields[0]!.name] ?? []) : decoded;
}

const numbersByMessage = new WeakMap<MessageSchema, ReadonlyMap<number, FieldSchema>>();

function fieldsByNumber(schema: MessageSchema): ReadonlyMap<number, FieldSchema> {
  let fields = numbersByMessage.get(schema);
  if (fields === undefined) {
    fields = new Map(schema.protobufFields.filter(({ number }) => number > 0).map((field) => [field.number, field]));
    numbersByMessage.set(schema, fields);
  }
  return fields;
}

type Place = { readonly reader: ProtobufReader; readonly wireType: WireType; readonly depth: number };

function readField(field: FieldSchema, decoded: Record<string, unknown>, place: Place): void {
  if (field.map) readMapEntry(field, decoded, place);
  else if (field.list) readItems(field, decoded, place);
  else {
    const value = readValue(field, place);
    // The fields of an inline message belong to the object around it.
    if (field.inline) Object.assign(decoded, value);
    else if (value !== undefined && !(meansAbsent(field) && isZero(field, value))) decoded[field.name] = value;
  }
}

/** Go writes what is not a pointer even when it was never set. */
function meansAbsent(field: FieldSchema): boolean {
  return !field.pointer && !field.filledIn;
}

function isZero({ scalar, message }: FieldSchema, value: unknown): boolean {
  if (scalar !== undefined) return value === zeroOf(scalar);
  if (message?.special === 'intOrString') return value === 0; // a port that was never set
  return (
    message?.special === undefined && typeof value === 'object' && value !== null && Object.keys(value).length === 0
  );
}

function readItems(field: FieldSchema, decoded: Record<string, unknown>, place: Place): void {
  const items = (decoded[field.name] ??= []) as unknown[];
  const isPacked = place.wireType === LENGTH_DELIMITED && isNumeric(field.scalar);
  if (!isPacked) {
    items.push(readValue(field, place));
    return;
  }
  const reader = new ProtobufReader(place.reader.bytes());
  while (!reader.done) items.push(readScalar(field.scalar!, reader));
}

function readMapEntry(field: FieldSchema, decoded: Record<string, unknown>, place: Place): void {
  expectWireType(field, place.wireType, LENGTH_DELIMITED);
  const reader = new ProtobufReader(place.reader.bytes());
  let key = '';
  let value: unknown;
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (number === 1 && wireType === LENGTH_DELIMITED) key = reader.string();
    else if (number === 2) value = readValue(field, { reader, wireType, depth: place.depth });
    else reader.skip(wireType);
  }
  const map = (decoded[field.name] ??= {}) as Record<string, unknown>;
  // Defines an own key, whatever it is called.
  Object.defineProperty(map, key, {
    value: value ?? emptyValue(field),
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function emptyValue(field: FieldSchema): unknown {
  if (field.scalar !== undefined) return zeroOf(field.scalar);
  return decodeMessage(field.message!, new Uint8Array(), MAX_DEPTH) ?? null; // a map may hold an unset time
}

function readValue(field: FieldSchema, { reader, wireType, depth }: Place): unknown {
  if (field.message !== undefined) {
    expectWireType(field, wireType, LENGTH_DELIMITED);
    return decodeMessage(field.message, reader.bytes(), depth);
  }
  expectWireType(field, wireType, wireTypeOf(field.scalar!));
  return readScalar(field.scalar!, reader);
}

function expectWireType(field: FieldSchema, found: WireType, expected: WireType): void {
  if (found !== expected) throw new DecodeError(`proto: wrong wireType = ${found} for field ${field.name}`);
}

function isNumeric(scalar: Scalar | undefined): boolean {
  return scalar !== undefined && scalar !== 'string' && scalar !== 'bytes';
}

export function wireTypeOf(scalar: Scalar): WireType {
  if (scalar === 'string' || scalar === 'bytes') return LENGTH_DELIMITED;
  if (scalar === 'double') return FIXED_64;
  return scalar === 'float' ? FIXED_32 : VARINT;
}

type Read = (reader: ProtobufReader) => unknown;

const SCALAR_READERS: Readonly<Record<Scalar, Read>> = {
  string: (reader) => reader.string(),
  bytes: (reader) => Buffer.from(reader.bytes()).toString('base64'),
  bool: (reader) => reader.uint64() !== 0,
  int32: (reader) => reader.int32(),
  int64: (reader) => reader.int64(),
  uint32: (reader) => reader.uint64(),
  uint64: (reader) => reader.uint64(),
  double: (reader) => reader.double(),
  float: (reader) => reader.float(),
  any: () => undefined,
};

function readScalar(scalar: Scalar, reader: ProtobufReader): unknown {
  return SCALAR_READERS[scalar](reader);
}
