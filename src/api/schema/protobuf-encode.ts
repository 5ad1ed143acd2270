/** Writes objects as Kubernetes' protobuf bodies: the inverse of `decodeProtobuf`. */
import { formatApiVersion } from '../meta/api-version.ts';
import type { JsonObject } from './decode.ts';
import { MAGIC } from './protobuf-decode.ts';
import type { ProtobufBody } from './protobuf-decode.ts';
import { type FieldLayout, layoutOf, type MessageLayout } from './protobuf-layout.ts';
import { specialToFields } from './protobuf-special.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { type GroupVersionKind, schemaFor } from './schema.ts';
import type { MessageSchema } from './schema.ts';

/** Throws `RangeError` for a kind that is not in the schema table. */
export function encodeProtobuf({ kind, object }: ProtobufBody): Buffer {
  const schema = schemaFor(kind);
  if (schema === undefined)
    throw new RangeError(`Cannot encode ${kind.kind} as protobuf: the schema table does not have it`);
  const writer = new ProtobufWriter();
  writeEnvelope(kind, writer, () => writeMessage(layoutOf(schema), object, writer));
  return writer.finish();
}

/** A message without the envelope that names its kind. */
export function encodeMessage(schema: MessageSchema, value: unknown): Buffer {
  const writer = new ProtobufWriter();
  writeMessage(layoutOf(schema), value, writer);
  return writer.finish();
}

/** A message, encoded before, in the envelope that names its kind. */
export function inEnvelope(kind: GroupVersionKind, message: Uint8Array): Buffer {
  const writer = new ProtobufWriter();
  writeEnvelope(kind, writer, () => writer.raw(message));
  return writer.finish();
}

function writeEnvelope(kind: GroupVersionKind, writer: ProtobufWriter, writeRaw: () => void): void {
  writer.string(4, ''); // content type: none but this
  writer.string(3, ''); // content encoding: none
  const raw = writer.written;
  writeRaw();
  writer.delimit(2, raw);
  const typeMeta = writer.written;
  writer.string(2, kind.kind);
  writer.string(1, formatApiVersion(kind));
  writer.delimit(1, typeMeta);
  writer.raw(MAGIC);
}

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
