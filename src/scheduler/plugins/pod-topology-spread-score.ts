/** Prefers nodes in domains where few of the pod's kind are. */
import { type Candidates, type DomainCounts, MAX_SCORE, type PodScore, type SlotFeature } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { NO_DOMAIN } from '../snapshot/topologies.ts';
import { DomainTotals } from './domain-totals.ts';
import { DomainReach, IGNORED } from './domain-reach.ts';
import { ScoreScale } from './score-scale.ts';
import { hasAllLabels, isByNode, type SpreadConstraint, type SpreadConstraints } from './spread-constraints.ts';

type DomainScore = Extract<PodScore, { kind: 'domains' }>;

/** `totals` is absent where each node is a domain: only its own pods count then, whether the node is looked at or not. */
type Spreading = { readonly constraint: SpreadConstraint; readonly totals: DomainTotals | undefined };

export class PodTopologySpreadScore implements DomainScore {
  readonly kind = 'domains';
  readonly domains: DomainCounts;
  readonly #state: ClusterState;
  readonly #constraints: readonly SpreadConstraint[];
  readonly #needsAllLabels: boolean;
  readonly #spreadings: readonly Spreading[];
  readonly #scale = new ScoreScale();
  readonly #reach = new DomainReach();
  #raw = new Float64Array(0);

  constructor(state: ClusterState, { constraints, needsAllLabels }: SpreadConstraints) {
    this.#state = state;
    this.#constraints = constraints;
    this.#needsAllLabels = needsAllLabels;
    this.#spreadings = constraints.map((constraint) => {
      if (isByNode(constraint)) return { constraint, totals: undefined };
      const { topology, matcher, includes } = constraint;
      const hasPart = (slot: number): boolean => (!needsAllLabels || hasAllLabels(constraints, slot)) && includes(slot);
      return { constraint, totals: new DomainTotals({ topology, valueAt: (slot) => matcher.at(slot), hasPart }) };
    });
    this.domains = {
      rebuild: () => this.#rebuild(),
      repair: (slot) => {
        for (const { totals } of this.#spreadings) totals?.repair(slot);
      },
      settle: () => undefined,
      counted: () => this.#spreadings.flatMap(({ constraint }) => constraint.matcher.slots),
      release: () => {
        for (const { constraint } of this.#spreadings) constraint.matcher.release();
      },
      features: this.#spreadings.map(({ constraint, totals }) => totals?.feature ?? nodeFeature(constraint)),
    };
  }

  rawScore(slot: number, candidates: Candidates): number {
    const raw = this.#rawOf(candidates);
    return Math.max(0, raw[candidates.slots.subarray(0, candidates.count).indexOf(slot)] ?? 0);
  }

  addScores(candidates: Candidates, weight: number, sums: Int32Array): void {
    const raw = this.#rawOf(candidates);
    let lowest = Infinity;
    let highest = 0;
    for (let index = 0; index < candidates.count; index++) {
      const value = raw[index] as number;
      if (value === IGNORED) continue;
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
    if (lowest === Infinity) return;
    const shareOf = (value: number): number =>
      weight * (highest === 0 ? MAX_SCORE : Math.trunc((MAX_SCORE * (highest + lowest - value)) / highest));
    this.#scale.add(candidates, { raw, lowest, highest }, { sums, shareOf });
  }

  /** Whole numbers, by index in the candidates. */
  #rawOf(candidates: Candidates): Float64Array {
    const { count } = candidates;
    if (this.#raw.length < count) this.#raw = new Float64Array(2 * count);
    const raw = this.#raw.fill(0, 0, count);
    const scored = nodesAmong(candidates) - (this.#needsAllLabels ? this.#ignore(candidates) : 0);
    for (const { constraint, totals } of this.#spreadings) {
      if (totals === undefined) this.#weighNodes(constraint, candidates, scored);
      else this.#weighDomains(constraint, candidates, totals);
    }
    for (let index = 0; index < count; index++) raw[index] = Math.round(raw[index] as number);
    return raw;
  }

  /** Returns how many are not scored. */
  #ignore({ slots, count, sizes }: Candidates): number {
    let ignored = 0;
    for (let index = 0; index < count; index++) {
      if (hasAllLabels(this.#constraints, slots[index] as number)) continue;
      this.#raw[index] = IGNORED;
      ignored += sizes?.[index] ?? 1;
    }
    return ignored;
  }

  #weighNodes({ topology, matcher, maxSkew }: SpreadConstraint, { slots, count }: Candidates, scored: number): void {
    const raw = this.#raw;
    const { domainAt } = topology;
    const pods = matcher.column(domainAt.length);
    const factor = Math.log(scored + 2);
    const tolerance = maxSkew - 1;
    for (let index = 0; index < count; index++) {
      const slot = slots[index] as number;
      if (domainAt[slot] === NO_DOMAIN || raw[index] === IGNORED) continue;
      raw[index] = (raw[index] as number) + ((pods[slot] as number) * factor + tolerance);
    }
  }

  #weighDomains({ topology, maxSkew }: SpreadConstraint, candidates: Candidates, { totals }: DomainTotals): void {
    const { slots, count } = candidates;
    const raw = this.#raw;
    const { domainAt } = topology;
    const factor = Math.log(this.#reach.domainsAmong(candidates, topology, raw) + 2);
    const tolerance = maxSkew - 1;
    for (let index = 0; index < count; index++) {
      const domain = domainAt[slots[index] as number] as number;
      if (domain === NO_DOMAIN || raw[index] === IGNORED) continue;
      raw[index] = (raw[index] as number) + ((totals[domain] ?? 0) * factor + tolerance);
    }
  }

  #rebuild(): void {
    for (const { constraint, totals } of this.#spreadings) {
      constraint.matcher.hold();
      totals?.rebuild(this.#state.slotsEnd);
    }
  }
}

/** Only the node's own pods count, when it has the label at all. */
const nodeFeature = ({ topology, matcher }: SpreadConstraint): SlotFeature => ({
  at: (slot) => (topology.domainAt[slot] === NO_DOMAIN ? 0 : matcher.at(slot) + 1),
  isSingular: () => true,
  usual: (slot) => (topology.domainAt[slot] === NO_DOMAIN ? 0 : 1),
  key: `node ${topology.key}`,
});

function nodesAmong({ count, sizes }: Candidates): number {
  if (sizes === undefined) return count;
  let nodes = 0;
  for (let index = 0; index < count; index++) nodes += sizes[index] as number;
  return nodes;
}
