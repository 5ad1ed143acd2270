/** The kinds that definitions of users add, as far as one must know them to read and write their objects as they are. */
import { defineResource, type ResourceDefinition } from '../resource.ts';
import { isEstablished, type CustomResourceDefinition } from './custom-resource-definition.ts';

/** Kinds that are served, each in one version, with the others as its other names. By name. */
export function definedKinds(definitions: readonly CustomResourceDefinition[]): readonly ResourceDefinition[] {
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
