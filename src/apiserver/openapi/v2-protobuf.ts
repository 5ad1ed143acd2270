/** The OpenAPI v2 document as protobuf, the only form in which kubectl before 1.29 reads it. */
import { isJsonObject, type JsonObject } from '#api/meta/json-value';
import { VARINT } from '#api/schema/protobuf-reader';
import { ProtobufWriter } from '#api/schema/protobuf-writer';

/** Writes one JSON value as a field. */
type FieldWriter = (writer: ProtobufWriter, number: number, value: unknown) => void;

/** Field numbers of a message by JSON name, and how each is written; `x-` keys go where `extensions` says. */
type Message = {
  readonly fields: () => Readonly<Record<string, readonly [number: number, write: FieldWriter]>>;
  readonly extensions?: number;
};

export function openApiV2Protobuf(document: JsonObject): Uint8Array {
  const writer = new ProtobufWriter();
  writeFields(DOCUMENT, document, writer);
  return writer.finish();
}

/** From the last field to the first, as the writer has it. */
function writeFields({ fields, extensions }: Message, value: JsonObject, writer: ProtobufWriter): void {
  const known = fields();
  for (const [name, part] of Object.entries(value).toReversed()) {
    const field = Object.hasOwn(known, name) ? known[name] : undefined;
    if (field !== undefined) field[1](writer, field[0], part);
    else if (extensions !== undefined && name.startsWith('x-')) named(anything)(writer, extensions, { [name]: part });
  }
}

const text: FieldWriter = (writer, number, value) => writer.string(number, String(value));

const flag: FieldWriter = (writer, number, value) => {
  writer.varint(value === true ? 1 : 0);
  writer.tag(number, VARINT);
};

const texts: FieldWriter = (writer, number, value) => {
  for (const item of listOf(value).toReversed()) writer.string(number, String(item));
};

/** A value of any type travels as YAML, which JSON is. */
const anything: FieldWriter = (writer, number, value) => {
  const end = writer.written;
  writer.string(2, `${JSON.stringify(value)}\n`);
  writer.delimit(number, end);
};

const anythings: FieldWriter = (writer, number, value) => {
  for (const item of listOf(value).toReversed()) anything(writer, number, item);
};

const message =
  (type: Message): FieldWriter =>
  (writer, number, value) => {
    if (!isJsonObject(value)) return;
    const end = writer.written;
    writeFields(type, value, writer);
    writer.delimit(number, end);
  };

const messages =
  (type: Message): FieldWriter =>
  (writer, number, value) => {
    for (const item of listOf(value).toReversed()) message(type)(writer, number, item);
  };

/** A map as a list of pairs of name and value. */
const named =
  (writeValue: FieldWriter): FieldWriter =>
  (writer, number, value) => {
    for (const [name, item] of Object.entries(isJsonObject(value) ? value : {}).toReversed()) {
      const end = writer.written;
      writeValue(writer, 2, item);
      writer.string(1, name);
      writer.delimit(number, end);
    }
  };

/** A message whose only field has this number. */
const wrapped =
  (inner: number, write: FieldWriter): FieldWriter =>
  (writer, number, value) => {
    const end = writer.written;
    write(writer, inner, value);
    writer.delimit(number, end);
  };

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined ? [] : [value];
}

const SCHEMA: Message = {
  fields: () => ({
    $ref: [1, text],
    format: [2, text],
    title: [3, text],
    description: [4, text],
    default: [5, anything],
    pattern: [13, text],
    required: [19, texts],
    enum: [20, anythings],
    additionalProperties: [21, wrapped(1, message(SCHEMA))],
    type: [22, wrapped(1, texts)],
    items: [23, wrapped(1, messages(SCHEMA))],
    allOf: [24, messages(SCHEMA)],
    properties: [25, wrapped(1, named(message(SCHEMA)))],
  }),
  extensions: 31,
};

const BODY_PARAMETER: Message = {
  fields: () => ({
    description: [1, text],
    name: [2, text],
    in: [3, text],
    required: [4, flag],
    schema: [5, message(SCHEMA)],
  }),
};

const QUERY_PARAMETER: Message = {
  fields: () => ({
    required: [1, flag],
    in: [2, text],
    description: [3, text],
    name: [4, text],
    type: [6, text],
  }),
};

const PATH_PARAMETER: Message = {
  fields: () => ({
    required: [1, flag],
    in: [2, text],
    description: [3, text],
    name: [4, text],
    type: [5, text],
  }),
};

/** Three wrappers deep: an item is a parameter, that is one of a body or not, and that is one of several places. */
const parameters: FieldWriter = (writer, number, value) => {
  for (const item of listOf(value).toReversed()) {
    const place = isJsonObject(item) ? item['in'] : undefined;
    const write =
      place === 'body'
        ? wrapped(1, message(BODY_PARAMETER))
        : wrapped(2, place === 'path' ? wrapped(4, message(PATH_PARAMETER)) : wrapped(3, message(QUERY_PARAMETER)));
    wrapped(1, write)(writer, number, item);
  }
};

const RESPONSE: Message = {
  fields: () => ({ description: [1, text], schema: [2, wrapped(1, message(SCHEMA))] }),
};

const OPERATION: Message = {
  fields: () => ({
    tags: [1, texts],
    summary: [2, text],
    description: [3, text],
    operationId: [5, text],
    produces: [6, texts],
    consumes: [7, texts],
    parameters: [8, parameters],
    responses: [9, wrapped(1, named(wrapped(1, message(RESPONSE))))],
  }),
  extensions: 13,
};

const PATH_ITEM: Message = {
  fields: () => ({
    get: [2, message(OPERATION)],
    put: [3, message(OPERATION)],
    post: [4, message(OPERATION)],
    delete: [5, message(OPERATION)],
    patch: [8, message(OPERATION)],
    parameters: [9, parameters],
  }),
};

const INFO: Message = { fields: () => ({ title: [1, text], version: [2, text] }) };

const DOCUMENT: Message = {
  fields: () => ({
    swagger: [1, text],
    info: [2, message(INFO)],
    paths: [8, wrapped(2, named(message(PATH_ITEM)))],
    definitions: [9, wrapped(1, named(message(SCHEMA)))],
  }),
};
