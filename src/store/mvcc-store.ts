/**
 * The store: every current object in memory, one revision counter, compare-and-set in synchronous transactions,
 * group commit to an engine, and nothing shown before it is durable.
 */
import { deepFreeze } from '#base/deep-freeze';
import { asError } from '#base/errors';
import type { World } from '#base/world';
import type { Engine, Row } from './engine.ts';
import { EventRing } from './event-ring.ts';
import { ObjectTable } from './object-table.ts';
import type {
  Durability,
  HistoryEntry,
  ListOptions,
  ListPage,
  NotPromise,
  Storable,
  Store,
  StoreEvent,
  StoreWatch,
  Transaction,
  WatchOptions,
} from './store.ts';
import { StoreUnavailableError } from './store.ts';
import { WatchHub } from './watch-hub.ts';
import { concerns } from './watchers-by-value.ts';

export type StoreOptions = {
  readonly engine: Engine;
  readonly world: World;
  /** Events kept for resuming watches and for lists at an older revision. */
  readonly retainedEvents?: number;
};

const RETAINED_EVENTS = 100_000;
// Relaxed writes reach the engine with the next commit, or after this long if none comes.
const RELAXED_COMMIT_MS = 1000;
// Revisions that were shown before a crash but never became durable are never given out again: at most this many
// relaxed revisions are outstanding at any time, and a start skips as many.
const MAX_RELAXED = 1000;
// What writers and watchers make of so many rows fills a turn of the event loop; then timers and connections get theirs.
const ROWS_A_TURN = 64;

/** Loads what the engine holds and opens the store on it. */
export async function openStore({ engine, world, retainedEvents = RETAINED_EVENTS }: StoreOptions): Promise<Store> {
  try {
    const loaded = await engine.load();
    const objects = new ObjectTable();
    for await (const entries of loaded.entries) for (const [key, json] of entries) objects.load(key, json);
    return new MvccStore({ engine, world, objects, durable: loaded.revision, retainedEvents });
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

type Pending = {
  readonly rows: readonly Row[];
  readonly settle: (error: Error | undefined) => void;
};

/** Where a list looks, and what it has to undo there: objects as they were, by key. */
type Place = {
  readonly from: string;
  readonly to: string;
  readonly undone: ReadonlyMap<string, Storable | undefined> | undefined;
};

type Opened = {
  readonly engine: Engine;
  readonly world: World;
  readonly objects: ObjectTable;
  readonly durable: number;
  readonly retainedEvents: number;
};

class MvccStore implements Store {
  readonly #engine: Engine;
  readonly #world: World;
  readonly #objects: ObjectTable;
  readonly #ring: EventRing;
  readonly #hub: WatchHub;
  #revision: number; // newest committed
  #assigned: number; // newest given out to a transaction
  /** The newest state of keys that were written but are not committed; undefined means deleted. */
  readonly #ahead = new Map<string, { readonly object: Storable | undefined; readonly revision: number }>();
  #queue: Pending[] = [];
  /** Relaxed rows that are visible and wait for a commit to ride on. */
  #riders: Row[] = [];
  #committing: Promise<void> | undefined;
  #relaxedTimer: Disposable | undefined;
  /** Shown since the event loop last had a turn of our making. */
  #rowsInTurn = 0;
  #closed = false;

  constructor({ engine, world, objects, durable, retainedEvents }: Opened) {
    this.#engine = engine;
    this.#world = world;
    this.#objects = objects;
    this.#revision = durable === 0 ? 1 : durable + MAX_RELAXED;
    this.#assigned = this.#revision;
    this.#ring = new EventRing(retainedEvents, this.#revision);
    this.#hub = new WatchHub(() => this.#revision);
  }

  get revision(): number {
    return this.#revision;
  }

  get compactedRevision(): number {
    return this.#ring.compactedRevision;
  }

  get(key: string): Storable | undefined {
    return this.#objects.get(key);
  }

  count(prefix: string): number {
    return this.#objects.count(prefix, endOf(prefix));
  }

  list(
    prefix: string,
    { limit = Number.POSITIVE_INFINITY, startAfter, revision = this.#revision }: ListOptions = {},
  ): ListPage {
    const from = startAfter === undefined || startAfter < prefix ? prefix : `${startAfter}\0`;
    const place = { from, to: endOf(prefix), undone: this.#changedSince(revision, prefix) };
    const page = this.#entriesAt(place, limit);
    const items = page.map(([, object]) => object);
    const after = page.at(-1)?.[0];
    const remaining = page.length < limit ? 0 : this.#countAt(place) - page.length;
    return remaining === 0 || after === undefined
      ? { revision, items }
      : { revision, items, more: { after, remaining } };
  }

  #changedSince(revision: number, prefix: string): Place['undone'] {
    const undone = revision >= this.#revision ? undefined : this.#ring.undo(revision, prefix);
    return undone?.size === 0 ? undefined : undone;
  }

  /** The first `limit`, in key order: the current state with newer changes undone. Only these are looked at: the rest may not even be decoded. */
  #entriesAt({ from, to, undone }: Place, limit: number): [string, Storable][] {
    const entries = this.#objects.entries({ from, to, limit, without: undone });
    if (undone === undefined) return entries;
    for (const [key, object] of undone) if (object !== undefined && key >= from) entries.push([key, object]);
    return entries.sort(([left], [right]) => (left < right ? -1 : 1)).slice(0, limit);
  }

  #countAt({ from, to, undone }: Place): number {
    let count = this.#objects.count(from, to);
    for (const [key, object] of undone ?? []) {
      if (key >= from) count += (object === undefined ? 0 : 1) - (this.#objects.has(key) ? 1 : 0);
    }
    return count;
  }

  watch(prefix: string, options: WatchOptions): StoreWatch {
    const ofPrefix = this.#ring.since(options.since).filter(({ key }) => key.startsWith(prefix));
    const { only } = options;
    const missed = only === undefined ? ofPrefix : ofPrefix.filter((event) => concerns(only, event));
    return this.#hub.watch(prefix, options, missed);
  }

  async history(key: string): Promise<readonly HistoryEntry[]> {
    await this.#flush();
    return await this.#engine.history(key);
  }

  write<R>(transaction: (tx: Transaction) => NotPromise<R>, durability: Durability = 'committed'): Promise<R> {
    if (this.#closed) return Promise.reject(new StoreUnavailableError('Cannot write: the store is closed'));
    const draft = new Draft({
      read: (key) => this.#newest(key),
      revision: this.#assigned,
      atMs: this.#world.clock.now(),
    });
    let result: R;
    try {
      result = transaction(draft);
    } catch (error) {
      return Promise.reject(asError(error));
    }
    const { rows } = draft;
    if (rows.length === 0) return this.#afterCommitsReadBy(draft, result);
    this.#assigned += rows.length;
    if (durability === 'relaxed' && this.#idle && this.#riders.length + rows.length <= MAX_RELAXED) {
      this.#ride(rows);
      return Promise.resolve(result);
    }
    return this.#enqueue(rows, result);
  }

  get #idle(): boolean {
    return this.#queue.length === 0 && this.#committing === undefined;
  }

  #newest(key: string): Storable | undefined {
    const ahead = this.#ahead.get(key);
    return ahead === undefined ? this.#objects.get(key) : ahead.object;
  }

  /** A transaction that wrote nothing may still have read what is not durable yet; its answer waits for that. */
  #afterCommitsReadBy<R>(draft: Draft, result: R): Promise<R> {
    if (!draft.reads.some((key) => this.#ahead.has(key))) return Promise.resolve(result);
    return this.#enqueue([], result);
  }

  #enqueue<R>(rows: readonly Row[], result: R): Promise<R> {
    for (const { key, type, object, revision } of rows) {
      this.#ahead.set(key, { object: type === 'put' ? object : undefined, revision });
    }
    const { promise, resolve, reject } = Promise.withResolvers<R>();
    this.#queue.push({ rows, settle: (error) => (error === undefined ? resolve(result) : reject(error)) });
    // What arrives in the same turn shares the commit that starts at its end.
    if (this.#committing === undefined) this.#committing = Promise.resolve().then(() => this.#commitAll());
    return promise;
  }

  #ride(rows: readonly Row[]): void {
    this.#riders.push(...rows);
    this.#show(rows);
    this.#relaxedTimer ??= this.#world.clock.setTimer(RELAXED_COMMIT_MS, () => {
      this.#relaxedTimer = undefined;
      if (this.#idle && this.#riders.length > 0) this.#committing = this.#commitAll();
    });
  }

  async #commitAll(): Promise<void> {
    do await this.#commitOnce();
    while (this.#queue.length > 0);
    this.#committing = undefined;
  }

  async #commitOnce(): Promise<void> {
    const group = this.#queue;
    const riders = this.#riders;
    this.#queue = [];
    this.#riders = [];
    const rows = [...riders, ...group.flatMap((pending) => pending.rows)];
    try {
      if (rows.length > 0) await this.#engine.commit(rows);
    } catch (error) {
      this.#riders = [...riders, ...this.#riders];
      this.#fail(group, asError(error));
      return;
    }
    await this.#showInTurns(group);
  }

  /** In memory one write follows upon another without end: without turns nobody else would get one. */
  async #showInTurns(group: readonly Pending[]): Promise<void> {
    let start = 0;
    for (const [index, { rows }] of group.entries()) {
      this.#rowsInTurn += rows.length;
      if (this.#rowsInTurn < ROWS_A_TURN) continue;
      this.#showAndSettle(group.slice(start, index + 1));
      start = index + 1;
      this.#rowsInTurn = 0;
      const turn = this.#world.clock.nextTurn();
      if (turn !== undefined) await turn;
    }
    this.#showAndSettle(group.slice(start));
  }

  #showAndSettle(group: readonly Pending[]): void {
    this.#show(group.flatMap(({ rows }) => rows));
    for (const { settle } of group) settle(undefined);
  }

  /** What is not durable never happened, nor did what was decided upon it since. Later writes start from what is durable. */
  #fail(group: readonly Pending[], cause: Error): void {
    const failed = [...group, ...this.#queue];
    this.#queue = [];
    this.#ahead.clear();
    this.#assigned = this.#revision;
    const error = new StoreUnavailableError(`Cannot write: ${cause.message}`, { cause });
    for (const { settle } of failed) settle(error);
  }

  /** Makes durable (or relaxed) rows the current state and tells the watchers. */
  #show(rows: readonly Row[]): void {
    const events = rows.map((row) => this.#apply(row));
    if (events.length > 0) this.#hub.publish(events);
  }

  #apply({ type, key, revision, object }: Row): StoreEvent {
    const previous = this.#objects.get(key);
    if (type === 'put') this.#objects.set(key, object);
    else this.#objects.delete(key);
    if (this.#ahead.get(key)?.revision === revision) this.#ahead.delete(key);
    this.#revision = revision;
    const event: StoreEvent =
      previous === undefined ? { type, key, revision, object } : { type, key, revision, object, previous };
    this.#ring.push(event);
    return event;
  }

  async #flush(): Promise<void> {
    if (this.#idle && this.#riders.length > 0) this.#committing = this.#commitAll();
    await this.#committing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#relaxedTimer?.[Symbol.dispose]();
    await this.#flush();
    this.#hub.end();
    await this.#engine[Symbol.asyncDispose]();
  }
}

