import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JSONSchemaProps } from '../../types/apiextensions-v1.ts';
import { checkLists } from './check-lists.ts';
import { checkValue } from './check.ts';
import { compileSchema } from './structural.ts';

/** What is said of `spec.x` under a schema of its own. */
function said(schema: JSONSchemaProps, value: unknown): readonly string[] {
  const root = compileSchema({ type: 'object', properties: { spec: { type: 'object', properties: { x: schema } } } });
  const object = { spec: { x: value } };
  return [...checkValue(root, object), ...checkLists(root, object)].map(({ field, message }) => `${field}: ${message}`);
}

type Row = readonly [schema: JSONSchemaProps, value: unknown, ...texts: string[]];

const X = 'spec.x: Invalid value:';
const ROWS: Readonly<Record<string, readonly Row[]>> = {
  types: [
    [{ type: 'integer' }, 'many', `${X} "string": spec.x in body must be of type integer: "string"`],
    [{ type: 'integer' }, 1.5, `${X} "number": spec.x in body must be of type integer: "number"`],
    [{ type: 'number' }, 1],
    [{ type: 'string' }, 1, `${X} "integer": spec.x in body must be of type string: "integer"`],
    [{ type: 'boolean' }, 'true', `${X} "string": spec.x in body must be of type boolean: "string"`],
    [{ type: 'object' }, [], `${X} "array": spec.x in body must be of type object: "array"`],
    [{ type: 'string' }, null, `${X} "null": spec.x in body must be of type string: "null"`],
    [{ type: 'string', nullable: true }, null],
    [{ 'x-kubernetes-int-or-string': true }, '80%'],
    [{ 'x-kubernetes-int-or-string': true }, 80],
    [
      { 'x-kubernetes-int-or-string': true },
      true,
      `${X} "boolean": spec.x in body must be of type integer,string: "boolean"`,
    ],
    [{ 'x-kubernetes-preserve-unknown-fields': true }, { anything: [1, 'goes'] }],
  ],
  numbers: [
    [{ type: 'integer', minimum: 1 }, 0, `${X} 0: spec.x in body should be greater than or equal to 1`],
    [{ type: 'integer', minimum: 1, exclusiveMinimum: true }, 1, `${X} 1: spec.x in body should be greater than 1`],
    [{ type: 'integer', maximum: 10 }, 11, `${X} 11: spec.x in body should be less than or equal to 10`],
    [{ type: 'number', maximum: 1, exclusiveMaximum: true }, 1, `${X} 1: spec.x in body should be less than 1`],
    [{ type: 'integer', multipleOf: 5 }, 7, `${X} 7: spec.x in body should be a multiple of 5`],
    [{ type: 'number', multipleOf: 0.1 }, 0.3],
    [
      { type: 'integer', format: 'int32' },
      2 ** 31,
      '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.x',
    ],
  ],
  strings: [
    [{ type: 'string', maxLength: 2 }, 'abc', 'spec.x: Too long: may not be more than 2 bytes'],
    [{ type: 'string', maxLength: 2 }, '🙂🙂'],
    [{ type: 'string', minLength: 1 }, '', `${X} "": spec.x in body should be at least 1 chars long`],
    [{ type: 'string', pattern: '^a+$' }, 'b', `${X} "b": spec.x in body should match '^a+$'`],
    [{ type: 'string', pattern: '(a+)+$' }, `${'a'.repeat(50_000)}`],
    [{ type: 'string', enum: ['a', 'b'] }, 'c', 'spec.x: Unsupported value: "c": supported values: "a", "b"'],
    [{ type: 'string', format: 'ipv4' }, '1.2.3', `${X} "1.2.3": spec.x in body must be of type ipv4: "1.2.3"`],
    [{ type: 'string', format: 'date-time' }, '2026-11-23T06:30:00Z'],
    [{ type: 'string', format: 'no-such-format' }, 'anything'],
  ],
  objects: [
    [{ type: 'object', required: ['a'], properties: { a: { type: 'string' } } }, {}, 'spec.x.a: Required value'],
    [
      { type: 'object', minProperties: 1, 'x-kubernetes-preserve-unknown-fields': true },
      {},
      `${X} 0: spec.x in body should have at least 1 properties`,
    ],
    [
      { type: 'object', maxProperties: 1, additionalProperties: { type: 'string' } },
      { a: '1', b: '2' },
      'spec.x: Too many: 2: must have at most 1 items',
    ],
    [
      { type: 'object', additionalProperties: { type: 'string' } },
      { a: 1 },
      'spec.x.a: Invalid value: "integer": spec.x.a in body must be of type string: "integer"',
    ],
    [{ type: 'object', additionalProperties: false }, { a: 1 }, `${X} "a": spec.x.a in body is a forbidden property`],
  ],
  lists: [
    [
      { type: 'array', minItems: 1, items: { type: 'string' } },
      [],
      `${X} 0: spec.x in body should have at least 1 items`,
    ],
    [
      { type: 'array', maxItems: 1, items: { type: 'string' } },
      ['a', 'b'],
      'spec.x: Too many: 2: must have at most 1 items',
    ],
    [
      { type: 'array', items: { type: 'string' } },
      ['a', 1],
      'spec.x[1]: Invalid value: "integer": spec.x[1] in body must be of type string: "integer"',
    ],
    [
      { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
      ['a', 'b', 'a', 'a'],
      'spec.x[2]: Duplicate value: "a"',
    ],
    [
      {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: { type: 'object', properties: { name: { type: 'string' }, port: { type: 'integer' } } },
      },
      [{ name: 'a', port: 1 }, { name: 'b' }, { name: 'a', port: 2 }],
      'spec.x[2]: Duplicate value: {"name":"a"}',
    ],
  ],
  combinations: [
    [
      { type: 'integer', anyOf: [{ minimum: 10 }, { maximum: 1 }] },
      5,
      '<nil>: Invalid value: "": "spec.x" must validate at least one schema (anyOf)',
      `${X} 5: spec.x in body should be greater than or equal to 10`,
    ],
    [{ type: 'integer', anyOf: [{ minimum: 10 }, { maximum: 5 }] }, 5],
    [
      { type: 'integer', oneOf: [{ minimum: 1 }, { minimum: 2 }] },
      5,
      '<nil>: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
    [
      { type: 'integer', oneOf: [{ minimum: 6 }, { minimum: 7 }] },
      5,
      '<nil>: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found none valid',
      `${X} 5: spec.x in body should be greater than or equal to 6`,
    ],
    [
      { type: 'integer', allOf: [{ minimum: 1 }, { minimum: 6 }] },
      5,
      `${X} 5: spec.x in body should be greater than or equal to 6`,
      '<nil>: Invalid value: "": "spec.x" must validate all the schemas (allOf)',
    ],
    [
      { type: 'integer', not: { minimum: 1 } },
      5,
      '<nil>: Invalid value: "": "spec.x" must not validate the schema (not)',
    ],
  ],
  embedded: [
    [
      { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      { kind: 'Pod!', metadata: { name: 'a/b' } },
      'spec.x.apiVersion: Required value',
      "spec.x.kind: Invalid value: \"Pod!\": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      'spec.x.metadata.name: Invalid value: "a/b": may not contain \'/\'',
    ],
    [
      { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: { toString: 'x' } } },
      'spec.x.metadata: Invalid value: {"name":{"toString":"x"}}: json: cannot unmarshal object into Go struct field ObjectMeta.name of type string',
    ],
  ],
};

for (const [group, rows] of Object.entries(ROWS)) {
  test(`[EXT1] a value that does not fit its schema is told of in upstream's words: ${group}`, () => {
    for (const [schema, value, ...texts] of rows) assert.deepEqual(said(schema, value), texts);
  });
}

test('[EXT2] a check that would take too long ends with a refusal', () => {
  const anyOf = Array.from({ length: 1000 }, (_, index) => ({ minimum: index + 1 }));
  const list = Array.from({ length: 1100 }, () => 0);
  const texts = said({ type: 'array', items: { type: 'integer', anyOf } }, list);
  assert.ok(texts.some((text) => text.includes('more than 250000 checks are needed to validate the object')));
});
