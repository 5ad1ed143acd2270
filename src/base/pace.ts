/** Tells what is busy from what turns in a circle: after a burst, each further step waits its turn. */
import type { Clock } from './world.ts';

export type PacePolicy = {
  /** So many steps may follow one another without a pause. */
  readonly burst: number;
  /** Afterwards there is one more step each time this has passed. */
  readonly everyMs: number;
};

export class Pace {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #policy: PacePolicy;
  #left: number;
  #atMs: number;

  constructor(clock: Pick<Clock, 'now'>, policy: PacePolicy) {
    this.#clock = clock;
    this.#policy = policy;
    this.#left = policy.burst;
    this.#atMs = clock.now();
  }

  /** Takes a step if there is one to take, and returns 0; otherwise how long to wait before asking again. */
  next(): number {
    const { burst, everyMs } = this.#policy;
    const nowMs = this.#clock.now();
    // A clock that was set back gives nothing and takes nothing.
    const gained = Math.max(0, nowMs - this.#atMs) / everyMs;
    this.#left = Math.min(burst, this.#left + gained);
    this.#atMs = nowMs;
    if (this.#left < 1) return Math.ceil((1 - this.#left) * everyMs);
    this.#left--;
    return 0;
  }
}
