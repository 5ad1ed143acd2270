/** What the server offers, by group and version: the one model behind both forms of discovery. */
import type { Verb } from '#api/request';
import { type ResourceTable, servedType, type TypeName } from '../registry/resources.ts';

export type OfferedSubresource = { readonly name: string; readonly type: TypeName; readonly verbs: readonly Verb[] };

export type OfferedResource = {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly OfferedSubresource[];
};

export type OfferedVersion = { readonly version: string; readonly resources: readonly OfferedResource[] };

/** Versions in order of preference. */
export type OfferedGroup = { readonly group: string; readonly versions: readonly OfferedVersion[] };

/** Groups in the order they were switched on, resources by name. Pure. */
export function offeredGroups({ stored, virtual }: ResourceTable): readonly OfferedGroup[] {
  const groups = new Map<string, Map<string, OfferedResource[]>>();
  const add = ({ group, version }: { group: string; version: string }, resource: OfferedResource): void => {
    const versions = groups.get(group) ?? new Map<string, OfferedResource[]>();
    groups.set(group, versions);
    const resources = versions.get(version) ?? [];
    versions.set(version, resources);
    resources.push(resource);
  };
  for (const resource of stored)
    add(servedType(resource), { ...resource.definition, subresources: resource.subresources });
  for (const resource of virtual) add(resource, { ...resource, categories: [], subresources: [] });
  return [...groups].map(([group, versions]) => ({
    group,
    versions: [...versions].map(([version, resources]) => ({
      version,
      resources: resources.toSorted((left, right) => (left.plural < right.plural ? -1 : 1)),
    })),
  }));
}

export const groupVersion = (group: string, version: string): string =>
  group === '' ? version : `${group}/${version}`;
