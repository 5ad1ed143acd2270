/** Informers over objects that a test puts in and takes out itself. */
import type { ApiObject } from '#api/object';
import type { ResourceType } from '#api/resource';
import type { Change, Indexer, Informer, Informers } from '#client/informer';
import { ObjectCache } from '#client/object-cache';

export type HeldInformers = Informers & {
  put<T extends ApiObject>(type: ResourceType<T>, object: T): void;
  remove<T extends ApiObject>(type: ResourceType<T>, object: T): void;
};

/** Filters are the test's own business: what it puts in is what a filtered informer shows. */
export function heldInformers(): HeldInformers {
  const held = new Map<string, HeldInformer<ApiObject>>();
  let revision = 0;
  const informer = <T extends ApiObject>(type: ResourceType<T>): HeldInformer<T> => {
    const known = held.get(type.kind) ?? new HeldInformer<ApiObject>();
    held.set(type.kind, known);
    return known as unknown as HeldInformer<T>;
  };
  const revised = <T extends ApiObject>(object: T): T => {
    revision++;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
  };
  return {
    for: informer,
    filtered: informer,
    synced: () => Promise.resolve(),
    put: (type, object) => informer(type).cache.deliver('put', revised(object)),
    remove: (type, object) => informer(type).cache.deliver('delete', revised(object)),
  };
}

class HeldInformer<T extends ApiObject> implements Informer<T> {
  readonly synced = Promise.resolve();
  readonly #handlers = new Set<(change: Change<T>) => void>();
  readonly cache = new ObjectCache<T>((change) => {
    for (const handler of this.#handlers) handler(change);
  });

  get(ref: Parameters<Informer<T>['get']>[0]): T | undefined {
    return this.cache.get(ref);
  }

  list(namespace?: string): readonly T[] {
    return this.cache.list(namespace);
  }

  byIndex(name: string, value: string): readonly T[] {
    return this.cache.byIndex(name, value);
  }

  addIndex(name: string, indexer: Indexer<T>): void {
    this.cache.addIndex(name, indexer);
  }

  observe(written: T, how: 'written' | 'removed'): void {
    this.cache.observe(written, how);
  }

  subscribe(handler: (change: Change<T>) => void): Disposable {
    for (const after of this.cache.list()) handler({ after });
    this.#handlers.add(handler);
    return { [Symbol.dispose]: () => this.#handlers.delete(handler) };
  }

  subscribeInParts(handler: (change: Change<T>) => void): Promise<Disposable> {
    return Promise.resolve(this.subscribe(handler));
  }
}
