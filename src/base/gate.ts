/** Lets so many in at once; the others wait at the gate, in the order in which they came. */
import { onAbort } from './abort.ts';

type Waiter = { enter: () => void; hasGone: boolean };

// Moving those that wait to the front costs their number, so it is done only when at least as many have entered.
const COMPACT_AFTER = 1024;

export class Gate {
  #free: number;
  #waiters: Waiter[] = [];
  #head = 0;

  constructor(places: number) {
    this.#free = places;
  }

  /** Disposing what it resolves with gives the place to the next. Rejects with the signal's reason when that aborts first. */
  async enter(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#turn(signal);
    return { [Symbol.dispose]: () => this.#leave() };
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { enter: resolve, hasGone: false };
    this.#waiters.push(waiter);
    using _listening = onAbort(signal, () => {
      waiter.hasGone = true;
      reject(signal.reason);
    });
    await promise;
  }

  #leave(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) if (!next.hasGone) return next.enter();
    this.#free++;
  }

  #next(): Waiter | undefined {
    const next = this.#waiters[this.#head];
    if (next === undefined) return undefined;
    this.#head++;
    if (this.#head >= COMPACT_AFTER && this.#head * 2 >= this.#waiters.length) {
      this.#waiters = this.#waiters.slice(this.#head);
      this.#head = 0;
    }
    return next;
  }
}
