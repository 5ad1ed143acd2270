/** What the server offers, by group and version: the one model behind both forms of discovery. */
import type { Verb } from '#api/request';
import type { CustomModel } from '#api/schema/openapi-paths';
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
  /** What its objects are kept as; nothing for what is never stored. */
  readonly storedAs?: TypeName;
  /** Of a kind that users defined. */
  readonly model?: CustomModel;
};

export type OfferedVersion = { readonly version: string; readonly resources: readonly OfferedResource[] };

/** Versions in order of preference. */
export type OfferedGroup = { readonly group: string; readonly versions: readonly OfferedVersion[] };

/** The groups as they are now; the same list while the table stays the same. */
export function currentGroups(table: ResourceTable): () => readonly OfferedGroup[] {
  let stored = table.stored;
  let groups = offeredGroups(table);
  return () => {
    if (table.stored !== stored) {
      stored = table.stored;
      groups = offeredGroups(table);
    }
    return groups;
  };
}

/** Groups in the order they were switched on, resources by name. Pure. */
function offeredGroups({ stored, virtual }: ResourceTable): readonly OfferedGroup[] {
  const groups = new Map<string, Map<string, OfferedResource[]>>();
  const add = ({ group, version }: { group: string; version: string }, resource: OfferedResource): void => {
    const versions = groups.get(group) ?? new Map<string, OfferedResource[]>();
    groups.set(group, versions);
    const resources = versions.get(version) ?? [];
    versions.set(version, resources);
    resources.push(resource);
  };
  for (const resource of stored) {
    const { definition, subresources, custom } = resource;
    add(servedType(resource), {
      ...definition,
      // People who ask for a short name or for all of a category mean what is served now.
      ...(resource.served?.former === undefined ? {} : { shortNames: [], categories: [] }),
      subresources: subresources.map(({ type, ...subresource }) => ({ ...subresource, type: nameOf(type) })),
      storedAs: { ...nameOf(definition), ...(custom === undefined ? {} : { version: custom.storageVersion }) },
      ...(custom === undefined ? {} : { model: custom.model }),
    });
  }
  for (const resource of virtual) add(resource, { ...resource, categories: [], subresources: [] });
  return [...groups].map(([group, versions]) => ({
    group,
    versions: [...versions].map(([version, resources]) => ({
      version,
      resources: resources.toSorted((left, right) => (left.plural < right.plural ? -1 : 1)),
    })),
  }));
}

/** Types come with more than clients are to see. */
function nameOf({ group, version, kind }: TypeName): TypeName {
  return { group, version, kind };
}

export const groupVersion = (group: string, version: string): string =>
  group === '' ? version : `${group}/${version}`;
