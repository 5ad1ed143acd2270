/** A World that moves only when told to, and the same way each time for the same seed. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { onAbort } from './abort.ts';
import { Heap } from './heap.ts';
import { seededRandom } from './seeded-random.ts';
import type { Clock, Timer, World } from './world.ts';

export type VirtualWorld = World & {
  /** Moves time forward by `ms`, firing the timers that fall due in order, each after the effects of the one before. */
  advance(ms: number): Promise<void>;
  /** Lets everything that needs no time happen. */
  settle(): Promise<void>;
  /** Jumps from timer to timer until none is pending; throws when that takes more than `limitMs` of virtual time. */
  runUntilIdle(limitMs?: number): Promise<void>;
  /** Jumps from timer to timer until `done` holds; throws when that takes more than `limitMs` of virtual time. */
  runUntil(done: () => boolean, limitMs?: number): Promise<void>;
  /** Timers that are armed: what a test that has ended everything expects to be 0. */
  pendingTimers(): number;
};

export type VirtualWorldOptions = { readonly seed?: number; readonly startMs?: number };

type Alarm = { readonly dueMs: number; readonly order: number; fire: (() => void) | undefined };

// An arbitrary fixed instant: 2026-01-01T00:00:00Z.
const DEFAULT_START_MS = 1_767_225_600_000;
const DEFAULT_LIMIT_MS = 24 * 3_600_000;
// One turn drains all promise callbacks and the immediates queued so far; the second, those that these queued.
const TURNS_TO_SETTLE = 2;

export function virtualWorld({ seed = 1, startMs = DEFAULT_START_MS }: VirtualWorldOptions = {}): VirtualWorld {
  const time = new VirtualTime(startMs);
  let ids = 0;
  const prefix = (seed >>> 0).toString(16).padStart(8, '0');
  return {
    clock: time,
    random: seededRandom(seed),
    newId: () => `${prefix}-0000-4000-8000-${(++ids).toString(16).padStart(12, '0')}`,
    advance: (ms) => time.advance(ms),
    settle,
    runUntil: (done, limitMs = DEFAULT_LIMIT_MS) => time.runUntil(done, limitMs),
    runUntilIdle: (limitMs = DEFAULT_LIMIT_MS) => time.runUntil(() => time.pending === 0, limitMs),
    pendingTimers: () => time.pending,
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS_TO_SETTLE; turn++) await nextTurn();
}

class VirtualTime implements Clock {
  #nowMs: number;
  #armed = 0;
  #order = 0;
  readonly #alarms = new Heap<Alarm>((left, right) => left.dueMs - right.dueMs || left.order - right.order);

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  get pending(): number {
    return this.#armed;
  }

  now(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    const alarm: Alarm = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, fire };
    this.#alarms.push(alarm);
    this.#armed++;
    return { [Symbol.dispose]: () => this.#take(alarm) };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal?.aborted) {
      reject(signal.reason);
      return promise;
    }
    const timer = this.setTimer(delayMs, resolve);
    if (signal === undefined) return promise;
    const listening = onAbort(signal, () => {
      timer[Symbol.dispose]();
      reject(signal.reason);
    });
    return promise.finally(() => listening[Symbol.dispose]());
  }

  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    while (this.#fireNext(untilMs)) await settle();
    this.#nowMs = untilMs;
  }

  async runUntil(done: () => boolean, limitMs: number): Promise<void> {
    const untilMs = this.#nowMs + limitMs;
    await settle();
    while (!done()) {
      if (!this.#fireNext(untilMs)) {
        throw new Error(
          `Cannot reach the awaited state: ${this.#armed} timers are pending after ${limitMs} virtual ms`,
        );
      }
      await settle();
    }
  }

  #fireNext(untilMs: number): boolean {
    for (let alarm = this.#alarms.peek(); alarm !== undefined && alarm.dueMs <= untilMs; alarm = this.#alarms.peek()) {
      this.#alarms.pop();
      const fire = this.#take(alarm);
      if (fire === undefined) continue; // it was cancelled
      this.#nowMs = alarm.dueMs;
      fire();
      return true;
    }
    return false;
  }

  #take(alarm: Alarm): (() => void) | undefined {
    const { fire } = alarm;
    if (fire !== undefined) this.#armed--;
    alarm.fire = undefined;
    return fire;
  }
}
