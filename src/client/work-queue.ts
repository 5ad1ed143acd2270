/** What is left to do, by key: each key waits once, is worked on by one worker at a time, and comes back later when it failed. */
import { backoffMs, type BackoffPolicy } from '#base/backoff';
import { onAbort } from '#base/abort';
import type { Timer, World } from '#base/world';

// Upstream's figures for a controller's queue.
const RETRY: BackoffPolicy = { baseMs: 5, capMs: 1_000_000 };
// A key whose own work brings it back at once, over and over, would leave nobody else a turn. One that is really busy loses nothing by
// a pause: what comes meanwhile is done together.
const LAPS = { most: 100, withinMs: 1_000, pauseMs: 100 };

// Work that only looks and finds nothing to do waits for nothing: after so many keys others get a turn of the event loop.
const KEYS_A_TURN = 10;

type Waiter<K> = (key: K | undefined) => void;

/**
 * A key that is added while it waits is not added twice; one that is added while it is worked on comes back when that work is done.
 * Call `done` after every `take`.
 */
export class WorkQueue<K extends string = string> implements Disposable {
  readonly #world: World;
  readonly #retry: BackoffPolicy;
  /** In order of arrival; a key that must wait for its own worker is in `#dirty` only. */
  readonly #ready = new Set<K>();
  /** Goes on where it was: to begin anew for each key would pass the places of all that are gone. */
  #order = this.#ready.values();
  readonly #dirty = new Set<K>();
  readonly #working = new Set<K>();
  readonly #waiters = new Set<Waiter<K>>();
  readonly #later = new Map<K, { readonly dueMs: number; readonly timer: Timer }>();
  readonly #failures = new Map<K, number>();
  /** How often a key came back while it was worked on. */
  readonly #laps = new Map<K, { count: number; readonly sinceMs: number }>();
  /** Taken since the event loop last had a turn of our making. */
  #takenInTurn = 0;
  #ended = false;

  constructor(world: World, retry: BackoffPolicy = RETRY) {
    this.#world = world;
    this.#retry = retry;
  }

  /** Keys that wait for a worker now. */
  get size(): number {
    return this.#ready.size;
  }

  /** True when nothing waits, nothing is worked on and nothing comes later. */
  get idle(): boolean {
    return this.#dirty.size === 0 && this.#working.size === 0 && this.#later.size === 0;
  }

  add(key: K): void {
    if (this.#ended || this.#dirty.has(key)) return;
    this.#dirty.add(key);
    if (!this.#working.has(key)) this.#offer(key);
  }

  /** Adds the key after `delayMs`; of several such wishes the earliest counts. */
  addAfter(key: K, delayMs: number): void {
    if (this.#ended) return;
    if (delayMs <= 0) return this.add(key);
    const dueMs = this.#world.clock.now() + delayMs;
    const planned = this.#later.get(key);
    if (planned !== undefined && planned.dueMs <= dueMs) return;
    planned?.timer[Symbol.dispose]();
    const timer = this.#world.clock.setTimer(delayMs, () => {
      this.#later.delete(key);
      this.add(key);
    });
    this.#later.set(key, { dueMs, timer });
  }

  /** Adds the key after a delay that doubles with each failure since `forget`. */
  retry(key: K): void {
    const failures = this.failures(key) + 1;
    this.#failures.set(key, failures);
    this.addAfter(key, backoffMs(failures, this.#retry, this.#world.random));
  }

  /** The key was worked on successfully: its next failure is the first one again. */
  forget(key: K): void {
    this.#failures.delete(key);
  }

  failures(key: K): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, as soon as there is one; undefined once the queue has ended or the signal aborts. */
  take(signal: AbortSignal): Promise<K | undefined> {
    if (this.#ended || signal.aborted) return Promise.resolve(undefined);
    const turn = this.#ready.size === 0 ? undefined : this.#dueTurn();
    if (turn !== undefined) return turn.then(() => this.take(signal));
    if (this.#ready.size > 0) return Promise.resolve(this.#start(this.#first()));
    return new Promise((resolve) => {
      const waiter: Waiter<K> = (key) => {
        this.#waiters.delete(waiter);
        listening[Symbol.dispose]();
        resolve(key);
      };
      this.#waiters.add(waiter);
      const listening = onAbort(signal, () => waiter(undefined));
    });
  }

  #first(): K {
    let next = this.#order.next();
    if (next.done === true) {
      this.#order = this.#ready.values();
      next = this.#order.next();
    }
    const key = next.value as K;
    this.#ready.delete(key);
    return key;
  }

  #dueTurn(): Promise<void> | undefined {
    if (++this.#takenInTurn < KEYS_A_TURN) return undefined;
    this.#takenInTurn = 0;
    return this.#world.clock.nextTurn();
  }

  /** The worker that took the key has finished with it. */
  done(key: K): void {
    this.#working.delete(key);
    if (!this.#dirty.has(key) || this.#ended) this.#laps.delete(key);
    else if (this.#mayReturn(key)) this.#offer(key);
    else {
      this.#dirty.delete(key);
      this.addAfter(key, LAPS.pauseMs);
    }
  }

  #mayReturn(key: K): boolean {
    const nowMs = this.#world.clock.now();
    const laps = this.#laps.get(key);
    if (laps === undefined || nowMs - laps.sinceMs > LAPS.withinMs) this.#laps.set(key, { count: 1, sinceMs: nowMs });
    else if (++laps.count > LAPS.most) return !this.#laps.delete(key);
    return true;
  }

  /** Ends the queue: workers that wait get nothing, and no timer is left. */
  [Symbol.dispose](): void {
    this.#ended = true;
    for (const { timer } of this.#later.values()) timer[Symbol.dispose]();
    this.#later.clear();
    this.#laps.clear();
    this.#ready.clear();
    this.#dirty.clear();
    for (const waiter of this.#waiters) waiter(undefined);
  }

  #offer(key: K): void {
    for (const waiter of this.#waiters) return waiter(this.#start(key));
    this.#ready.add(key);
  }

  #start(key: K): K {
    this.#dirty.delete(key);
    this.#working.add(key);
    return key;
  }
}
