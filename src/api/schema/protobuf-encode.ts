/** Writes objects as Kubernetes' protobuf bodies: the inverse of `decodeProtobuf`. */
import { formatApiVersion } from '../meta/api-version.ts';
import type { JsonObject } from './decode.ts';
import { MAGIC } from './protobuf-decode.ts';
import type { ProtobufBody } from './protobuf-decode.ts';
import { type FieldLayout, layoutOf, type MessageLayout } from './protobuf-layout.ts';
import { LENGTH_DELIMITED } from './protobuf-reader.ts';
import { specialToFields } from './protobuf-special.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { type GroupVersionKind, schemaFor } from './schema.ts';
import type { MessageSchema } from './schema.ts';

/** Throws `RangeError` for a kind that is not in the schema table. */
export function encodeProtobuf({ kind, object }: ProtobufBody): Buffer {
  const schema = schemaFor(kind);
  if (schema === undefined)
    throw new RangeError(`Cannot encode ${kind.kind} as protobuf: the schema table does not have it`);
  return inEnvelope(kind, [encodeMessage(schema, object)]);
}

/** A message without the envelope that names its kind. */
export function encodeMessage(schema: MessageSchema, value: unknown): Buffer {
  const writer = new ProtobufWriter();
  writeMessage(layoutOf(schema), value, writer);
  return writer.finish();
}

/** A message, in parts that were encoded before, in the envelope that names its kind. */
export function inEnvelope(kind: GroupVersionKind, parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([envelopeHead(kind, length), ...parts, ENVELOPE_TAIL]);
}

function envelopeHead(kind: GroupVersionKind, length: number): Buffer {
  const writer = new ProtobufWriter(ENVELOPE_SIZE);
  writer.varint(length);
  writer.tag(2, LENGTH_DELIMITED);
  const typeMeta = writer.written;
  writer.string(2, kind.kind);
  writer.string(1, formatApiVersion(kind));
  writer.delimit(1, typeMeta);
  writer.raw(MAGIC);
  return writer.finish();
}

const ENVELOPE_SIZE = 128;
// Content encoding and content type: nothing that the envelope's reader does not know.
const ENVELOPE_TAIL = Buffer.from([3, 4].flatMap((number) => [number * 8 + LENGTH_DELIMITED, 0]));

function writeMessage(layout: MessageLayout, value: unknown, writer: ProtobufWriter): void {
  if (value === null || value === undefined) return; // an unset time in a map
  const fields = protobufFieldsOf(layout.schema, value);
  for (const each of layout.descending) {
    // The fields of an inline message stand in the object around it.
    const part = each.field.inline ? fields : fields[each.field.name];
    if (part !== undefined && part !== null) writeField(each, part, writer);
  }
}

function protobufFieldsOf(schema: MessageSchema, value: unknown): JsonObject {
  if (schema.special !== undefined) return specialToFields(schema.special, value);
  return schema.isListWrapper ? { [schema.protobufFields[0]!.name]: value } : (value as JsonObject);
}

function writeField(layout: FieldLayout, value: unknown, writer: ProtobufWriter): void {
  const { field } = layout;
  if (field.map) writeMap(layout, value as JsonObject, writer);
  else if (field.list) {
    const items = value as readonly unknown[];
    for (let index = items.length - 1; index >= 0; index -= 1) writeValue(layout, items[index], writer);
  } else writeValue(layout, value, writer);
}

function writeMap(layout: FieldLayout, map: JsonObject, writer: ProtobufWriter): void {
  const valueLayout = layout.mapValue;
  // Sorted, so that equal objects give equal bytes.
  for (const key of Object.keys(map).toSorted().toReversed()) {
    const end = writer.written;
    writeValue(valueLayout, map[key], writer);
    writer.string(1, key);
    writer.delimit(layout.number, end);
  }
}

function writeValue(layout: FieldLayout, value: unknown, writer: ProtobufWriter): void {
  if (layout.writeScalar !== undefined) return layout.writeScalar(writer, layout.number, value);
  const end = writer.written;
  writeMessage(layout.message, value, writer);
  writer.delimit(layout.number, end);
}
