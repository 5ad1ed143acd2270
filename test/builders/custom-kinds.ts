/** Kinds that users define, on a cluster whose API server serves all it is told of. */
import { CustomResourceDefinition } from '#api/extensions/custom-resource-definition';
import type { TestCluster } from './cluster.ts';

type Kind = {
  readonly kind: string;
  readonly plural: string;
  /** The first one is stored. */
  readonly versions?: readonly string[];
  readonly subresources?: object;
};

/** Defines a kind of the group `example.com` and lets it be served, as the API server does. */
export async function defineKind(
  { client }: TestCluster,
  { kind, plural, versions = ['v1'], subresources = {} }: Kind,
): Promise<CustomResourceDefinition> {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const names = { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` };
  const made = await client.create(CustomResourceDefinition, {
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names,
      versions: versions.map((name, index) => ({ name, served: true, storage: index === 0, schema, subresources })),
    },
  });
  const conditions = ['NamesAccepted', 'Established'].map((type) => ({ type, status: 'True' }));
  const status = { ...made.status, acceptedNames: names, conditions };
  return await client.update(CustomResourceDefinition, { ...made, status }, { subresource: 'status' });
}
