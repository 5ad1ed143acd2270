/** All objects of a kind as they are now, read again only after one of them has changed: rules ask with every write. */
import type { ApiObject } from '#api/object';
import type { ResourceType } from '#api/resource';
import type { Store, StoreWatch } from '#store/store';
import { listPrefix } from '../registry/keys.ts';

export type NewestList<T> = {
  readonly all: () => readonly T[];
  readonly in: (namespace: string | undefined) => readonly T[];
};

type Reading<T> = {
  readonly all: readonly T[];
  readonly byNamespace: ReadonlyMap<string | undefined, readonly T[]>;
  readonly changes: StoreWatch;
  readonly ending: AbortController;
};

/** The objects are durable ones: what a transaction has just written is not among them. */
export function newestList<T extends ApiObject>(store: Store, type: ResourceType<T>): NewestList<T> {
  let latest: Reading<T> | undefined;
  const current = (): Reading<T> => {
    // Nobody takes events from the watch: that there is one waiting is all we want to know of it.
    if (latest === undefined || latest.changes.progress() < store.revision) {
      latest?.ending.abort();
      latest = read(store, type);
    }
    return latest;
  };
  return { all: () => current().all, in: (namespace) => current().byNamespace.get(namespace) ?? [] };
}

function read<T extends ApiObject>(store: Store, type: ResourceType<T>): Reading<T> {
  const ending = new AbortController();
  const prefix = listPrefix(type, undefined);
  const changes = store.watch(prefix, { since: store.revision, signal: ending.signal });
  const all = store.list(prefix).items as readonly unknown[] as readonly T[];
  return { all, byNamespace: Map.groupBy(all, ({ metadata }) => metadata.namespace), changes, ending };
}
