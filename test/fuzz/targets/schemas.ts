/** Definitions of custom kinds with odd schemas, and odd objects of those that are accepted. */
import { ApiError } from '#api/errors';
import type { CustomResourceDefinition } from '#api/extensions/custom-resource-definition';
import { validateDefinition } from '#api/extensions/validate-definition';
import { ExactInteger } from '#api/meta/exact-integer';
import { decodeBuiltIn } from '#apiserver/registry/decode';
import { customKind } from '#apiserver/extensions/custom-kind';
import { decodeCustom } from '#apiserver/extensions/decode-custom';
import { assertPlain } from '../campaign.ts';
import type { Chance } from '../chance.ts';
import { attempt, type Target } from '../target.ts';

const PLAIN = [ExactInteger.prototype];
const KIND = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' };
const TYPE = { group: 'fuzz.example', version: 'v1', kind: 'Odd' };

const SCHEMAS: readonly object[] = [
  {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        required: ['size'],
        properties: {
          size: { type: 'integer', format: 'int64', minimum: 1, maximum: 10, default: 2, multipleOf: 2 },
          name: { type: 'string', pattern: '^[a-z]+$', maxLength: 9, enum: ['a', 'b'], nullable: true },
          when: { type: 'string', format: 'date-time' },
          port: { 'x-kubernetes-int-or-string': true },
          tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set', maxItems: 3 },
          parts: {
            type: 'array',
            items: { type: 'object', required: ['k'], properties: { k: { type: 'string' } } },
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['k'],
          },
          any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          map: { type: 'object', additionalProperties: { type: 'number' } },
          nested: {
            type: 'object',
            'x-kubernetes-embedded-resource': true,
            'x-kubernetes-preserve-unknown-fields': true,
          },
        },
        anyOf: [{ required: ['name'] }, { required: ['when'] }],
        not: { required: ['no'] },
      },
    },
  },
  { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
];

const OBJECT = {
  apiVersion: 'fuzz.example/v1',
  kind: 'Odd',
  metadata: { name: 'odd' },
  spec: {
    size: 4,
    name: 'a',
    when: '2026-01-01T00:00:00Z',
    port: '80',
    tags: ['x', 'y'],
    parts: [{ k: 'a' }, { k: 'b' }],
    any: { deep: { er: [1, 'x'] } },
    map: { a: 1.5 },
    nested: { apiVersion: 'v1', kind: 'K', metadata: { name: 'x' } },
  },
};

function definition(chance: Chance): unknown {
  const schema = chance.once(4) ? chance.pick(SCHEMAS) : chance.changedJson(chance.pick(SCHEMAS));
  const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } };
  const spec = {
    group: 'fuzz.example',
    scope: 'Namespaced',
    names: { plural: 'odds', kind: 'Odd', singular: 'odd', listKind: 'OddList' },
    versions: [chance.once(5) ? chance.changedJson(version) : version],
  };
  return { metadata: { name: 'odds.fuzz.example' }, spec };
}

export const SCHEMA_TARGET: Target = {
  name: 'custom schema',
  share: 5,
  run: (chance) =>
    attempt([ApiError], () => {
      const decoded = decodeBuiltIn({ value: JSON.parse(JSON.stringify(definition(chance))) as unknown }, KIND, 'Warn');
      const crd = decoded.object as CustomResourceDefinition;
      if (!validateDefinition(crd).next().done) throw new ApiError('Invalid', 'the definition is invalid');
      const [version] = crd.spec.versions;
      if (version === undefined) throw new ApiError('Invalid', 'there is no version');
      const kind = customKind(crd, version);
      const sent = JSON.parse(JSON.stringify(chance.changedJson(OBJECT))) as unknown;
      const { object } = decodeCustom(kind)({ value: sent }, TYPE, 'Warn');
      assertPlain(kind.definition.applyDefaults(object), PLAIN);
      kind.definition.validate(object);
    }),
};
