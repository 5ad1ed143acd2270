/** Refuses nodes in domains that would be too far ahead of the emptiest one with the pod. */
import {
  type Candidates,
  type PodFilter,
  type Refusal,
  refusal,
  refusalForGood,
  type SiftedDomains,
} from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { DomainTotals } from './domain-totals.ts';
import { keptIndexes } from './kept-indexes.ts';
import { hasAllLabels, type SpreadConstraint } from './spread-constraints.ts';

const SKEWED = refusal("node(s) didn't match pod topology spread constraints");
const NO_LABEL = refusalForGood("node(s) didn't match pod topology spread constraints (missing required label)");

type Spreading = { readonly constraint: SpreadConstraint; readonly totals: DomainTotals };

export class PodTopologySpreadFilter implements PodFilter {
  readonly domains: SiftedDomains;
  readonly #state: ClusterState;
  readonly #spreadings: readonly Spreading[];

  constructor(state: ClusterState, constraints: readonly SpreadConstraint[]) {
    this.#state = state;
    this.#spreadings = constraints.map((constraint) => {
      const { topology, matcher, includes } = constraint;
      const totals = new DomainTotals({
        topology,
        valueAt: (slot) => matcher.at(slot),
        hasPart: (slot) => hasAllLabels(constraints, slot) && includes(slot),
      });
      return { constraint, totals };
    });
    this.domains = {
      rebuild: () => this.#rebuild(),
      repair: (slot) => {
        for (const { totals } of this.#spreadings) totals.repair(slot);
      },
      settle: () => undefined,
      counted: () => this.#spreadings.flatMap(({ constraint }) => constraint.matcher.slots),
      release: () => {
        for (const { constraint } of this.#spreadings) constraint.matcher.release();
      },
      features: this.#spreadings.map(({ totals }) => totals.feature),
      sift: (candidates) => this.#sift(candidates),
    };
  }

  verdict(slot: number): Refusal | undefined {
    for (const { constraint, totals } of this.#spreadings) {
      const total = totals.at(slot);
      if (total === undefined) return NO_LABEL;
      if (total > mostIn(constraint, totals)) return SKEWED;
    }
    return undefined;
  }

  #sift({ slots, count }: Candidates): Int32Array {
    const bounds = this.#spreadings.map(({ constraint, totals }) => ({ totals, most: mostIn(constraint, totals) }));
    return keptIndexes(slots, count, (slot) =>
      bounds.every(({ totals, most }) => (totals.at(slot) ?? Infinity) <= most),
    );
  }

  #rebuild(): void {
    for (const { constraint, totals } of this.#spreadings) {
      constraint.matcher.hold();
      totals.rebuild(this.#state.slotsEnd);
    }
  }
}

/** How many a domain may have, that the pod may come to it. */
function mostIn({ maxSkew, minDomains, self }: SpreadConstraint, totals: DomainTotals): number {
  const lowest = totals.domainCount < minDomains ? 0 : totals.lowest;
  return maxSkew + lowest - self;
}
