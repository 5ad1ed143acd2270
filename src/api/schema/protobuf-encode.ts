/** Writes objects as Kubernetes' protobuf bodies: the inverse of `decodeProtobuf`. */
import { formatApiVersion } from '../meta/api-version.ts';
import type { JsonObject } from './decode.ts';
import { MAGIC, wireTypeOf } from './protobuf-decode.ts';
import type { ProtobufBody } from './protobuf-decode.ts';
import { specialToFields } from './protobuf-special.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { schemaFor } from './schema.ts';
import type { FieldSchema, MessageSchema } from './schema.ts';
import type { Scalar } from './table.ts';

/** Throws `RangeError` for a kind that is not in the schema table. */
export function encodeProtobuf({ kind, object }: ProtobufBody): Uint8Array {
  const schema = schemaFor(kind);
  if (schema === undefined)
    throw new RangeError(`Cannot encode ${kind.kind} as protobuf: the schema table does not have it`);
  const typeMeta = new ProtobufWriter();
  typeMeta.string(1, formatApiVersion(kind));
  typeMeta.string(2, kind.kind);
  const envelope = new ProtobufWriter();
  envelope.raw(MAGIC);
  envelope.delimited(1, typeMeta.finish());
  envelope.delimited(2, encodeMessage(schema, object));
  envelope.string(3, '');
  envelope.string(4, '');
  return envelope.finish();
}

function encodeMessage(schema: MessageSchema, value: unknown): Uint8Array {
  if (value === null) return new Uint8Array(); // an unset time in a map
  const writer = new ProtobufWriter();
  const fields = protobufFieldsOf(schema, value);
  for (const field of sortedFields(schema)) {
    // The fields of an inline message stand in the object around it.
    const part = field.inline ? fields : fields[field.name];
    if (part !== undefined && part !== null) encodeField(field, part, writer);
  }
  return writer.finish();
}

function protobufFieldsOf(schema: MessageSchema, value: unknown): JsonObject {
  if (schema.special !== undefined) return specialToFields(schema.special, value);
  return schema.isListWrapper ? { [schema.protobufFields[0]!.name]: value } : (value as JsonObject);
}

const sortedByMessage = new WeakMap<MessageSchema, readonly FieldSchema[]>();

function sortedFields(schema: MessageSchema): readonly FieldSchema[] {
  let fields = sortedByMessage.get(schema);
  if (fields === undefined) {
    fields = schema.protobufFields
      .filter(({ number }) => number > 0)
      .toSorted((left, right) => left.number - right.number);
    sortedByMessage.set(schema, fields);
  }
  return fields;
}

function encodeField(field: FieldSchema, value: unknown, writer: ProtobufWriter): void {
  if (field.map) encodeMap(field, value as JsonObject, writer);
  else if (field.list) for (const item of value as readonly unknown[]) encodeValue(field, item, writer);
  else encodeValue(field, value, writer);
}

function encodeMap(field: FieldSchema, map: JsonObject, writer: ProtobufWriter): void {
  // Sorted, so that equal objects give equal bytes.
  for (const key of Object.keys(map).toSorted()) {
    const entry = new ProtobufWriter();
    entry.string(1, key);
    encodeValue({ number: 2, scalar: field.scalar, message: field.message }, map[key], entry);
    writer.delimited(field.number, entry.finish());
  }
}

type Slot = Pick<FieldSchema, 'number' | 'scalar' | 'message'>;

function encodeValue({ number, scalar, message }: Slot, value: unknown, writer: ProtobufWriter): void {
  if (message !== undefined) writer.delimited(number, encodeMessage(message, value));
  else if (scalar === 'string') writer.string(number, String(value));
  else if (scalar === 'bytes') writer.delimited(number, Buffer.from(String(value), 'base64'));
  else if (scalar !== undefined) encodeNumber(scalar, { number, value: Number(value) }, writer);
}

function encodeNumber(
  scalar: Scalar,
  field: { readonly number: number; readonly value: number },
  writer: ProtobufWriter,
): void {
  writer.tag(field.number, wireTypeOf(scalar));
  if (scalar === 'double') writer.double(field.value);
  else if (scalar === 'float') writer.float(field.value);
  else writer.varint(field.value);
}