type DraftOptions = {
  readonly read: (key: string) => Storable | undefined;
  readonly revision: number;
  readonly atMs: number;
};

/** What a transaction sees and collects; nothing of it counts unless the transaction returns. */
class Draft implements Transaction {
  readonly rows: Row[] = [];
  readonly reads: string[] = [];
  readonly #read: (key: string) => Storable | undefined;
  /** Made with the first write: most transactions write one object and read it no more. */
  #written: Map<string, { readonly object: Storable | undefined }> | undefined;
  readonly #atMs: number;
  #revision: number;

  constructor({ read, revision, atMs }: DraftOptions) {
    this.#read = read;
    this.#revision = revision;
    this.#atMs = atMs;
  }

  put<T extends Storable>(key: string, object: T): T {
    if (this.get(key) === object) return object;
    const stored = this.#stamp(object);
    this.#record({ type: 'put', key, object: stored });
    return stored;
  }

  delete(key: string): Storable | undefined {
    const object = this.get(key);
    if (object === undefined) return undefined;
    const stored = this.#stamp(object);
    this.#record({ type: 'delete', key, object: stored });
    return stored;
  }

  get(key: string): Storable | undefined {
    const written = this.#written?.get(key);
    if (written !== undefined) return written.object;
    this.reads.push(key);
    return this.#read(key);
  }

  #stamp<T extends Storable>(object: T): T {
    this.#revision++;
    return deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(this.#revision) } });
  }

  #record(change: Pick<Row, 'type' | 'key' | 'object'>): void {
    const row: Row = { ...change, revision: this.#revision, atMs: this.#atMs };
    this.rows.push(row);
    this.#written ??= new Map();
    this.#written.set(row.key, { object: row.type === 'put' ? row.object : undefined });
  }
}

/** The first key after every key that starts with `prefix`. */
function endOf(prefix: string): string {
  return `${prefix}\uffff`;
}
