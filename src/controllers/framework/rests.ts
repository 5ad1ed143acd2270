/** The keys that nobody looks at for a while, so that what comes for them is seen to together. */
import type { Clock, Timer } from '#base/world';

export class Rests implements Disposable {
  readonly #clock: Clock;
  readonly #resting = new Map<string, { readonly timer: Timer; readonly over: () => void }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `over` once, after `ms` or when the rest is ended; never after disposal. */
  start(key: string, ms: number, over: () => void): void {
    this.#resting.set(key, { timer: this.#clock.setTimer(ms, () => this.end(key)), over });
  }

  /** Nothing when the key does not rest. */
  end(key: string): void {
    const rest = this.#resting.get(key);
    if (rest === undefined) return;
    this.#resting.delete(key);
    rest.timer[Symbol.dispose]();
    rest.over();
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#resting.values()) timer[Symbol.dispose]();
    this.#resting.clear();
  }
}
