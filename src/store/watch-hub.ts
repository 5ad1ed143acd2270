/** Hands committed events to watchers: each prefix is filtered once, and each field by which it is watched, however many watch it. */
import { onAbort } from '#base/abort';
import { AsyncQueue } from '#base/async-queue';
import {
  type BatchReader,
  RevisionCompactedError,
  type StoreEvent,
  type StoreWatch,
  type WatchedValue,
  type WatchOptions,
} from './store.ts';
import { WatchersByValue } from './watchers-by-value.ts';

// A watcher that falls this many batches behind is cut off and has to list again, so that it cannot fill the memory.
const MAX_PENDING_BATCHES = 10_000;

/** Who watches one prefix: for all of it, or for one value of a field. */
class PrefixWatchers {
  readonly #all = new Set<Watcher>();
  readonly #fields = new Map<string, WatchersByValue>();

  add(watcher: Watcher, only: WatchedValue | undefined): void {
    if (only === undefined) {
      this.#all.add(watcher);
      return;
    }
    const known = this.#fields.get(only.field) ?? new WatchersByValue(only.read);
    this.#fields.set(only.field, known);
    known.add(only.value, watcher);
  }

  remove(watcher: Watcher, only: WatchedValue | undefined): void {
    this.#all.delete(watcher);
    if (only === undefined) return;
    const known = this.#fields.get(only.field);
    known?.remove(only.value, watcher);
    if (known?.size === 0) this.#fields.delete(only.field);
  }

  get empty(): boolean {
    return this.#all.size === 0 && this.#fields.size === 0;
  }

  offer(batch: readonly StoreEvent[]): void {
    for (const watcher of this.#all) watcher.offer(batch);
    for (const watchers of this.#fields.values()) watchers.offer(batch);
  }
}

export class WatchHub {
  readonly #prefixes = new Map<string, PrefixWatchers>();
  readonly #live = new Set<Watcher>();
  readonly #revision: () => number;

  /** `revision` tells the newest committed one. */
  constructor(revision: () => number) {
    this.#revision = revision;
  }

  /** Starts a watch whose first batch is what it missed. */
  watch(prefix: string, { since, signal, only }: WatchOptions, missed: readonly StoreEvent[]): StoreWatch {
    if (!prefix.endsWith('/')) throw new RangeError(`Cannot watch "${prefix}": expected a prefix that ends with "/"`);
    const same = this.#prefixes.get(prefix) ?? new PrefixWatchers();
    this.#prefixes.set(prefix, same);
    const watcher = new Watcher(since, this.#revision);
    same.add(watcher, only);
    this.#live.add(watcher);
    watcher.offer(missed);
    const listening = onAbort(signal, () => watcher.end());
    watcher.onEnd = () => {
      listening[Symbol.dispose]();
      same.remove(watcher, only);
      this.#live.delete(watcher);
      if (same.empty && this.#prefixes.get(prefix) === same) this.#prefixes.delete(prefix);
    };
    if (signal.aborted) watcher.end();
    return watcher;
  }

  publish(events: readonly StoreEvent[]): void {
    for (const [watchers, batch] of this.#batches(events)) watchers.offer(batch);
  }

  end(): void {
    for (const watcher of this.#live) watcher.end();
  }

  #batches(events: readonly StoreEvent[]): ReadonlyMap<PrefixWatchers, readonly StoreEvent[]> {
    const batches = new Map<PrefixWatchers, StoreEvent[]>();
    let folder = '';
    let watching: readonly PrefixWatchers[] = [];
    for (const event of events) {
      const { key } = event;
      // What is written together mostly lies together.
      if (key.lastIndexOf('/') + 1 !== folder.length || !key.startsWith(folder)) {
        folder = key.slice(0, key.lastIndexOf('/') + 1);
        watching = this.#watching(folder);
      }
      for (const watchers of watching) {
        const batch = batches.get(watchers);
        if (batch === undefined) batches.set(watchers, [event]);
        else batch.push(event);
      }
    }
    return batches;
  }

  /** Prefixes end at a slash, so the few that a key in `folder` can have are found without asking every watcher. */
  #watching(folder: string): readonly PrefixWatchers[] {
    const watching: PrefixWatchers[] = [];
    for (let slash = folder.indexOf('/'); slash !== -1; slash = folder.indexOf('/', slash + 1)) {
      const watchers = this.#prefixes.get(folder.slice(0, slash + 1));
      if (watchers !== undefined) watching.push(watchers);
    }
    return watching;
  }
}

class Watcher implements StoreWatch {
  readonly #backlog = new AsyncQueue<readonly StoreEvent[]>(MAX_PENDING_BATCHES);
  readonly #committed: () => number;
  #reader: BatchReader | undefined;
  #ended = false;
  #failure: RevisionCompactedError | undefined;
  #handedOut: number;
  onEnd: () => void = () => undefined;

  constructor(since: number, committed: () => number) {
    this.#handedOut = since;
    this.#committed = committed;
  }

  offer(batch: readonly StoreEvent[]): void {
    const first = batch[0];
    if (first === undefined || this.#ended) return;
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      reader.arrived(this.#handOut(batch));
    } else if (!this.#backlog.push(batch)) {
      this.#failure = new RevisionCompactedError(this.#handedOut, first.revision);
      this.end();
    }
  }

  take(reader: BatchReader): readonly StoreEvent[] | undefined {
    const batch = this.#backlog.takeNow();
    if (batch !== undefined) return this.#handOut(batch);
    if (!this.#ended) this.#reader = reader;
    else {
      const failure = this.#failure;
      this.#failure = undefined;
      reader.ended(failure);
    }
    return undefined;
  }

  /** What is held is still handed out. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd();
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.ended();
  }

  progress(): number {
    return this.#backlog.size === 0 ? Math.max(this.#handedOut, this.#committed()) : this.#handedOut;
  }

  #handOut(batch: readonly StoreEvent[]): readonly StoreEvent[] {
    this.#handedOut = batch.at(-1)?.revision ?? this.#handedOut;
    return batch;
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly StoreEvent[], void> {
    return {
      next: () =>
        new Promise((resolve, reject) => {
          const batch = this.take({
            arrived: (value) => resolve({ done: false, value }),
            ended: (error) => (error === undefined ? resolve(DONE) : reject(error)),
          });
          if (batch !== undefined) resolve({ done: false, value: batch });
        }),
      return: () => {
        this.#backlog[Symbol.dispose]();
        this.end();
        return Promise.resolve(DONE);
      },
    };
  }
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };
