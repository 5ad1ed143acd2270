import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CustomResourceDefinitionSpec, JSONSchemaProps } from '../types/apiextensions-v1.ts';
import { CustomResourceDefinition } from './custom-resource-definition.ts';
import { checkLists } from './schema/check-lists.ts';
import { checkValue } from './schema/check.ts';
import { shapeObject } from './schema/shape.ts';
import { compileSchema } from './schema/structural.ts';

const VERSION = { name: 'v1', served: true, storage: true };
const NAMES = { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' };

function definition(spec: Partial<CustomResourceDefinitionSpec>, schema: JSONSchemaProps): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com', uid: '1', resourceVersion: '1', creationTimestamp: '2026-11-23T00:00:00Z' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: NAMES,
      versions: [{ ...VERSION, schema: { openAPIV3Schema: schema } }],
      ...spec,
    },
  };
}

const texts = (crd: CustomResourceDefinition): readonly string[] =>
  CustomResourceDefinition.validate(crd).map(({ field, message }) => `${field}: ${message}`);

const ofSpec = (spec: Partial<CustomResourceDefinitionSpec>): readonly string[] =>
  texts(definition(spec, { type: 'object' }));
const ofSchema = (schema: JSONSchemaProps): readonly string[] => texts(definition({}, schema));
const ofField = (x: JSONSchemaProps): readonly string[] => ofSchema({ type: 'object', properties: { x } });

const ROOT = 'spec.validation.openAPIV3Schema';
const X = `${ROOT}.properties[x]`;

test('[EXT13] names, versions and scope of a definition are checked', () => {
  const schema = { openAPIV3Schema: { type: 'object' } };
  assert.deepEqual(ofSpec({}), []);
  assert.deepEqual(ofSpec({ group: 'example' }), [
    'metadata.name: Invalid value: "things.example.com": must be spec.names.plural+"."+spec.group',
    'spec.group: Invalid value: "example": should be a domain with at least one dot',
  ]);
  assert.deepEqual(ofSpec({ scope: 'World' }), [
    'spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"',
  ]);
  assert.deepEqual(ofSpec({ names: { ...NAMES, listKind: 'Thing' } }), [
    'spec.names.listKind: Invalid value: "Thing": kind and listKind may not be the same',
  ]);
  assert.match(
    ofSpec({ versions: [{ ...VERSION, schema, storage: false }] }).join(),
    /must have exactly one version marked as storage version/,
  );
  assert.deepEqual(ofSpec({ versions: [VERSION] }), ['spec.versions[0].schema.openAPIV3Schema: Required value']);
  assert.match(
    ofSpec({
      versions: [
        { ...VERSION, schema },
        { ...VERSION, schema, storage: false },
      ],
    }).join(),
    /must contain unique version names/,
  );
  assert.deepEqual(ofSpec({ preserveUnknownFields: true }), [
    'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
  ]);
  assert.deepEqual(ofSpec({ conversion: { strategy: 'Webhook' } }), [
    'spec.conversion.strategy: Unsupported value: "Webhook": supported values: "None"',
  ]);
  assert.deepEqual(ofSpec({ versions: [{ ...VERSION, schema, deprecationWarning: 'old' }] }), [
    'spec.versions[0].deprecationWarning: Invalid value: "old": can only be set for deprecated versions',
  ]);
});

test('[EXT19] groups of the Kubernetes community are for approved kinds', () => {
  const approved = (annotation?: string): readonly string[] => {
    const crd = definition({ group: 'things.k8s.io' }, { type: 'object' });
    const annotations = annotation === undefined ? {} : { 'api-approved.kubernetes.io': annotation };
    return texts({ ...crd, metadata: { ...crd.metadata, name: 'things.things.k8s.io', annotations } });
  };
  assert.match(
    approved().join(),
    /^metadata\.annotations\[api-approved\.kubernetes\.io\]: Required value: protected groups must/,
  );
  assert.match(approved('yes').join(), /with either a URL or a reason starting with "unapproved"/);
  assert.deepEqual([...approved('unapproved, a test'), ...approved('https://github.com/kubernetes/enhancements')], []);
});

