/** What a node may do with devices: read the claims of its pods, and publish what it offers itself. */
import type * as core from '#api/types/core-v1';
import { claimNamesOf } from '#api/resource/pod-claims';
import type { ResourceSlice } from '#api/types/resource-v1';
import type { Store } from '#store/store';
import type { Decision, ResourceAttributes } from './authorizer.ts';

const ALLOWED: Decision = Object.freeze({ allowed: true });
const UNKNOWN: Decision = Object.freeze({ allowed: false });
const refused = (reason: string): Decision => ({ allowed: false, reason });
const unrelated = (nodeName: string): Decision =>
  refused(`no relationship found between node '${nodeName}' and this object`);

/** `podsOf`: those of the node in a namespace. */
export function mayReadClaim(
  { verb, subresource, namespace = '', name = '' }: ResourceAttributes,
  nodeName: string,
  podsOf: (namespace: string) => readonly core.Pod[],
): Decision {
  if (verb !== 'get') return refused('can only get individual resources of this type');
  if (subresource !== undefined) return refused('cannot get subresource');
  return podsOf(namespace).some((pod) => claimNamesOf(pod).includes(name)) ? ALLOWED : unrelated(nodeName);
}

const OF_MANY = new Set(['deletecollection', 'list', 'watch']);
const OF_ONE = new Set(['delete', 'get', 'patch', 'update']);

type Slices = { readonly store: Store; readonly selectsNode: (fieldSelector: string | undefined) => boolean };

/** Whose slice a new one is, is checked on admission. */
export function mayUseSlice(
  { verb, subresource, name = '', fieldSelector }: ResourceAttributes,
  nodeName: string,
  { store, selectsNode }: Slices,
): Decision {
  if (subresource !== undefined) return refused('cannot access ResourceSlice subresources');
  if (verb === 'create') return ALLOWED;
  if (OF_MANY.has(verb)) {
    if (selectsNode(fieldSelector)) return ALLOWED;
    return refused('can only list/watch/deletecollection resourceslices with nodeName field selector');
  }
  if (!OF_ONE.has(verb)) return UNKNOWN;
  const slice = store.get(`/resource.k8s.io/resourceslices/${name}`) as ResourceSlice | undefined;
  return slice?.spec.nodeName === nodeName ? ALLOWED : unrelated(nodeName);
}
