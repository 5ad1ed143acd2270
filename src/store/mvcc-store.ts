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

const NO_ROWS: readonly Row[] = [];

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
  /** The newest of what was written and is not committed. */
  readonly #ahead = new Map<string, Row>();
  readonly #known: Known;
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
    this.#known = { objects, ahead: this.#ahead };
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
    const draft = new Draft(this.#known, this.#assigned, this.#world.clock.now());
    let result: R;
    try {
      result = transaction(draft);
    } catch (error) {
      return Promise.reject(asError(error));
    }
    const { rows } = draft;
    // A transaction that wrote nothing may still have read what is not durable yet; its answer waits for that.
    if (rows.length === 0) return draft.hasReadAhead ? this.#enqueue(rows, result) : Promise.resolve(result);
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

  #enqueue<R>(rows: readonly Row[], result: R): Promise<R> {
    for (const row of rows) this.#ahead.set(row.key, row);
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
    for (let at = 0; at < group.length; at++) {
      this.#rowsInTurn += group[at]!.rows.length;
      if (this.#rowsInTurn < ROWS_A_TURN) continue;
      this.#showAndSettle(group.slice(start, at + 1));
      start = at + 1;
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

  #apply(row: Row): StoreEvent {
    const { type, key, revision, object } = row;
    const previous = type === 'put' ? this.#objects.set(key, object) : this.#objects.delete(key);
    if (this.#ahead.get(key) === row) this.#ahead.delete(key);
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

/** What transactions start from. */
type Known = { readonly objects: ObjectTable; readonly ahead: ReadonlyMap<string, Row> };

// More than that are found by a map: most transactions write one object.
const FEW_ROWS = 8;

/** What a transaction sees and collects; nothing of it counts unless the transaction returns. */
class Draft implements Transaction {
  readonly #known: Known;
  readonly #atMs: number;
  #revision: number;
  #rows: Row[] | undefined;
  #rowsByKey: Map<string, Row> | undefined;
  /** What is read is mostly what is written next. */
  #lastRead: { readonly key: string; readonly object: Storable | undefined } | undefined;
  /** Whether it has read what is not durable yet. */
  hasReadAhead = false;

  constructor(known: Known, revision: number, atMs: number) {
    this.#known = known;
    this.#revision = revision;
    this.#atMs = atMs;
  }

  get rows(): readonly Row[] {
    return this.#rows ?? NO_ROWS;
  }

  put<T extends Storable>(key: string, object: T): T {
    if (this.get(key) === object) return object;
    const stored = this.#stamp(object);
    this.#record('put', key, stored);
    return stored;
  }

  delete(key: string): Storable | undefined {
    const object = this.get(key);
    if (object === undefined) return undefined;
    const stored = this.#stamp(object);
    this.#record('delete', key, stored);
    return stored;
  }

  get(key: string): Storable | undefined {
    const written = this.#written(key);
    if (written !== undefined) return left(written);
    if (this.#lastRead?.key !== key) this.#lastRead = { key, object: this.#read(key) };
    return this.#lastRead.object;
  }

  #read(key: string): Storable | undefined {
    const ahead = this.#known.ahead.get(key);
    if (ahead === undefined) return this.#known.objects.get(key);
    this.hasReadAhead = true;
    return left(ahead);
  }

  #written(key: string): Row | undefined {
    if (this.#rowsByKey !== undefined) return this.#rowsByKey.get(key);
    return this.#rows?.findLast((row) => row.key === key);
  }

  #stamp<T extends Storable>(object: T): T {
    this.#revision++;
    return deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(this.#revision) } });
  }

  #record(type: Row['type'], key: string, object: Storable): void {
    const row: Row = { type, key, object, revision: this.#revision, atMs: this.#atMs };
    if (this.#rows === undefined) this.#rows = [row];
    else this.#rows.push(row);
    if (this.#rowsByKey !== undefined) this.#rowsByKey.set(key, row);
    else if (this.#rows.length > FEW_ROWS) this.#rowsByKey = new Map(this.#rows.map((each) => [each.key, each]));
  }
}

/** What there is after a change. */
const left = ({ type, object }: Row): Storable | undefined => (type === 'put' ? object : undefined);

/** The first key after every key that starts with `prefix`. */
function endOf(prefix: string): string {
  return `${prefix}\uffff`;
}
