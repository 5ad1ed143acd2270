/** Where objects live in the store: `/<group>/<resource>/<namespace>/<name>`, with `core` for the group without a name. */
import type { ObjectRef } from '#api/object';
import type { ResourceType } from '#api/resource';

type Location = Pick<ResourceType, 'group' | 'plural' | 'namespaced'>;

// No custom group can be called this: groups of custom resources must have a dot.
const CORE = 'core';

const kindKeys = new WeakMap<object, string>();

/** `group/plural`, by which tables are about kinds. One text for a kind: making it with every request takes longer than what it is for. */
export function kindKey(type: Pick<Location, 'group' | 'plural'>): string {
  let key = kindKeys.get(type);
  if (key === undefined) {
    key = `${type.group}/${type.plural}`;
    kindKeys.set(type, key);
  }
  return key;
}

export const namespaceKey = (name: string): string => `/${CORE}/namespaces/${name}`;

export function objectKey(type: Location, { namespace, name }: ObjectRef): string {
  return `${listPrefix(type, namespace)}${name}`;
}

/** What the keys of all objects of a kind, or of those in one namespace, start with. */
export function listPrefix(type: Location, namespace: string | undefined): string {
  if (latest.type !== type || latest.namespace !== namespace)
    latest = { type, namespace, prefix: makePrefix(type, namespace) };
  return latest.prefix;
}

// Most requests are about the same as those before. Joining one text of many takes long, most of all when it is looked up then.
let latest: { readonly type?: Location; readonly namespace?: string | undefined; readonly prefix: string } = {
  prefix: '',
};

function makePrefix({ group, plural, namespaced }: Location, namespace: string | undefined): string {
  const kind = `/${group === '' ? CORE : group}/${plural}/`;
  return namespaced && namespace !== undefined && namespace !== '' ? `${kind}${namespace}/` : kind;
}
