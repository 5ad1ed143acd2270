/** Who owns an object: reading and making owner references. */
import type { ApiObject } from '../object.ts';
import type { OwnerReference } from '../types/meta-v1.ts';

type Kind = { readonly apiVersion: string; readonly kind: string };

/** The one owner that manages the object, if it has one. */
export function controllerOf(object: ApiObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true);
}

/** The reference by which `owner` manages an object. */
export function controllerReference(
  { metadata: { name, uid } }: ApiObject,
  { apiVersion, kind }: Kind,
): OwnerReference {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** The object as managed by `owner`. */
export function adopted<T extends ApiObject>(object: T, owner: OwnerReference): T {
  const others = object.metadata.ownerReferences?.filter(({ uid }) => uid !== owner.uid) ?? [];
  return { ...object, metadata: { ...object.metadata, ownerReferences: [...others, owner] } };
}

/** The object without the owner `uid`. */
export function released<T extends ApiObject>(object: T, uid: string): T {
  const { ownerReferences = [], ...metadata } = object.metadata;
  const left = ownerReferences.filter((owner) => owner.uid !== uid);
  return { ...object, metadata: left.length === 0 ? metadata : { ...metadata, ownerReferences: left } };
}
