/** Refuses nodes in domains that would be too far ahead of the emptiest one with the pod. */
import { type PodFilter, type Refusal, refusal, refusalForGood, type SiftedDomains } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { NO_DOMAIN } from '../snapshot/topologies.ts';
import { DomainTotals } from './domain-totals.ts';
import { hasAllLabels, type SpreadConstraint } from './spread-constraints.ts';

const SKEWED = refusal("node(s) didn't match pod topology spread constraints");
const NO_LABEL = refusalForGood("node(s) didn't match pod topology spread constraints (missing required label)");

type Spreading = { readonly constraint: SpreadConstraint; readonly totals: DomainTotals };

export class PodTopologySpreadFilter implements PodFilter {
  readonly domains: SiftedDomains = {
    rebuild: () => this.#rebuild(),
    repair: (slot) => {
      for (const { totals } of this.#spreadings) totals.repair(slot);
    },
    settle: () => undefined,
    release: () => {
      for (const { constraint } of this.#spreadings) constraint.matcher.release();
    },
    sift: (slots, count) => this.#sift(slots, count),
  };
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
  }

  verdict(slot: number): Refusal | undefined {
    for (const { constraint, totals } of this.#spreadings) {
      const total = totals.at(slot);
      if (total === undefined) return NO_LABEL;
      if (total > mostIn(constraint, totals)) return SKEWED;
    }
    return undefined;
  }

  #sift(slots: Int32Array, count: number): number {
    let left = count;
    for (const { constraint, totals } of this.#spreadings)
      left = siftAtMost(totals, mostIn(constraint, totals), slots.subarray(0, left));
    return left;
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

function siftAtMost({ totals, topology }: DomainTotals, most: number, slots: Int32Array): number {
  const { domainAt } = topology;
  let left = 0;
  for (let index = 0; index < slots.length; index++) {
    const slot = slots[index] as number;
    const domain = domainAt[slot] as number;
    if (domain !== NO_DOMAIN && (totals[domain] ?? 0) <= most) slots[left++] = slot;
  }
  return left;
}
