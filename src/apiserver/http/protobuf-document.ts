/** Objects, lists and events as protobuf: the message of a frozen object is written once and shared, as its JSON is. */
import { formatApiVersion, parseApiVersion } from '#api/meta/api-version';
import type { ApiObject } from '#api/object';
import type { ListResult, WatchEventType } from '#api/request';
import { encodeMessage, inEnvelope } from '#api/schema/protobuf-encode';
import { LENGTH_DELIMITED } from '#api/schema/protobuf-reader';
import { ProtobufWriter } from '#api/schema/protobuf-writer';
import { type GroupVersionKind, type MessageSchema, schemaFor } from '#api/schema/schema';

const messages = new WeakMap<object, Buffer>();

export function hasProtobuf(kind: GroupVersionKind): boolean {
  return schemaFor(kind) !== undefined;
}

export function protobufDocument(object: ApiObject): Buffer {
  return inEnvelope(kindOf(object), [messageBytes(object)]);
}

function messageBytes(object: ApiObject): Buffer {
  const known = messages.get(object);
  if (known !== undefined) return known;
  const bytes = encodeMessage(schemaOf(kindOf(object)), object);
  if (Object.isFrozen(object)) messages.set(object, bytes);
  return bytes;
}

function kindOf({ apiVersion, kind }: Pick<ApiObject, 'apiVersion' | 'kind'>): GroupVersionKind {
  return { ...parseApiVersion(apiVersion), kind };
}

function schemaOf(kind: GroupVersionKind): MessageSchema {
  // The two versions of the meta group differ in nothing but their name.
  const schema = schemaFor(kind.group === 'meta.k8s.io' ? { ...kind, version: 'v1' } : kind);
  if (schema === undefined) {
    throw new RangeError(
      `Cannot write ${kind.kind} of ${formatApiVersion(kind)} as protobuf: the schema table lacks it`,
    );
  }
  return schema;
}

type ListType = Pick<ApiObject, 'apiVersion' | 'kind'>;

export function protobufList(type: ListType, { items, ...metadata }: ListResult): Buffer {
  const kind = kindOf(type);
  const fields = schemaOf(kind).fields;
  const [metadataField, itemsField] = [fields.get('metadata'), fields.get('items')];
  if (metadataField?.message === undefined || itemsField === undefined) {
    throw new RangeError(`Cannot write ${type.kind} as a list: it has no metadata and items`);
  }
  const head = encodeMessage(metadataField.message, metadata);
  const parts = [delimiter(metadataField.number, head.length), head];
  for (const item of items) {
    const bytes = messageBytes(item);
    parts.push(delimiter(itemsField.number, bytes.length), bytes);
  }
  return inEnvelope(kind, parts);
}

/** What stands before a field of this many bytes. */
function delimiter(number: number, length: number): Buffer {
  const writer = new ProtobufWriter(SMALL);
  writer.varint(length);
  writer.tag(number, LENGTH_DELIMITED);
  return writer.finish();
}

const SMALL = 16;
const LENGTH_BYTES = 4;

/** One event of a watch: its length in four bytes, then the event with the object's document inside. */
export function protobufFrame(type: WatchEventType, document: Buffer): Buffer {
  const writer = new ProtobufWriter(document.length + 64);
  const object = writer.written;
  writer.delimited(1, document);
  writer.delimit(2, object);
  writer.string(1, type);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(writer.written);
  writer.raw(length);
  return writer.finish();
}
