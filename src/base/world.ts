/** The outside as an argument: time, timers, chance and new ids, so that everything above can run on virtual time. */
import { AbortReaction } from './abort.ts';
import { newId } from './new-id.ts';

/** A pending timer; disposing it cancels it, and disposing it after it fired does nothing. */
export type Timer = Disposable;

export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `fire` once after `delayMs`; a delay of zero or less means as soon as possible, never synchronously. */
  setTimer(delayMs: number, fire: () => void): Timer;
  /** Resolves after `delayMs`; rejects with the signal's reason when the signal aborts first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /**
   * What has much to do waits for this after each part, so that timers and connections get their turn of the event loop.
   * Undefined on virtual time, which stands still meanwhile.
   */
  nextTurn(): Promise<void> | undefined;
};

export type World = {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** A new UUID. */
  readonly newId: () => string;
};

// Node fires a timer at once when its delay does not fit 32 bits, so longer delays are waited for in pieces.
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The real world. */
export function systemWorld(): World {
  return {
    clock: { now: () => Date.now(), setTimer, sleep, nextTurn },
    random: () => Math.random(),
    newId,
  };
}

function setTimer(delayMs: number, fire: () => void): Timer {
  // Node's own timers are disposable; there is one for every request.
  if (delayMs <= LONGEST_TIMEOUT_MS) return setTimeout(fire, delayMs);
  let leftMs = delayMs;
  let handle: NodeJS.Timeout;
  const arm = (): void => {
    const pieceMs = Math.min(leftMs, LONGEST_TIMEOUT_MS);
    leftMs -= pieceMs;
    handle = setTimeout(() => (leftMs > 0 ? arm() : fire()), pieceMs);
  };
  arm();
  return { [Symbol.dispose]: () => clearTimeout(handle) };
}

// One for all who wait: they go on together.
let turn: Promise<void> | undefined;

function nextTurn(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn;
}

function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const ms = Math.max(0, delayMs);
    if (signal === undefined) setTimer(ms, resolve);
    else new Sleep(signal, resolve, reject).begin(ms);
  });
}

class Sleep extends AbortReaction {
  readonly #resolve: () => void;
  readonly #reject: (reason: unknown) => void;
  #timer: Timer | undefined;

  constructor(signal: AbortSignal, resolve: () => void, reject: (reason: unknown) => void) {
    super(signal);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  begin(ms: number): void {
    this.#timer = setTimer(ms, () => {
      this[Symbol.dispose]();
      this.#resolve();
    });
  }

  react(): void {
    this.#timer?.[Symbol.dispose]();
    this.#reject(this.signal.reason);
  }
}
