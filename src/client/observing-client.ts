/** A client whose writes are seen by the informers before they return: who decides from informers never acts twice on one fact. */
import type { ApiObject } from '#api/object';
import type { ResourceType } from '#api/resource';
import type { Client } from './client.ts';
import type { Informers } from './informer.ts';

type DryRun = { readonly dryRun?: boolean };

/** Observes writes of the kinds in `types`; writes of others pass, so that nobody starts an informer by writing. */
export function observingClient(client: Client, informers: Informers, types: readonly ResourceType[]): Client {
  const isAmong = kindsAmong(types);
  const isObserved = (type: ResourceType, options: DryRun | undefined): boolean =>
    options?.dryRun !== true && isAmong(type);
  const written = async <T extends ApiObject>(type: ResourceType<T>, write: Promise<T>): Promise<T> => {
    const object = await write;
    informers.for(type).observe(object, 'written');
    return object;
  };
  return {
    ...client,
    create(type, object, options) {
      const write = client.create(type, object, options);
      return isObserved(type, options) ? written(type, write) : write;
    },
    update(type, object, options) {
      const write = client.update(type, object, options);
      return isObserved(type, options) ? written(type, write) : write;
    },
    patch(type, target, options) {
      const write = client.patch(type, target, options);
      return isObserved(type, options) ? written(type, write) : write;
    },
    async delete(type, ref, options) {
      const object = await client.delete(type, ref, options);
      if (isObserved(type, options)) informers.for(type).observe(object, isGone(object) ? 'removed' : 'written');
      return object;
    },
  };
}

/** Tells an object that a delete has removed from one that still waits for its grace period or its finalizers. */
function isGone(object: ApiObject & { readonly spec?: { readonly finalizers?: readonly string[] } }): boolean {
  const { metadata, spec } = object;
  // A namespace keeps the finalizer that counts in its spec.
  if ((metadata.finalizers ?? spec?.finalizers ?? []).length > 0) return false;
  return metadata.deletionTimestamp === undefined || (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}

/** Whether a kind is one of `types`, by whichever of its definitions; told without a text for those seen before. */
export function kindsAmong(types: readonly ResourceType[]): (type: ResourceType) => boolean {
  const names = new Set(types.map(kindName));
  const known = new WeakMap<ResourceType, boolean>();
  return (type) => {
    const answer = known.get(type) ?? names.has(kindName(type));
    known.set(type, answer);
    return answer;
  };
}

/** Names a kind among all kinds. */
export function kindName({ apiVersion, kind }: ResourceType): string {
  return `${apiVersion}/${kind}`;
}