const aSchema = fc.letrec<{ schema: JSONSchemaProps }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    fc.constant({ type: 'string' }),
    fc.record(
      {
        type: fc.constantFrom('object', 'array', 'string', 'integer', 'null', ''),
        default: fc.jsonValue(),
        pattern: fc.constantFrom('a+', '(', '(a*)*$'),
        enum: fc.array(fc.jsonValue(), { maxLength: 2 }),
        minimum: fc.integer(),
        maxLength: fc.integer(),
        nullable: fc.boolean(),
        required: fc.array(fc.constantFrom('a', '__proto__'), { maxLength: 2 }),
        items: tie('schema'),
        properties: fc.dictionary(fc.constantFrom('a', 'metadata', '__proto__', 'constructor'), tie('schema')),
        additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
        anyOf: fc.array(tie('schema'), { maxLength: 2 }),
        not: tie('schema'),
        'x-kubernetes-list-type': fc.constantFrom('map', 'set', 'atomic', 'x'),
        'x-kubernetes-list-map-keys': fc.array(fc.constantFrom('a', '__proto__'), { maxLength: 2 }),
        'x-kubernetes-embedded-resource': fc.boolean(),
        'x-kubernetes-int-or-string': fc.boolean(),
        'x-kubernetes-preserve-unknown-fields': fc.boolean(),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<JSONSchemaProps>,
  ),
})).schema;

test('[EXT16] whatever is sent as a schema is refused or can be used', () => {
  fc.assert(
    fc.property(aSchema, fc.jsonValue(), (x, value) => {
      const schema = { type: 'object', properties: { x } };
      if (ofSchema(schema).length > 0) return;
      const compiled = compileSchema(schema);
      const shaped = shapeObject(compiled, { x: value });
      checkLists(compiled, shaped.value);
      assert.ok(Array.isArray(checkValue(compiled, shaped.value)));
    }),
    { numRuns: 2000, seed: 11 },
  );
});

test('[EXT14] columns, subresources and selectable fields of a definition are checked', () => {
  const version = (more: object) => ({
    versions: [
      {
        ...VERSION,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } },
        ...more,
      },
    ],
  });
  assert.deepEqual(ofSpec(version({ additionalPrinterColumns: [{ name: 'A', type: 'float', jsonPath: 'spec.a' }] })), [
    'spec.additionalPrinterColumns[0].type: Invalid value: "float": must be one of boolean,date,integer,number,string',
    'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec.a": must be a simple json path starting with .',
  ]);
  const scale = { specReplicasPath: '.status.replicas', statusReplicasPath: '', labelSelectorPath: '.metadata.a' };
  assert.deepEqual(ofSpec(version({ subresources: { scale } })), [
    'spec.subresources.scale.specReplicasPath: Invalid value: ".status.replicas": should be a json path under .spec',
    'spec.subresources.scale.statusReplicasPath: Required value',
    'spec.subresources.scale.labelSelectorPath: Invalid value: ".metadata.a": should be a json path under either .spec or .status',
  ]);
  assert.deepEqual(ofSpec(version({ selectableFields: [{ jsonPath: '.spec' }, { jsonPath: '.nothing' }] })), [
    'spec.selectableFields[0].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
    'spec.selectableFields[1].jsonPath: Invalid value: ".nothing": is an invalid path: does not refer to a valid field',
  ]);
});

