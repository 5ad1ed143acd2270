/** Prefers nodes near the pods that a pod likes and that like it, and far from those it would avoid. */
import { type Candidates, type DomainCounts, MAX_SCORE, type PodScore } from '../framework/plugin.ts';
import type { AffinityTerm } from '../snapshot/affinity-terms.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { DomainTotals } from './domain-totals.ts';
import { ScoreScale } from './score-scale.ts';
import { HeldMatcher } from './held-matchers.ts';
import type { SlotCounts } from '../snapshot/slot-counts.ts';
import { NO_DOMAIN } from '../snapshot/topologies.ts';

type Weigh = (slot: number) => number;

/** What a slot's pods weigh for a topology. */
type Attraction = { readonly topologyKey: string; readonly weigh: Weigh };

/** What a term of other pods weighs, by what it counts in each slot. */
export type HeldWeight = { readonly topologyKey: string; readonly slots: SlotCounts; readonly weight: number };

type DomainScore = Extract<PodScore, { kind: 'domains' }>;

export class InterPodAffinityScore implements DomainScore {
  readonly kind = 'domains';
  readonly domains: DomainCounts;
  readonly #state: ClusterState;
  readonly #matchers: HeldMatcher[] = [];
  readonly #totals: readonly DomainTotals[];
  readonly #scale = new ScoreScale();
  #raw = new Int32Array(0);

  /**
   * @param preferred the pod's own terms
   * @param held what terms of other pods say of it
   */
  constructor(
    state: ClusterState,
    preferred: readonly (AffinityTerm & { readonly weight: number })[],
    held: readonly HeldWeight[],
  ) {
    this.#state = state;
    const own = preferred.map(({ term, topologyKey, weight }) => {
      const matcher = new HeldMatcher(state, [term], 'all');
      this.#matchers.push(matcher);
      return { topologyKey, weigh: (slot: number) => weight * matcher.at(slot) };
    });
    const ofOthers = held.map(({ topologyKey, slots, weight }): Attraction => ({
      topologyKey,
      weigh: (slot) => weight * (slots.at[slot] ?? 0),
    }));
    const byTopology = Map.groupBy([...own, ...ofOthers], ({ topologyKey }) => topologyKey);
    this.#totals = [...byTopology].map(([key, attractions]) => {
      const weighings = attractions.map(({ weigh }) => weigh);
      const valueAt = (slot: number): number => weighings.reduce((sum, weigh) => sum + weigh(slot), 0);
      return new DomainTotals({ topology: state.topology(key), valueAt });
    });
    this.domains = {
      rebuild: () => this.#rebuild(),
      repair: (slot) => {
        for (const totals of this.#totals) totals.repair(slot);
      },
      settle: () => undefined,
      counted: () => [...this.#matchers.flatMap(({ slots }) => slots), ...held.map(({ slots }) => slots)],
      release: () => {
        for (const matcher of this.#matchers) matcher.release();
      },
      features: this.#totals.map(({ feature }) => feature),
    };
  }

  rawScore(slot: number): number {
    return this.#totals.reduce((sum, totals) => sum + (totals.at(slot) ?? 0), 0);
  }

  addScores(candidates: Candidates, weight: number, sums: Int32Array): void {
    const { count } = candidates;
    const raw = this.#rawOf(candidates);
    let lowest = Infinity;
    let highest = -Infinity;
    for (let index = 0; index < count; index++) {
      const value = raw[index] as number;
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
    const range = highest - lowest;
    if (range === 0) return;
    const shareOf = (value: number): number => weight * Math.trunc(MAX_SCORE * ((value - lowest) / range));
    this.#scale.add(candidates, { raw, lowest, highest }, { sums, shareOf });
  }

  #rawOf({ slots, count }: Candidates): Int32Array {
    if (this.#raw.length < count) this.#raw = new Int32Array(2 * count);
    const raw = this.#raw.fill(0, 0, count);
    for (const { totals, topology } of this.#totals) {
      const { domainAt } = topology;
      for (let index = 0; index < count; index++) {
        const domain = domainAt[slots[index] as number] as number;
        if (domain !== NO_DOMAIN) raw[index] = (raw[index] as number) + (totals[domain] ?? 0);
      }
    }
    return raw;
  }

  #rebuild(): void {
    for (const matcher of this.#matchers) matcher.hold();
    for (const totals of this.#totals) totals.rebuild(this.#state.slotsEnd);
  }
}
