/** Writes an OpenAPI v2 document in the protobuf form that Go clients ask for (gnostic's `openapi.v2.Document`). */
import { isJsonObject } from '../meta/json-value.ts';
import type { JsonObject } from '../meta/json-value.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { VARINT } from './protobuf-reader.ts';

/** `document` as `openApiV2` builds it. Keywords which that never writes are left out. */
export function encodeOpenApiV2(document: JsonObject): Uint8Array {
  return message((writer) => {
    text(writer, 1, document['swagger']);
    writer.delimited(2, encodeInfo(objectIn(document, 'info')));
    writer.delimited(8, encodeNamed(objectIn(document, 'paths'), { number: 2, encode: encodePathItem }));
    writer.delimited(9, encodeNamed(objectIn(document, 'definitions'), { number: 1, encode: encodeSchema }));
  });
}

function message(write: (writer: ProtobufWriter) => void): Uint8Array {
  const writer = new ProtobufWriter();
  write(writer);
  return writer.finish();
}

function objectIn(parent: JsonObject, key: string): JsonObject {
  const value = parent[key];
  return isJsonObject(value) ? value : {};
}

function text(writer: ProtobufWriter, number: number, value: unknown): void {
  if (typeof value === 'string') writer.string(number, value);
}

function texts(writer: ProtobufWriter, number: number, values: unknown): void {
  if (Array.isArray(values)) for (const value of values) text(writer, number, value);
}

type Named = { readonly number: number; readonly encode: (value: JsonObject) => Uint8Array };

/** Maps are lists of pairs here. */
function encodeNamed(map: JsonObject, { number, encode }: Named): Uint8Array {
  return message((writer) => {
    for (const [name, value] of Object.entries(map)) {
      if (isJsonObject(value)) writer.delimited(number, encodePair(name, encode(value)));
    }
  });
}

function encodePair(name: string, value: Uint8Array): Uint8Array {
  return message((writer) => {
    writer.string(1, name);
    writer.delimited(2, value);
  });
}

/** Any value is carried as YAML; JSON is YAML. */
function encodeAny(value: unknown): Uint8Array {
  return message((writer) => {
    writer.string(2, `${JSON.stringify(value)}\n`);
  });
}

function extensions(writer: ProtobufWriter, number: number, value: JsonObject): void {
  for (const [name, extension] of Object.entries(value)) {
    if (name.startsWith('x-')) writer.delimited(number, encodePair(name, encodeAny(extension)));
  }
}

function encodeInfo(info: JsonObject): Uint8Array {
  return message((writer) => {
    text(writer, 1, info['title']);
    text(writer, 2, info['version']);
  });
}

const METHODS: readonly (readonly [method: string, number: number])[] = [
  ['get', 2],
  ['put', 3],
  ['post', 4],
  ['delete', 5],
  ['patch', 8],
];

function encodePathItem(item: JsonObject): Uint8Array {
  return message((writer) => {
    for (const [method, number] of METHODS) {
      const operation = item[method];
      if (isJsonObject(operation)) writer.delimited(number, encodeOperation(operation));
    }
  });
}

function encodeOperation(operation: JsonObject): Uint8Array {
  const parameters = operation['parameters'];
  return message((writer) => {
    text(writer, 5, operation['operationId']);
    texts(writer, 6, operation['produces']);
    texts(writer, 7, operation['consumes']);
    for (const parameter of Array.isArray(parameters) ? parameters : []) {
      if (isJsonObject(parameter)) writer.delimited(8, wrapped(1, encodeParameter(parameter)));
    }
    writer.delimited(9, encodeNamed(objectIn(operation, 'responses'), { number: 1, encode: encodeResponse }));
    extensions(writer, 13, operation);
  });
}

/** One arm of a choice. */
function wrapped(number: number, value: Uint8Array): Uint8Array {
  return message((writer) => {
    writer.delimited(number, value);
  });
}

function encodeParameter(parameter: JsonObject): Uint8Array {
  if (parameter['in'] === 'body') return wrapped(1, encodeBodyParameter(parameter));
  // A query's type stands one place later than a path's.
  const [arm, typeNumber] = parameter['in'] === 'query' ? ([3, 6] as const) : ([4, 5] as const);
  const simple = message((writer) => {
    required(writer, 1, parameter);
    text(writer, 2, parameter['in']);
    text(writer, 4, parameter['name']);
    text(writer, typeNumber, parameter['type']);
  });
  return wrapped(2, wrapped(arm, simple));
}

function encodeBodyParameter(parameter: JsonObject): Uint8Array {
  return message((writer) => {
    text(writer, 2, parameter['name']);
    text(writer, 3, parameter['in']);
    required(writer, 4, parameter);
    writer.delimited(5, encodeSchema(objectIn(parameter, 'schema')));
  });
}

function required(writer: ProtobufWriter, number: number, parameter: JsonObject): void {
  if (parameter['required'] !== true) return;
  writer.tag(number, VARINT);
  writer.varint(1);
}

function encodeResponse(response: JsonObject): Uint8Array {
  const schema = response['schema'];
  const encoded = message((writer) => {
    text(writer, 1, response['description']);
    if (isJsonObject(schema)) writer.delimited(2, wrapped(1, encodeSchema(schema)));
  });
  return wrapped(1, encoded);
}

function encodeSchema(schema: JsonObject): Uint8Array {
  const { additionalProperties, items, properties, enum: values, default: fallback } = schema;
  return message((writer) => {
    text(writer, 1, schema['$ref']);
    text(writer, 2, schema['format']);
    text(writer, 4, schema['description']);
    if (fallback !== undefined) writer.delimited(5, encodeAny(fallback));
    texts(writer, 19, schema['required']);
    for (const value of Array.isArray(values) ? values : []) writer.delimited(20, encodeAny(value));
    if (isJsonObject(additionalProperties)) writer.delimited(21, wrapped(1, encodeSchema(additionalProperties)));
    if (typeof schema['type'] === 'string')
      writer.delimited(
        22,
        message((type) => type.string(1, String(schema['type']))),
      );
    if (isJsonObject(items)) writer.delimited(23, wrapped(1, encodeSchema(items)));
    if (isJsonObject(properties)) writer.delimited(25, encodeNamed(properties, { number: 1, encode: encodeSchema }));
    extensions(writer, 31, schema);
  });
}
