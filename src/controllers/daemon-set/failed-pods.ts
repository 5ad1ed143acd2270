/** Remembers on which nodes pods keep failing, so that they are replaced less and less often. */

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 15 * 60_000;

type Failure = { readonly atMs: number; readonly delayMs: number };

export class FailedPods {
  readonly #failures = new Map<string, Failure>();

  /** How long the pod of this node has to wait for its removal; 0 counts as a removal. */
  waitMs(key: string, nowMs: number): number {
    const last = this.#failures.get(key);
    if (last !== undefined && nowMs < last.atMs + last.delayMs) return last.atMs + last.delayMs - nowMs;
    // A node that has been well for twice the delay starts anew, as upstream has it.
    const isOver = last === undefined || nowMs > last.atMs + 2 * LONGEST_DELAY_MS;
    const delayMs = isOver ? FIRST_DELAY_MS : Math.min(last.delayMs * 2, LONGEST_DELAY_MS);
    this.#failures.set(key, { atMs: nowMs, delayMs });
    return 0;
  }

  forget(prefix: string): void {
    for (const key of this.#failures.keys()) if (key.startsWith(prefix)) this.#failures.delete(key);
  }
}
