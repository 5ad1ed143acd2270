/** Which nodes a pod's affinity to other pods, and theirs to it, leave open. */
import type { Candidates, PodFilter, Refusal, SiftedDomains } from '../framework/plugin.ts';
import { refusal, refusalForGood } from '../framework/plugin.ts';
import type { HeldTerm } from '../snapshot/affinity-holders.ts';
import type { AffinityTerm, AffinityTerms } from '../snapshot/affinity-terms.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { DomainTotals } from './domain-totals.ts';
import { HeldMatcher } from './held-matchers.ts';
import { keptIndexes } from './kept-indexes.ts';

const AFFINITY = refusalForGood("node(s) didn't match pod affinity rules");
const ANTI_AFFINITY = refusal("node(s) didn't match pod anti-affinity rules");
const EXISTING = refusal("node(s) didn't satisfy existing pods anti-affinity rules");

export type AffinityView = {
  readonly terms: AffinityTerms;
  /** The required anti-affinity of pods with a node that means the pod. */
  readonly against: readonly HeldTerm[];
  /** Whether the pod meets all terms of its own required affinity: labels of namespaces decide too, and may change. */
  readonly meetsItself: () => boolean;
};

/** Some of them are enough to refuse a node, for a reason. */
type Forbidding = { readonly totals: DomainTotals; readonly reason: Refusal };

export class InterPodAffinityFilter implements PodFilter {
  readonly domains: SiftedDomains;
  readonly #state: ClusterState;
  readonly #view: AffinityView;
  readonly #matchers: HeldMatcher[] = [];
  readonly #requiring: readonly DomainTotals[];
  readonly #forbidding: readonly Forbidding[];
  readonly #all: readonly DomainTotals[];

  constructor(state: ClusterState, view: AffinityView) {
    this.#state = state;
    this.#view = view;
    this.#requiring = this.#totalsOfRequired(view.terms.required);
    const own = view.terms.requiredAnti.map((term) => ({ totals: this.#totalsOf(term), reason: ANTI_AFFINITY }));
    this.#forbidding = [...own, ...byTopology(view.against).map((held) => this.#totalsOfHeld(held))];
    this.#all = [...this.#requiring, ...this.#forbidding.map(({ totals }) => totals)];
    this.domains = {
      rebuild: () => this.#rebuild(),
      repair: (slot) => {
        for (const totals of this.#all) totals.repair(slot);
      },
      settle: () => undefined,
      counted: () => [...this.#matchers.flatMap(({ slots }) => slots), ...view.against.map(({ slots }) => slots)],
      release: () => {
        for (const matcher of this.#matchers) matcher.release();
      },
      features: this.#all.map(({ feature }) => feature),
      sift: (candidates) => this.#sift(candidates),
    };
  }

  verdict(slot: number): Refusal | undefined {
    if (!this.#isAffinityMet(slot)) return AFFINITY;
    return this.#forbidding.find(({ totals }) => (totals.at(slot) ?? 0) > 0)?.reason;
  }

  #isAffinityMet(slot: number): boolean {
    if (this.#requiring.length === 0) return true;
    const isFirst = this.#isFirst();
    return this.#requiring.every((totals) => {
      const total = totals.at(slot);
      return total !== undefined && (isFirst || total > 0);
    });
  }

  /** The first pod of a group that wants to be together: there is nobody yet, and it would be welcome to itself. */
  #isFirst(): boolean {
    return this.#requiring.every(({ sum }) => sum === 0) && this.#view.meetsItself();
  }

  #sift({ slots, count }: Candidates): Int32Array {
    const least = this.#requiring.length > 0 && this.#isFirst() ? 0 : 1;
    const fits = (slot: number): boolean =>
      this.#requiring.every((totals) => (totals.at(slot) ?? -1) >= least) &&
      this.#forbidding.every(({ totals }) => totals.sum === 0 || (totals.at(slot) ?? 0) === 0);
    return keptIndexes(slots, count, fits);
  }

  #rebuild(): void {
    for (const matcher of this.#matchers) matcher.hold();
    for (const totals of this.#all) totals.rebuild(this.#state.slotsEnd);
  }

  /** Pods count that meet all terms at once. */
  #totalsOfRequired(terms: readonly AffinityTerm[]): readonly DomainTotals[] {
    if (terms.length === 0) return [];
    const matcher = this.#hold(terms);
    return terms.map(
      ({ topologyKey }) =>
        new DomainTotals({ topology: this.#state.topology(topologyKey), valueAt: (slot) => matcher.at(slot) }),
    );
  }

  #totalsOf(term: AffinityTerm): DomainTotals {
    const matcher = this.#hold([term]);
    const topology = this.#state.topology(term.topologyKey);
    return new DomainTotals({ topology, valueAt: (slot) => matcher.at(slot) });
  }

  #totalsOfHeld(held: readonly HeldTerm[]): Forbidding {
    const topology = this.#state.topology(held[0]?.topologyKey ?? '');
    const counts = held.map(({ slots }) => slots);
    const valueAt = (slot: number): number => counts.reduce((sum, { at }) => sum + (at[slot] ?? 0), 0);
    return { totals: new DomainTotals({ topology, valueAt }), reason: EXISTING };
  }

  #hold(terms: readonly AffinityTerm[]): HeldMatcher {
    const matcher = new HeldMatcher(
      this.#state,
      terms.map(({ term }) => term),
      'all',
    );
    this.#matchers.push(matcher);
    return matcher;
  }
}

const byTopology = (held: readonly HeldTerm[]): readonly (readonly HeldTerm[])[] => [
  ...Map.groupBy(held, ({ topologyKey }) => topologyKey).values(),
];
