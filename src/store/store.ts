/** The store's contract: frozen objects under ordered keys, one revision counter, durable before visible. */
import type { ObjectMeta } from '#api/types/meta-v1';

/** What the store keeps: any object with metadata. The store sets `metadata.resourceVersion` and freezes the value. */
export type Storable = { readonly metadata: ObjectMeta };

/**
 * One change. For a delete, `object` is the last state with the delete's revision as its resourceVersion.
 * `previous` is the state before (absent for a create): a filtered watch needs it to tell "left the filter" from "never was in it".
 */
export type StoreEvent = {
  readonly type: 'put' | 'delete';
  readonly key: string;
  readonly revision: number;
  readonly object: Storable;
  readonly previous?: Storable;
};

/** A transaction reads the newest state, including what earlier, not yet durable transactions wrote. */
export interface Transaction {
  get(key: string): Storable | undefined;
  /** Writes a new revision and returns the frozen object as stored. Writing a value equal to the stored one by reference is a no-op. */
  put<T extends Storable>(key: string, object: T): T;
  /** Removes the key and returns the object as the delete event carries it; undefined if there was none. */
  delete(key: string): Storable | undefined;
}

/**
 * `committed` resolves when the write is durable. `relaxed` resolves at once and rides on the next commit
 * (leases and events: losing the last moments of them in a crash harms nobody).
 */
export type Durability = 'committed' | 'relaxed';

export type ListOptions = {
  readonly limit?: number;
  /** Start after this key (exclusive): the next page. */
  readonly startAfter?: string;
  /** List as of this revision; throws `RevisionCompactedError` when it is older than the retained window. */
  readonly revision?: number;
};

export type ListPage = {
  readonly revision: number;
  readonly items: readonly Storable[];
  /** The last key of this page when there is more. */
  readonly more?: { readonly after: string; readonly remaining: number };
};

/** Waits for the next batch of a watch. */
export interface BatchReader {
  arrived(batch: readonly StoreEvent[]): void;
  /** There are no more; with an error if the watch was cut off. */
  ended(error?: unknown): void;
}

/** Events in strictly increasing revision order, in batches that became durable together. */
export interface StoreWatch extends AsyncIterable<readonly StoreEvent[]> {
  /** As iterating, but who waits holds no promises: the next batch if it is there, else the reader hears of it. One waits at a time. */
  take(reader: BatchReader): readonly StoreEvent[] | undefined;
  /** Every event up to this revision was handed out: what a bookmark may claim. */
  progress(): number;
}

export type WatchOptions = {
  /** Deliver what is newer than this revision; throws `RevisionCompactedError` when that is no longer known. */
  readonly since: number;
  readonly signal: AbortSignal;
  /** Hears of what has, or had until now, this value, and maybe of more: what thousands watch for one value each costs each of them nothing. */
  readonly only?: WatchedValue;
};

export type WatchedValue = {
  readonly field: string;
  readonly value: string;
  /** One function a prefix and field: that of the first watch serves all. */
  readonly read: (object: Storable) => string;
};

export type HistoryEntry = {
  readonly revision: number;
  readonly atMs: number;
  readonly type: 'put' | 'delete';
  readonly object: Storable;
};

export interface Store extends AsyncDisposable {
  /** The newest durable revision. */
  readonly revision: number;
  /** The oldest revision that a list or a watch may still ask for. */
  readonly compactedRevision: number;
  get(key: string): Storable | undefined;
  /** Objects whose key starts with `prefix`, ordered by key, all at one revision. */
  list(prefix: string, options?: ListOptions): ListPage;
  count(prefix: string): number;
  /**
   * Runs `transaction` at once and synchronously (an async callback does not compile) and resolves with its result when durable.
   * If it throws, nothing is written and the promise rejects with its error. Throws `StoreUnavailableError` when the engine cannot commit (disk full, I/O error).
   */
  write<R>(transaction: (tx: Transaction) => NotPromise<R>, durability?: Durability): Promise<R>;
  watch(prefix: string, options: WatchOptions): StoreWatch;
  /** Revisions of one key still kept, oldest first. */
  history(key: string): Promise<readonly HistoryEntry[]>;
}

export type NotPromise<R> = R extends PromiseLike<unknown> ? never : R;

export class RevisionCompactedError extends Error {
  readonly oldest: number;
  constructor(asked: number, oldest: number) {
    super(`Cannot read revision ${asked}: history starts at ${oldest}`);
    this.name = 'RevisionCompactedError';
    this.oldest = oldest;
  }
}

export class StoreUnavailableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreUnavailableError';
  }
}
