/** Sees when nothing else could run: a timer that comes late, and Node's own histogram of such delays. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

export type Pause = { readonly atSeconds: number; readonly ms: number };

const TICK_MS = 20;
const LONG_MS = 1000;

export class Pauses implements Disposable {
  readonly #delays = monitorEventLoopDelay({ resolution: TICK_MS });
  readonly #startMs = performance.now();
  readonly #long: Pause[] = [];
  readonly #timer: NodeJS.Timeout;
  #lastMs = performance.now();
  #longestMs = 0;

  constructor() {
    this.#delays.enable();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  get longestMs(): number {
    return Math.max(this.#longestMs, this.#delays.max / 1e6);
  }

  /** Those over a second, in order. */
  get long(): readonly Pause[] {
    return this.#long;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#delays.disable();
  }

  #tick(): void {
    const nowMs = performance.now();
    const ms = nowMs - this.#lastMs - TICK_MS;
    if (ms > LONG_MS) this.#long.push({ atSeconds: (this.#lastMs - this.#startMs) / 1000, ms });
    this.#longestMs = Math.max(this.#longestMs, ms);
    this.#lastMs = nowMs;
  }
}
