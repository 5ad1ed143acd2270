/** CustomResourceDefinitions for tests, and waiting until they are served. */
import type { Wire } from './wire.ts';

export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Any object, whatever is in it. */
export const SCHEMALESS = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

const PORT = {
  type: 'object',
  required: ['containerPort', 'protocol'],
  properties: {
    containerPort: { type: 'integer', format: 'int32' },
    name: { type: 'string' },
    protocol: { type: 'string' },
  },
};

/** A spec with a pattern and a list with keys. */
export const SPEC_SCHEMA = {
  type: 'object',
  properties: {
    foo: { type: 'string' },
    schedule: { type: 'string', pattern: String.raw`^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$` },
    ports: {
      type: 'array',
      items: PORT,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
    },
  },
};

export type Version = { readonly name?: string; readonly schema?: object; readonly rest?: object };

export const versionOf = ({ name = 'v1', schema = SCHEMALESS, rest = {} }: Version = {}): object => ({
  name,
  served: true,
  storage: true,
  schema: { openAPIV3Schema: schema },
  ...rest,
});

/** `plural` also makes the kind, with a capital letter. */
export function definitionOf(group: string, plural: string, versions: readonly object[] = [versionOf()]): object {
  const kind = `${plural.charAt(0).toUpperCase()}${plural.slice(1)}`;
  return {
    metadata: { name: `${plural}.${group}` },
    spec: { group, scope: 'Namespaced', names: { plural, kind }, versions },
  };
}

/** Creates a definition; resolves when its objects are served. */
export async function define(wire: Wire, definition: object): Promise<void> {
  const { metadata } = await wire.post(DEFINITIONS, definition);
  const { name, resourceVersion } = metadata;
  const watch = await wire.watch(
    `${DEFINITIONS}?fieldSelector=metadata.name%3D${name}&resourceVersion=${resourceVersion}`,
  );
  await watch.until(({ object }) => JSON.stringify(object['status'] ?? {}).includes('"InitialNamesAccepted"'));
  watch.end();
}

// Keeps a failing test from hanging; it is no expectation of speed.
const BOUND_MS = 20_000;

/** Asks again until the answer is good: what a change brings about comes a moment after it. */
export async function until<T>(ask: () => Promise<T>, good: (answer: T) => boolean): Promise<T> {
  const giveUp = AbortSignal.timeout(BOUND_MS);
  for (;;) {
    const answer = await ask();
    if (good(answer)) return answer;
    if (giveUp.aborted) throw new Error(`the answer stayed ${JSON.stringify(answer)}`);
  }
}
