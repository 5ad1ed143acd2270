/** Decides which kinds the definitions of users add to those that namespaces hold and owners own. */
import { isEstablished, type CustomResourceDefinition } from '#api/extensions/custom-resource-definition';
import { defineResource, type ResourceDefinition } from '#api/resource';

/** Kinds that are served, each in one version, with the others as its other names. By name. */
export function planCustomKinds(definitions: readonly CustomResourceDefinition[]): readonly ResourceDefinition[] {
  const named = definitions.toSorted((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1));
  return named.filter(isEstablished).flatMap(({ spec, status }) => {
    const served = spec.versions.filter((version) => version.served);
    const followed = served.find(({ storage }) => storage) ?? served[0];
    if (followed === undefined) return [];
    const { group, scope } = spec;
    const { plural, kind } = status?.acceptedNames ?? spec.names;
    const others = served.filter((version) => version !== followed);
    return defineResource(
      { group, version: followed.name, kind, plural, namespaced: scope === 'Namespaced' },
      { otherVersions: others.map(({ name }) => ({ group, version: name, toStored: same, fromStored: same })) },
    );
  });
}

const same = <T>(object: T): T => object;

/** Names the kinds and their versions: when it stays, nothing has to be started anew. */
export function signatureOf(kinds: readonly ResourceDefinition[]): string {
  return JSON.stringify(
    kinds.map(({ apiVersion, plural, kind, namespaced, otherVersions }) => [
      apiVersion,
      plural,
      kind,
      namespaced,
      ...otherVersions.map(({ version }) => version),
    ]),
  );
}
