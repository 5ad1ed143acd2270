/** Arbitrary objects of every kind in the schema table, for tests of what reads and writes them. */
import fc from 'fast-check';
import { exactInteger } from '#api/meta/exact-integer';
import type { JsonObject } from '#api/schema/decode';
import { allMessageNames, type FieldSchema, type MessageSchema, messageSchema, schemaFor } from '#api/schema/schema';
import type { Scalar, SpecialForm } from '#api/schema/table';

const text = fc.stringMatching(/^[a-z]{1,8}$/);
const time = fc
  .integer({ min: -60_000_000_000, max: 250_000_000_000 })
  .map((seconds) => new Date(seconds * 1000).toISOString().slice(0, 19));

const SCALARS: Readonly<Record<Scalar, fc.Arbitrary<unknown>>> = {
  string: fc.string({ unit: 'binary', minLength: 1 }).filter((value) => value.isWellFormed()),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  bool: fc.constant(true),
  int32: fc.integer().filter((value) => value !== 0),
  int64: fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .filter((value) => value !== 0n)
    .map(exactInteger),
  uint32: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  uint64: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(exactInteger),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => value !== 0),
  float: fc.constantFrom(0.5, -2, 1024),
  any: fc.jsonValue(),
};

const SPECIALS: Readonly<Record<SpecialForm, fc.Arbitrary<unknown>>> = {
  time: time.map((seconds) => `${seconds}Z`),
  microTime: fc
    .tuple(time, fc.integer({ min: 0, max: 999_999 }))
    .map(([seconds, micros]) => `${seconds}.${String(micros).padStart(6, '0')}Z`),
  duration: fc.constantFrom('0s', '1.5s', '300ms', '1h0m0s', '-1m30s', '2562047h47m16.854775807s'),
  quantity: fc.constantFrom('0', '100m', '1Gi', '1536Mi', '3', '1e3', '-1', '0.5', '1024Ki', '5n'),
  intOrString: fc.oneof(
    fc.integer().filter((value) => value !== 0),
    fc.stringMatching(/^[0-9]{1,2}%$/),
  ),
  rawExtension: fc.dictionary(text, fc.integer(), { noNullPrototype: true }),
  rawJson: fc.oneof(fc.integer(), fc.dictionary(text, fc.integer(), { noNullPrototype: true })),
  schemaOrArray: fc.oneof(fc.constant({ type: 'string' }), fc.constant([{ type: 'string' }])),
  schemaOrBool: fc.oneof(fc.boolean(), fc.constant({ type: 'string' })),
  schemaOrStringArray: fc.oneof(fc.constant({ type: 'string' }), fc.array(text, { minLength: 1 })),
};

/** Any object of the message, in canonical form, nested up to a depth. */
export function anObjectOf(schema: MessageSchema, depth: number): fc.Arbitrary<unknown> {
  if (schema.special !== undefined) return SPECIALS[schema.special];
  if (schema.isListWrapper) return fc.array(text, { minLength: 1, maxLength: 3 });
  const fields = [...schema.fields.values()].filter(
    (field) => field.number > 0 && (field.message === undefined || depth > 0),
  );
  const shape = Object.fromEntries(fields.map((field) => [field.name, aFieldOf(field, depth - 1)]));
  return fc.record(shape, { requiredKeys: [] }).map((object) => withoutUnset(schema, object));
}

/** An empty object that is not behind a pointer is the same as none, and protobuf does not tell them apart. */
function withoutUnset(schema: MessageSchema, object: JsonObject): JsonObject {
  const kept = Object.entries(object).filter(([name, value]) => {
    const field = schema.fields.get(name);
    const isStruct = field?.message?.special === undefined && field?.list !== true && field?.map !== true;
    return !(
      isStruct &&
      field?.pointer !== true &&
      typeof value === 'object' &&
      value !== null &&
      Object.keys(value).length === 0
    );
  });
  return Object.fromEntries(kept);
}

function aFieldOf(field: FieldSchema, depth: number): fc.Arbitrary<unknown> {
  const value = field.message === undefined ? SCALARS[field.scalar!] : anObjectOf(field.message, depth);
  if (field.map === true) return fc.dictionary(text, value, { minKeys: 1, maxKeys: 2, noNullPrototype: true });
  return field.list === true ? fc.array(value, { minLength: 1, maxLength: 2 }) : value;
}

/** Kinds whose every field has a place in protobuf. */
export const PROTOBUF_KINDS = allMessageNames()
  .map(messageSchema)
  .filter(({ kind, name }) => kind !== undefined && schemaFor(kind)?.name === name)
  .filter(({ fields }) =>
    [...fields.values()].every(({ number, name }) => number > 0 || name === 'kind' || name === 'apiVersion'),
  );
