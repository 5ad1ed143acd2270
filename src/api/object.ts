/** The shape every API object shares, whatever its kind. */
import type { ObjectMeta } from './types/meta-v1.ts';

/** A stored object: it has a name, a uid and a resourceVersion. What the store, an informer or a client hands out is frozen. */
export type ApiObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
};

/** What a client sends to create an object: the server fills in the rest of the metadata, the defaults and the status. */
export type Unsaved<T extends ApiObject> = Omit<T, 'apiVersion' | 'kind' | 'metadata'> & {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Partial<ObjectMeta>;
};

/** Names one object of a known kind; `namespace` is absent for cluster-scoped kinds. */
export type ObjectRef = { readonly namespace?: string | undefined; readonly name: string };

/** The reference that leads back to an object. */
export function refOf(object: ApiObject): ObjectRef {
  return { namespace: object.metadata.namespace, name: object.metadata.name };
}
