/** Messages of the schema table as protobuf lays them out: fields by number, how each is read, in which order they are written. */
import type { ExactInteger } from '../meta/exact-integer.ts';
import { DecodeError } from './decode-error.ts';
import { FIXED_32, FIXED_64, LENGTH_DELIMITED, type ProtobufReader, VARINT } from './protobuf-reader.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';
import type { FieldSchema, MessageSchema } from './schema.ts';
import type { Scalar } from './table.ts';

export type MessageLayout = {
  readonly schema: MessageSchema;
  /** Sparse: most numbers belong to no field. */
  readonly byNumber: readonly (FieldLayout | undefined)[];
  /** From the highest number to the lowest. */
  readonly descending: readonly FieldLayout[];
};

export type FieldLayout = {
  readonly field: FieldSchema;
  readonly number: number;
  readonly wireType: number;
  readonly readScalar: (reader: ProtobufReader) => unknown;
  /** Absent for a field that holds a message. */
  readonly writeScalar: WriteScalar | undefined;
  /** Go writes what is not a pointer even when it was never set. */
  readonly zeroIsUnset: boolean;
  /** Of the field's message; throws when it has none. */
  readonly message: MessageLayout;
  /** Of a map: its value, as the second field of the message that an entry is. */
  readonly mapValue: FieldLayout;
};

type WriteScalar = (writer: ProtobufWriter, number: number, value: unknown) => void;

const layouts = new WeakMap<MessageSchema, MessageLayout>();

export function layoutOf(schema: MessageSchema): MessageLayout {
  let layout = layouts.get(schema);
  if (layout === undefined) {
    layout = planLayout(schema);
    layouts.set(schema, layout);
  }
  return layout;
}

function planLayout(schema: MessageSchema): MessageLayout {
  const fields = schema.protobufFields
    .filter(({ number }) => number > 0)
    .map((field) => new Layout(field, field.number));
  const byNumber: FieldLayout[] = [];
  for (const layout of fields) byNumber[layout.number] = layout;
  return { schema, byNumber, descending: fields.toSorted((left, right) => right.number - left.number) };
}

class Layout implements FieldLayout {
  readonly field: FieldSchema;
  readonly number: number;
  readonly wireType: number;
  readonly readScalar: (reader: ProtobufReader) => unknown;
  readonly writeScalar: WriteScalar | undefined;
  readonly zeroIsUnset: boolean;
  #mapValue: FieldLayout | undefined;
  #message: MessageLayout | undefined;

  constructor(field: FieldSchema, number: number) {
    this.field = field;
    this.number = number;
    this.writeScalar = field.scalar === undefined ? undefined : SCALAR_WRITERS[field.scalar];
    this.wireType = field.scalar === undefined ? LENGTH_DELIMITED : wireTypeOf(field.scalar);
    this.readScalar = SCALAR_READERS[field.scalar ?? 'any'];
    this.zeroIsUnset = !field.pointer && !field.filledIn;
  }

  /** Resolved when first asked: messages refer to each other in circles. */
  get message(): MessageLayout {
    return (this.#message ??= layoutOf(this.field.message!));
  }

  get mapValue(): FieldLayout {
    return (this.#mapValue ??= new Layout(this.field, 2));
  }
}

function wireTypeOf(scalar: Scalar): number {
  if (scalar === 'string' || scalar === 'bytes') return LENGTH_DELIMITED;
  if (scalar === 'double') return FIXED_64;
  return scalar === 'float' ? FIXED_32 : VARINT;
}

const SCALAR_READERS: Readonly<Record<Scalar, (reader: ProtobufReader) => unknown>> = {
  string: (reader) => reader.string(),
  bytes: (reader) => reader.bytes().toString('base64'),
  bool: (reader) => reader.bool(),
  int32: (reader) => reader.int32(),
  int64: (reader) => reader.int64(),
  uint32: (reader) => reader.uint64(),
  uint64: (reader) => reader.uint64(),
  double: (reader) => finite(reader.double()),
  float: (reader) => finite(reader.float()),
  any: () => undefined,
};

function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new DecodeError(`json: unsupported value: ${value}`);
}

const writeVarint: WriteScalar = (writer, number, value) => {
  writer.varint(value as number | ExactInteger);
  writer.tag(number, VARINT);
};

const SCALAR_WRITERS: Readonly<Record<Scalar, WriteScalar>> = {
  string: (writer, number, value) => writer.string(number, value as string),
  bytes: (writer, number, value) => writer.delimited(number, Buffer.from(value as string, 'base64')),
  bool: (writer, number, value) => {
    writer.varint(value === true ? 1 : 0);
    writer.tag(number, VARINT);
  },
  int32: writeVarint,
  int64: writeVarint,
  uint32: writeVarint,
  uint64: writeVarint,
  double: (writer, number, value) => {
    writer.double(Number(value));
    writer.tag(number, FIXED_64);
  },
  float: (writer, number, value) => {
    writer.float(Number(value));
    writer.tag(number, FIXED_32);
  },
  any: () => undefined,
};
