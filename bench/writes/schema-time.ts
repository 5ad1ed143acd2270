/** From the definition of a kind with a large schema to the first object checked by it. */
import type { CustomResourceDefinition } from '#api/extensions/custom-resource-definition';
import type { ApiObject } from '#api/object';
import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '#api/types/apiextensions-v1';
import { customKind } from '#apiserver/extensions/custom-kind';
import { decodeCustom } from '#apiserver/extensions/decode-custom';
import type { BenchContext, Measurement, Scale } from '../suite.ts';
import { cpuTime } from './cpu-time.ts';

const COMPILATIONS: Readonly<Record<Scale, number>> = { full: 100, quick: 10 };
const SCHEMA_KB = 250;
const LIMIT_MS = 50;

export async function measureSchema({ scale, progress }: BenchContext): Promise<readonly Measurement[]> {
  progress('compiling a large schema');
  const sections = largeSections();
  const text = JSON.stringify(aDefinition(sections));
  const spec = Object.fromEntries(
    Object.keys(sections).map((name) => [name, { name: 'one', rules: [{ name: 'all' }] }]),
  );
  const cost = { operations: COMPILATIONS[scale], perSample: 5 };
  const object = { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'one' }, spec };
  // Parsed each time: nothing that was learned of one definition may help with the next.
  const compile = (): void => {
    const crd = JSON.parse(text) as CustomResourceDefinition;
    const kind = customKind(crd, crd.spec.versions[0] as CustomResourceDefinitionVersion);
    const problems = kind.definition.validate(kind.definition.applyDefaults(object as unknown as ApiObject));
    if (problems.length > 0) throw new Error(`Cannot check the object: ${JSON.stringify(problems[0])}`);
    decodeCustom(kind);
  };
  const [ours, floor] = [await cpuTime(cost, compile), await cpuTime(cost, () => JSON.parse(text) as unknown)];
  return [
    {
      workload: `compile a CRD schema of ${Math.round(text.length / 1024)} KB, to the first object checked`,
      figure: ours.p50,
      unit: 'ms of CPU',
      spread: ours,
      reference: { name: 'JSON.parse of it', figure: floor.p50 },
      targets: [{ of: 'figure', keep: 'at most', limit: LIMIT_MS }],
    },
  ];
}

/** Sections like those of other people's kinds, as many as make up the size. */
function largeSections(): Readonly<Record<string, JSONSchemaProps>> {
  const sections: Record<string, JSONSchemaProps> = {};
  let bytes = 0;
  for (let index = 0; bytes < SCHEMA_KB * 1024; index++) {
    const section = aSection(index);
    sections[`section${index}`] = section;
    bytes += JSON.stringify(section).length;
  }
  return sections;
}

function aDefinition(sections: Readonly<Record<string, JSONSchemaProps>>): object {
  const schema = { type: 'object', properties: { spec: { type: 'object', properties: sections } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
}

function aSection(index: number): JSONSchemaProps {
  const description = 'What this part of the thing is for, told in a sentence as long as such sentences are. '.repeat(
    2,
  );
  const text = {
    type: 'string',
    description,
    maxLength: 253,
    pattern: `^[a-z0-9]([-a-z0-9]{0,${index + 1}}[a-z0-9])?$`,
  };
  const amount = { 'x-kubernetes-int-or-string': true, description, anyOf: [{ type: 'integer' }, { type: 'string' }] };
  return {
    type: 'object',
    description,
    required: ['name'],
    properties: {
      name: text,
      mode: { type: 'string', enum: ['Always', 'Never', 'IfNeeded'], default: 'Always', description },
      count: { type: 'integer', format: 'int32', minimum: 0, maximum: 1000, description },
      limits: { type: 'object', additionalProperties: amount, description },
      rules: {
        type: 'array',
        description,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: {
          type: 'object',
          required: ['name'],
          properties: { name: text, values: { type: 'array', items: text }, weight: { type: 'number', description } },
        },
      },
    },
  } as unknown as JSONSchemaProps;
}
