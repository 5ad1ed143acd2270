import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  create,
  createFileRegistry,
  type DescField,
  type DescMessage,
  fromBinary,
  type Message,
  toBinary,
} from '@bufbuild/protobuf';
import { reflect, type ReflectMap, type ReflectMessage } from '@bufbuild/protobuf/reflect';
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  MessageOptionsSchema,
} from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { anObjectOf, PROTOBUF_KINDS } from '#test/builders/schema-objects';
import { parseGoDuration } from '../meta/go-duration.ts';
import { decodeObject, type JsonObject } from './decode.ts';
import { decodeProtobuf } from './protobuf-decode.ts';
import { encodeMessage, inEnvelope } from './protobuf-encode.ts';
import { allMessageNames, messageSchema } from './schema.ts';
import type { FieldSchema, MessageSchema } from './schema.ts';
import type { Scalar, SpecialForm } from './table.ts';

/** The wire fields of a message as protobuf libraries know them: by number, 64-bit integers as big ones, bytes as bytes. */
type WireTree = ReadonlyMap<number, unknown>;

const wireName = (name: string): string => name.replaceAll('.', '_');

const TYPES: Readonly<Record<Exclude<Scalar, 'any'>, FieldDescriptorProto_Type>> = {
  string: FieldDescriptorProto_Type.STRING,
  bytes: FieldDescriptorProto_Type.BYTES,
  bool: FieldDescriptorProto_Type.BOOL,
  int32: FieldDescriptorProto_Type.INT32,
  int64: FieldDescriptorProto_Type.INT64,
  uint32: FieldDescriptorProto_Type.UINT32,
  uint64: FieldDescriptorProto_Type.UINT64,
  double: FieldDescriptorProto_Type.DOUBLE,
  float: FieldDescriptorProto_Type.FLOAT,
};

const typeOf = ({ scalar, message }: FieldSchema): { type: FieldDescriptorProto_Type; typeName?: string } =>
  message === undefined
    ? { type: TYPES[scalar as Exclude<Scalar, 'any'>] }
    : { type: FieldDescriptorProto_Type.MESSAGE, typeName: `.${wireName(message.name)}` };

function descriptorOf(schema: MessageSchema): DescriptorProto {
  const name = wireName(schema.name);
  const fields = schema.protobufFields.filter(({ number, scalar }) => number > 0 && scalar !== 'any');
  const entryName = (field: FieldSchema): string => `F${field.number}Entry`;
  return create(DescriptorProtoSchema, {
    name,
    field: fields.map((field) =>
      create(FieldDescriptorProtoSchema, {
        name: `f${field.number}`,
        number: field.number,
        label: field.list || field.map ? FieldDescriptorProto_Label.REPEATED : FieldDescriptorProto_Label.OPTIONAL,
        ...(field.map
          ? { type: FieldDescriptorProto_Type.MESSAGE, typeName: `.${name}.${entryName(field)}` }
          : typeOf(field)),
      }),
    ),
    nestedType: fields
      .filter(({ map }) => map)
      .map((field) =>
        create(DescriptorProtoSchema, {
          name: entryName(field),
          options: create(MessageOptionsSchema, { mapEntry: true }),
          field: [
            create(FieldDescriptorProtoSchema, {
              name: 'key',
              number: 1,
              label: FieldDescriptorProto_Label.OPTIONAL,
              type: FieldDescriptorProto_Type.STRING,
            }),
            create(FieldDescriptorProtoSchema, {
              name: 'value',
              number: 2,
              label: FieldDescriptorProto_Label.OPTIONAL,
              ...typeOf(field),
            }),
          ],
        }),
      ),
  });
}

const file = create(FileDescriptorProtoSchema, {
  name: 'table.proto',
  syntax: 'proto2',
  messageType: allMessageNames().map((name) => descriptorOf(messageSchema(name))),
});
const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] }));
const peerOf = (schema: MessageSchema): DescMessage => registry.getMessage(wireName(schema.name))!;

type ToTree = (value: never, schema: MessageSchema) => WireTree;
const rawTree: ToTree = (value: unknown) => new Map([[1, Buffer.from(JSON.stringify(value))]]);
const timeTree: ToTree = (value: string) => {
  const micros = BigInt((/\.(\d{6})Z$/.exec(value)?.[1] ?? '0').padEnd(6, '0'));
  return new Map<number, unknown>([
    [1, BigInt(Date.parse(value.replace(/\.\d+Z$/, 'Z')) / 1000)],
    [2, Number(micros * 1000n)],
  ]);
};
const aSchema = (value: unknown): WireTree => treeOf(SCHEMA_PROPS, value as JsonObject);
const SCHEMA_PROPS = messageSchema('k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps');

