/** A live, indexed, in-memory copy of one kind, and the factory that shares it between components. */
import type { ApiObject, ObjectRef } from '#api/object';
import type { ResourceType } from '#api/resource';

/** `before` is absent for an addition, `after` for a removal. */
export type Change<T extends ApiObject> = { readonly before?: T; readonly after?: T };

/** Maps an object to the value or values it is found under, if any: `byNode: (pod) => pod.spec.nodeName`. */
export type Indexer<T extends ApiObject> = (object: T) => readonly string[] | string | undefined;

export interface Informer<T extends ApiObject> {
  readonly synced: Promise<void>;
  get(ref: ObjectRef): T | undefined;
  /** All objects, or those of one namespace. */
  list(namespace?: string): readonly T[];
  /** Objects found under `value` of the index added as `name`. */
  byIndex(name: string, value: string): readonly T[];
  /** Adds an index; adding the same name twice is a no-op if the function is the same, an error otherwise. */
  addIndex(name: string, indexer: Indexer<T>): void;
  /** Calls `handler` for every object now present, then for every change, synchronously after the copy was updated. */
  subscribe(handler: (change: Change<T>) => void): Disposable;
  /**
   * As `subscribe`, but what is there now is told in parts, with turns of the event loop between; resolves when all of it was told.
   * A change of an object may come before the object itself was told.
   */
  subscribeInParts(handler: (change: Change<T>) => void): Promise<Disposable>;
  /**
   * Read-your-own-writes: takes the result of a write of ours before the watch delivers it.
   * Older than what is held: ignored. The watch's echo of it is then not a second change.
   */
  observe(written: T, how: 'written' | 'removed'): void;
}

export interface Informers {
  /** The shared informer of a kind; started on first use. */
  for<T extends ApiObject>(type: ResourceType<T>): Informer<T>;
  /** An informer of its own with a server-side filter (an agent's pods: `spec.nodeName=NAME`). */
  filtered<T extends ApiObject>(
    type: ResourceType<T>,
    filter: { readonly fieldSelector?: string; readonly namespace?: string },
  ): Informer<T>;
  /** Resolves when all informers asked for so far hold their first list. */
  synced(): Promise<void>;
}
