/** Who owns an object: reading and making owner references. */
import { deepFreeze } from '#base/deep-freeze';
import type { ApiObject } from '../object.ts';
import type { OwnerReference } from '../types/meta-v1.ts';

type Kind = { readonly apiVersion: string; readonly kind: string };

/** The one owner that manages the object, if it has one. */
export function controllerOf(object: ApiObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(isController);
}

const isController = ({ controller }: OwnerReference): boolean => controller === true;

/** The reference by which `owner` manages an object. */
export function controllerReference(
  { metadata: { name, uid } }: ApiObject,
  { apiVersion, kind }: Kind,
): OwnerReference {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

const lists = new WeakMap<ApiObject, readonly OwnerReference[]>();

/** The same as a list of one, which all that is made for one state of the owner shares. */
export function controllerReferences(owner: ApiObject, kind: Kind): readonly OwnerReference[] {
  let list = lists.get(owner);
  if (list === undefined) {
    list = deepFreeze([controllerReference(owner, kind)]);
    lists.set(owner, list);
  }
  return list;
}
