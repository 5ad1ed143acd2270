/** A World that moves only when told to, and the same way each time for the same seed. */
import { onAbort } from './abort.ts';
import { Agenda } from './agenda.ts';
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

export type VirtualWorldOptions = {
  readonly seed?: number;
  readonly startMs?: number;
  /**
   * How what a timer sets off comes about: through the event loop unless said, where a timer waits two turns of it for the one before;
   * or through promises alone, where it waits until these are settled, which takes a fraction of the time.
   */
  readonly effects?: 'event loop' | 'promises';
};

// An arbitrary fixed instant: 2026-01-01T00:00:00Z.
const DEFAULT_START_MS = 1_767_225_600_000;
const DEFAULT_LIMIT_MS = 24 * 3_600_000;
// One turn drains all promise callbacks and the immediates queued so far; the second, those that these queued.
const TURNS_TO_SETTLE = 2;
// Where the effects of timers need no event loop, the rest of the process does: signals, output, whoever else there is.
const ALARMS_PER_TURN = 1_000;

export function virtualWorld({
  seed = 1,
  startMs = DEFAULT_START_MS,
  effects = 'event loop',
}: VirtualWorldOptions = {}): VirtualWorld {
  const time = new VirtualTime(startMs, effects === 'promises' ? ALARMS_PER_TURN : 1);
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
  for (let turn = 0; turn < TURNS_TO_SETTLE; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when all promises are settled that can be without the event loop. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

class VirtualTime implements Clock {
  #nowMs: number;
  readonly #alarms = new Agenda();
  readonly #alarmsPerTurn: number;
  #fired = 0;

  constructor(startMs: number, alarmsPerTurn: number) {
    this.#nowMs = startMs;
    this.#alarmsPerTurn = alarmsPerTurn;
  }

  get pending(): number {
    return this.#alarms.size;
  }

  now(): number {
    return this.#nowMs;
  }

  nextTurn(): undefined {
    return undefined;
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    return this.#alarms.add(this.#nowMs + Math.max(0, delayMs), fire);
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
    while (this.#fireNext(untilMs)) await this.#effects();
    this.#nowMs = untilMs;
    if (this.#alarmsPerTurn > 1) await settle();
  }

  async runUntil(done: () => boolean, limitMs: number): Promise<void> {
    const untilMs = this.#nowMs + limitMs;
    await settle();
    while (!done()) {
      if (!this.#fireNext(untilMs)) {
        throw new Error(
          `Cannot reach the awaited state: ${this.#alarms.size} timers are pending after ${limitMs} virtual ms`,
        );
      }
      await this.#effects();
    }
  }

  #effects(): Promise<void> {
    return ++this.#fired % this.#alarmsPerTurn === 0 ? settle() : promisesSettled();
  }

  #fireNext(untilMs: number): boolean {
    const alarm = this.#alarms.next(untilMs);
    if (alarm === undefined) return false;
    this.#nowMs = alarm.dueMs;
    alarm.fire();
    return true;
  }
}