test('[EXT15] a schema must be structural', () => {
  const rows: readonly (readonly [found: readonly string[], ...texts: string[]])[] = [
    [ofSchema({}), `${ROOT}.type: Required value: must not be empty at the root`],
    [ofSchema({ type: 'string' }), `${ROOT}.type: Invalid value: "string": must be object at the root`],
    [ofField({}), `${X}.type: Required value: must not be empty for specified object fields`],
    [ofField({ 'x-kubernetes-preserve-unknown-fields': true })],
    [ofField({ 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] })],
    [ofField({ type: 'array' }), `${X}.items: Required value: must be specified`],
    [
      ofField({ type: 'array', items: {} }),
      `${X}.items.type: Required value: must not be empty for specified array items`,
    ],
    [
      ofField({ type: 'string', anyOf: [{ type: 'string' }] }),
      `${X}.anyOf[0].type: Forbidden: must be empty to be structural`,
    ],
    [
      ofField({ type: 'string', not: { default: 'a' } }),
      `${X}.not.default: Forbidden: must be undefined to be structural`,
    ],
    [
      ofSchema({ type: 'object', anyOf: [{ properties: { y: { minimum: 1 } } }] }),
      `${ROOT}.properties[y]: Required value: because it is defined in ${ROOT}.anyOf[0].properties[y]`,
    ],
    [
      ofField({ type: 'string', pattern: '(' }),
      `${X}.pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``,
    ],
    [
      ofSchema({
        type: 'object',
        properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } },
      }),
      `${ROOT}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`,
    ],
    [
      ofField({ type: 'object', 'x-kubernetes-embedded-resource': true }),
      `${X}.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields`,
    ],
  ];
  for (const [found, ...expected] of rows) assert.deepEqual(found, expected);
});

test('[EXT16] what custom kinds cannot have is refused, validation rules too: nothing is ignored in silence', () => {
  const list = { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } };
  const rows: readonly (readonly [found: readonly string[], ...texts: string[]])[] = [
    [
      ofField({ type: 'array', items: { type: 'string' }, uniqueItems: true }),
      `${X}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
    ],
    [ofField({ type: 'string', $ref: '#/a' }), `${X}.$ref: Forbidden: $ref is not supported`],
    [
      ofField({ type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'string' } }),
      `${X}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`,
    ],
    [
      ofField({ type: 'string', 'x-kubernetes-validations': [{ rule: 'self != ""' }] }),
      `${X}.x-kubernetes-validations: Forbidden: validation rules are not supported by this server`,
    ],
    [
      ofField({ ...list, 'x-kubernetes-list-type': 'map' }),
      `${X}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`,
    ],
    [
      ofField({ ...list, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a'] }),
      `${X}.items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
    ],
    [
      ofField({ ...list, 'x-kubernetes-list-type': 'set' }),
      `${X}.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`,
    ],
    [
      ofField({ type: 'integer', default: 'one' }),
      `${X}.default: Invalid value: "string": ${X}.default in body must be of type integer: "string"`,
    ],
    [
      ofField({ type: 'object', properties: { a: { type: 'string' } }, default: { b: 1 } }),
      `${X}.default: Invalid value: {"b":1}: must not have unknown fields`,
    ],
    [
      ofSchema({ type: 'object', properties: { kind: { type: 'string', default: 'A' } } }),
      `${ROOT}.properties[kind].default: Forbidden: must not be set in top-level kind`,
    ],
  ];
  for (const [found, ...expected] of rows) assert.deepEqual(found, expected);
});

test('[EXT17] names are completed, formats that nobody knows are warned of', () => {
  const crd = definition(
    { names: { plural: 'things', kind: 'Thing' } },
    { type: 'object', properties: { x: { type: 'string', format: 'color' } } },
  );
  assert.deepEqual(CustomResourceDefinition.applyDefaults(crd).spec.names, NAMES);
  assert.deepEqual(CustomResourceDefinition.applyDefaults(crd).spec.conversion, { strategy: 'None' });
  assert.deepEqual(CustomResourceDefinition.warnings(crd), ['unrecognized format "color"']);
});

test('[EXT18] what objects are stored under does not change, and a version they may be stored in stays', () => {
  const stored = CustomResourceDefinition.prepareForCreate(definition({}, { type: 'object' }));
  assert.deepEqual(stored.status?.storedVersions, ['v1']);
  const established = {
    ...stored,
    status: { ...stored.status, conditions: [{ type: 'Established', status: 'True' }] },
  };
  const schema = { openAPIV3Schema: { type: 'object' } };
  const next = CustomResourceDefinition.prepareForUpdate(
    { ...established, spec: { ...stored.spec, scope: 'Cluster', versions: [{ ...VERSION, name: 'v2', schema }] } },
    established,
  );
  assert.deepEqual(
    CustomResourceDefinition.validateUpdate(next, established).map(({ field, message }) => `${field}: ${message}`),
    [
      'spec.scope: Invalid value: "Cluster": field is immutable',
      'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
    ],
  );
});
