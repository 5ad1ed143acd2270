/** The key of an object inside its kind: `namespace/name`, or `name` alone for cluster-scoped kinds. */
import type { ObjectRef } from '#api/object';

type Named = { readonly metadata: { readonly namespace?: string | undefined; readonly name?: string } };

/** The key under which caches and work queues know an object. */
export function keyOf({ metadata }: Named): string {
  return keyOfRef({ namespace: metadata.namespace, name: metadata.name ?? '' });
}

export function keyOfRef({ namespace, name }: ObjectRef): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

export function refOfKey(key: string): ObjectRef {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
