/** Which nodes could be cleared for the pods of one shape, kept from one such pod to the next: only nodes that changed are looked at again. */
import type { Pod } from '#api/core/pod';
import { Heap } from '#base/heap';
import type { PodDisruptionBudget } from '#api/policy/pod-disruption-budget';
import { type Profile, type Refusal, refusalForGood } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { byRank, type Candidate } from './candidate.ts';
import { priorityOf } from './importance.ts';
import { NodeCheck } from './node-check.ts';
import { type Clearing, selectVictims } from './select-victims.ts';

export const NOT_HELPFUL: Refusal = refusalForGood('Preemption is not helpful for scheduling');

export type Verdict = Candidate | Refusal;

export type Preempting = {
  readonly state: ClusterState;
  readonly profile: Profile;
  readonly pod: Pod;
  readonly budgets: readonly PodDisruptionBudget[];
};

/** How many nodes are tried where a change at one is felt at all, and at which the search begins. */
export type Sample = { readonly atLeast: number; readonly draw: number };

export class CandidateTable {
  readonly #clearing: Clearing;
  readonly #verdicts: (Verdict | undefined)[] = [];
  /** The best first, and among equals the first slot. What a slot no longer has is skipped. */
  readonly #ranked = new Heap<Ranked>(
    (left, right) => byRank(left.candidate, right.candidate) || left.slot - right.slot,
  );
  #version = -1;

  constructor({ state, profile, pod, budgets }: Preempting) {
    const check = new NodeCheck(state, profile, pod);
    this.#clearing = { state, check, priority: priorityOf(pod), budgets };
  }

  /** Whether what was found for one pod holds for the next. */
  get isLasting(): boolean {
    return this.#clearing.check.isLocal && this.#clearing.check.refused === undefined;
  }

  /** One for each node, as far as they were looked at. */
  verdicts(sample: Sample): readonly (Verdict | undefined)[] {
    if (this.#clearing.check.refused?.resolvable === false) return [];
    if (this.isLasting) this.#refresh();
    else this.#lookAtSome(sample);
    return this.#verdicts;
  }

  /** Of the nodes that were looked at. */
  best(): Candidate | undefined {
    for (let first = this.#ranked.peek(); first !== undefined; first = this.#ranked.peek()) {
      if (this.#verdicts[first.slot] === first.candidate) return first.candidate;
      this.#ranked.pop();
    }
    return undefined;
  }

  /** So many of the nodes that could be cleared. */
  some(count: number): readonly Candidate[] {
    const found: Candidate[] = [];
    for (const verdict of this.#verdicts) {
      if (found.length === count) break;
      if (isCandidate(verdict)) found.push(verdict);
    }
    return found;
  }

  /** Nothing will be asked any more. */
  release(): void {
    this.#clearing.check.release();
  }

  #refresh(): void {
    const { state } = this.#clearing;
    const { changes } = state;
    const behind = changes.version - this.#version;
    if (this.#version < 0 || !changes.reaches(this.#version) || behind > state.slotsEnd) {
      for (let slot = 0; slot < state.slotsEnd; slot++) this.#look(slot);
    } else {
      const changed = new Set<number>();
      for (let version = this.#version; version < this.#version + behind; version++) changed.add(changes.at(version));
      for (const slot of changed) this.#look(slot);
    }
    // Looking changes the state and takes it back, which the log tells too.
    this.#version = changes.version;
  }

  #lookAtSome({ atLeast, draw }: Sample): void {
    const { state } = this.#clearing;
    const start = Math.floor(draw * state.slotsEnd);
    let found = 0;
    for (let step = 0; step < state.slotsEnd && found < atLeast; step++) {
      const verdict = this.#look((start + step) % state.slotsEnd);
      if (isCandidate(verdict)) found++;
    }
  }

  #look(slot: number): Verdict | undefined {
    const { state, check } = this.#clearing;
    if (state.nodeAt(slot) === undefined) return (this.#verdicts[slot] = undefined);
    const refused = check.verdict(slot);
    const isWorthTrying = refused?.resolvable === true;
    const verdict = isWorthTrying ? selectVictims(this.#clearing, slot) : NOT_HELPFUL;
    this.#verdicts[slot] = verdict;
    if (isCandidate(verdict)) this.#rank({ slot, candidate: verdict });
    return verdict;
  }

  #rank(ranked: Ranked): void {
    if (this.#ranked.size > STALE_FOR_EACH_SLOT * this.#verdicts.length + 64) this.#rankAnew();
    else this.#ranked.push(ranked);
  }

  #rankAnew(): void {
    while (this.#ranked.size > 0) this.#ranked.pop();
    for (const [slot, candidate] of this.#verdicts.entries())
      if (isCandidate(candidate)) this.#ranked.push({ slot, candidate });
  }
}

type Ranked = { readonly slot: number; readonly candidate: Candidate };

// What is left of former looks is cleared away when there is so much of it.
const STALE_FOR_EACH_SLOT = 3;

const isCandidate = (verdict: Verdict | undefined): verdict is Candidate =>
  verdict !== undefined && 'victims' in verdict;