// How upstream's own marshalers take these apart, written down a second time.
const SPECIAL_TREES: Readonly<Record<SpecialForm, ToTree>> = {
  time: timeTree,
  microTime: timeTree,
  duration: (value: string) => new Map([[1, parseGoDuration(value)]]),
  quantity: (value: string) => new Map([[1, value]]),
  intOrString: (value: unknown) =>
    new Map<number, unknown>([
      [1, typeof value === 'string' ? 1n : 0n],
      [2, typeof value === 'string' ? 0 : value],
      [3, typeof value === 'string' ? value : ''],
    ]),
  rawExtension: rawTree,
  rawJson: rawTree,
  schemaOrArray: (value: unknown) =>
    Array.isArray(value) ? new Map([[2, value.map(aSchema)]]) : new Map([[1, aSchema(value)]]),
  schemaOrBool: (value: unknown) =>
    typeof value === 'boolean'
      ? new Map([[1, value]])
      : new Map<number, unknown>([
          [1, true],
          [2, aSchema(value)],
        ]),
  schemaOrStringArray: (value: unknown) =>
    Array.isArray(value) ? new Map([[2, value]]) : new Map([[1, aSchema(value)]]),
};

function treeOf(schema: MessageSchema, value: unknown): WireTree {
  if (schema.special !== undefined) return SPECIAL_TREES[schema.special](value as never, schema);
  if (schema.isListWrapper) return new Map([[schema.protobufFields[0]!.number, value]]);
  const object = value as JsonObject;
  const found = schema.protobufFields.flatMap((field): [number, unknown][] => {
    const part = field.inline ? treeOf(field.message!, object) : object[field.name];
    if (part === undefined || field.number === 0) return [];
    return [[field.number, field.inline ? part : partTree(field, part)]];
  });
  return withoutEmptyInline(schema, found);
}

/** The struct around an inline message is the same with it empty or left out. */
function withoutEmptyInline({ protobufFields }: MessageSchema, found: readonly [number, unknown][]): WireTree {
  const inline = new Set(protobufFields.filter((field) => field.inline).map(({ number }) => number));
  return new Map(found.filter(([number, part]) => !inline.has(number) || (part as WireTree).size > 0));
}

function partTree(field: FieldSchema, part: unknown): unknown {
  if (field.list) return (part as readonly unknown[]).map((item) => valueTree(field, item));
  if (!field.map) return valueTree(field, part);
  return Object.fromEntries(Object.entries(part as JsonObject).map(([key, item]) => [key, valueTree(field, item)]));
}

function valueTree({ scalar, message }: FieldSchema, value: unknown): unknown {
  if (message !== undefined) return treeOf(message, value);
  if (scalar === 'bytes') return Buffer.from(value as string, 'base64');
  return scalar === 'int64' || scalar === 'uint64' ? BigInt(String(value)) : value;
}

/** The message as the peer holds it. */
function toPeer(schema: MessageSchema, tree: WireTree): ReflectMessage {
  const message = reflect(peerOf(schema));
  for (const field of schema.protobufFields) {
    const part = tree.get(field.number);
    if (part === undefined) continue;
    const described = message.fields.find(({ number }) => number === field.number) as DescField;
    const item = (value: unknown): never =>
      (field.message === undefined ? value : toPeer(field.message, value as WireTree)) as never;
    if (described.fieldKind === 'list') {
      for (const each of part as readonly unknown[]) message.get(described).add(item(each));
    } else if (described.fieldKind === 'map') {
      for (const [key, each] of Object.entries(part as JsonObject)) message.get(described).set(key, item(each));
    } else message.set(described, item(part));
  }
  return message;
}

/** What the peer has read. */
function fromPeer(schema: MessageSchema, message: ReflectMessage): WireTree {
  const found = schema.protobufFields.flatMap((field): [number, unknown][] => {
    const described = message.fields.find(({ number }) => number === field.number);
    if (described === undefined || !message.isSet(described)) return [];
    const part = message.get(described);
    const item = (value: unknown): unknown => {
      if (field.message !== undefined) return fromPeer(field.message, value as ReflectMessage);
      return value instanceof Uint8Array ? Buffer.from(value) : value;
    };
    if (described.fieldKind === 'list') return [[field.number, Array.from(part as Iterable<unknown>, item)]];
    if (described.fieldKind !== 'map') return [[field.number, item(part)]];
    const entries = [...(part as ReflectMap<string>)].map(([key, value]) => [key, item(value)] as const);
    return [[field.number, Object.fromEntries(entries)]];
  });
  return withoutEmptyInline(schema, found);
}

const anyObject = fc
  .constantFrom(...PROTOBUF_KINDS)
  .chain((schema) => fc.tuple(fc.constant(schema), anObjectOf(schema, 4)));

test('[API43] what another encoder writes is read as the object it stands for', () => {
  fc.assert(
    fc.property(anyObject, ([schema, value]) => {
      const bytes = toBinary(peerOf(schema), toPeer(schema, treeOf(schema, value)).message as Message);
      const {
        apiVersion: _apiVersion,
        kind: _kind,
        ...object
      } = decodeProtobuf(inEnvelope(schema.kind!, [bytes])).object;
      assert.deepEqual(object, decodeObject(schema, value, { fieldValidation: 'Strict' }).object);
    }),
    { numRuns: 300 },
  );
});

test('[API43] what is written, another decoder reads as the same fields', () => {
  fc.assert(
    fc.property(anyObject, ([schema, value]) => {
      const described = peerOf(schema);
      const read = fromBinary(described, encodeMessage(schema, value));
      assert.deepEqual(read.$unknown ?? [], []);
      assert.deepEqual(fromPeer(schema, reflect(described, read)), treeOf(schema, value));
    }),
    { numRuns: 300 },
  );
});
