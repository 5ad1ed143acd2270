/** How much time has passed while somebody was watching: neither a clock that is set nor a machine that slept makes nodes look silent. */

// Two ticks of the clock's owner: what is more was not watched.
const LONGEST_MS = 10_000;

export class SteadyClock {
  #lastMs: number | undefined;
  #passedMs = 0;

  /** `nowMs`: of a clock that may jump; must be asked at least every `LONGEST_MS`, or it goes slow. */
  read(nowMs: number): number {
    const sinceMs = nowMs - (this.#lastMs ?? nowMs);
    this.#lastMs = nowMs;
    this.#passedMs += Math.min(Math.max(0, sinceMs), LONGEST_MS);
    return this.#passedMs;
  }
}
