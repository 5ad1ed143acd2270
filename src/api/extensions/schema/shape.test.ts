import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deepFreeze } from '#base/deep-freeze';
import type { JsonObject } from '../../meta/json-value.ts';
import type { JSONSchemaProps } from '../../types/apiextensions-v1.ts';
import { checkValue } from './check.ts';
import { shapeObject, type Shaped } from './shape.ts';
import { compileSchema } from './structural.ts';

function shaped(properties: Readonly<Record<string, JSONSchemaProps>>, object: JsonObject): Shaped {
  return shapeObject(compileSchema({ type: 'object', properties }), deepFreeze(object));
}

test('[EXT3] fields that the schema does not name are dropped and told by path', () => {
  const item: JSONSchemaProps = { type: 'object', properties: { name: { type: 'string' } } };
  const properties = { spec: { type: 'object', properties: { list: { type: 'array', items: item } } } };
  const { value, unknown } = shaped(properties, {
    apiVersion: 'example.com/v1',
    kind: 'Thing',
    metadata: { name: 'a' },
    more: 1,
    spec: { list: [{ name: 'a' }, { name: 'b', size: 1 }], other: {} },
  });
  assert.deepEqual(unknown, ['more', 'spec.list[1].size', 'spec.other']);
  assert.deepEqual(value, {
    apiVersion: 'example.com/v1',
    kind: 'Thing',
    metadata: { name: 'a' },
    spec: { list: [{ name: 'a' }, { name: 'b' }] },
  });
});

test('[EXT31] metadata of an object inside of an object has the fields of metadata and no others', () => {
  const properties = {
    template: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: {} },
  } as const;
  const metadata = { name: 'inner', labels: { any: 'label' }, colour: 'red' };
  assert.deepEqual(shaped(properties, { metadata: { other: 1 }, template: { kind: 'Inner', metadata } }), {
    value: {
      metadata: { other: 1 },
      template: { kind: 'Inner', metadata: { name: 'inner', labels: { any: 'label' } } },
    },
    unknown: ['template.metadata.colour'],
  });
});

test('[EXT4] a marker keeps unknown fields, except inside of fields that are known', () => {
  const spec: JSONSchemaProps = {
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
    properties: { known: { type: 'object', properties: { a: { type: 'string' } } } },
  };
  const { value, unknown } = shaped({ spec }, { spec: { known: { a: '', b: '' }, free: { x: [{ y: 1 }] } } });
  assert.deepEqual(value, { spec: { known: { a: '' }, free: { x: [{ y: 1 }] } } });
  assert.deepEqual(unknown, ['spec.known.b']);
});

test('[EXT5] defaults are filled in at every depth, and in the place of nulls that may not be', () => {
  const spec: JSONSchemaProps = {
    type: 'object',
    default: {},
    properties: {
      replicas: { type: 'integer', default: 1 },
      note: { type: 'string', nullable: true, default: 'none' },
      gone: { type: 'string' },
      list: { type: 'array', items: { type: 'object', properties: { port: { type: 'integer', default: 80 } } } },
    },
  };
  assert.deepEqual(shaped({ spec }, {}).value, { spec: { replicas: 1, note: 'none' } });
  const given = { spec: { replicas: null, note: null, gone: null, list: [{}, { port: 1 }] } };
  assert.deepEqual(shaped({ spec }, given).value, {
    spec: { replicas: 1, note: null, list: [{ port: 80 }, { port: 1 }] },
  });
});

test('[EXT6] an object that fits is handed back as it is', () => {
  const object = deepFreeze({ spec: { a: 'b', c: [1, 2] } });
  const spec: JSONSchemaProps = {
    type: 'object',
    properties: { a: { type: 'string' }, c: { type: 'array', items: { type: 'integer' } } },
  };
  assert.equal(shaped({ spec }, object).value, object);
});

test('[EXT7] hostile names are names like any other', () => {
  const object = JSON.parse('{"spec":{"__proto__":{"polluted":true},"constructor":{"prototype":{}}}}') as JsonObject;
  const kept = shaped(
    {
      spec: {
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
        properties: { a: { type: 'integer', default: 1 } },
      },
    },
    object,
  );
  assert.equal(
    JSON.stringify(kept.value),
    '{"spec":{"__proto__":{"polluted":true},"constructor":{"prototype":{}},"a":1}}',
  );
  const { value, unknown } = shaped({ spec: { type: 'object' } }, object);
  assert.deepEqual([value, unknown], [{ spec: {} }, ['spec.__proto__', 'spec.constructor']]);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

const NAMES = ['a', 'b', 'c', '__proto__'];

const leaf: fc.Arbitrary<JSONSchemaProps> = fc.oneof(
  fc.record(
    { type: fc.constant('integer'), default: fc.integer(), nullable: fc.boolean() },
    { requiredKeys: ['type'] },
  ),
  fc.record({ type: fc.constant('string'), default: fc.string(), nullable: fc.boolean() }, { requiredKeys: ['type'] }),
);
const aSchema = fc.letrec<{ schema: JSONSchemaProps }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(fc.constantFrom(...NAMES), tie('schema')),
      'x-kubernetes-preserve-unknown-fields': fc.constantFrom(true, undefined),
    }) as fc.Arbitrary<JSONSchemaProps>,
    fc.record({ type: fc.constant('array'), items: tie('schema') }),
    fc.record({ type: fc.constant('object'), additionalProperties: tie('schema') }),
  ),
})).schema;
const aValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, 1, 'x', true),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value')),
  ),
})).value;

test('[EXT8] what was shaped once stays as it is, knows nothing unknown, and fits as well as before', () => {
  fc.assert(
    fc.property(aSchema, aValue, (schema, value) => {
      const root = compileSchema({ type: 'object', properties: { spec: schema } });
      const once = shapeObject(root, { spec: value });
      const twice = shapeObject(root, once.value);
      assert.equal(twice.value, once.value);
      assert.deepEqual(twice.unknown, []);
      // Checking must not throw whatever is there, and gives the same answer each time.
      assert.deepEqual(checkValue(root, twice.value), checkValue(root, once.value));
    }),
    { numRuns: 500, seed: 7 },
  );
});
