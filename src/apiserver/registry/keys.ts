/** Where objects live in the store: `/<group>/<resource>/<namespace>/<name>`, with `core` for the group without a name. */
import type { ObjectRef } from '#api/object';
import type { ResourceType } from '#api/resource';

type Location = Pick<ResourceType, 'group' | 'plural' | 'namespaced'>;

// No custom group can be called this: groups of custom resources must have a dot.
const CORE = 'core';

export const namespaceKey = (name: string): string => `/${CORE}/namespaces/${name}`;

export function objectKey(type: Location, { namespace, name }: ObjectRef): string {
  return `${listPrefix(type, namespace)}${name}`;
}

/** What the keys of all objects of a kind, or of those in one namespace, start with. */
export function listPrefix({ group, plural, namespaced }: Location, namespace: string | undefined): string {
  const kind = `/${group === '' ? CORE : group}/${plural}/`;
  return namespaced && namespace !== undefined && namespace !== '' ? `${kind}${namespace}/` : kind;
}
