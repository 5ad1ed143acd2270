/** The counts of pods that one pod's terms need, asked to be kept when they are first needed and let go when they are not. */
import type { PodMatcher, Terminating } from '../snapshot/pod-matchers.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import type { SlotCounts } from '../snapshot/slot-counts.ts';
import type { PodTerm } from '../snapshot/pod-term.ts';

export class HeldMatcher {
  readonly #state: ClusterState;
  readonly #terms: readonly PodTerm[];
  readonly #counts: Terminating;
  #matcher: PodMatcher | undefined;

  constructor(state: ClusterState, terms: readonly PodTerm[], counts: Terminating) {
    this.#state = state;
    this.#terms = terms;
    this.#counts = counts;
  }

  /** Terms must be: without any, no pod is meant. */
  hold(): void {
    if (this.#terms.length > 0) this.#matcher ??= this.#state.matchers.acquire(this.#terms, this.#counts);
  }

  release(): void {
    if (this.#matcher !== undefined) this.#state.matchers.release(this.#matcher);
    this.#matcher = undefined;
  }

  /** While it is held. */
  get slots(): readonly SlotCounts[] {
    return this.#matcher === undefined ? [] : [this.#matcher.slots];
  }

  /** How many pods in each slot are meant, at least up to `places`. */
  column(places: number): Int32Array {
    this.#matcher?.slots.reach(places);
    return this.#matcher?.slots.at ?? new Int32Array(places);
  }

  /** How many pods in the slot are meant. */
  at(slot: number): number {
    return this.#matcher?.slots.at[slot] ?? 0;
  }
}
