/** Prefers nodes in domains where few of the pod's kind are. */
import { type Candidates, type DomainCounts, MAX_SCORE, type PodScore } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { NO_DOMAIN } from '../snapshot/topologies.ts';
import { DomainTotals } from './domain-totals.ts';
import { hasAllLabels, isByNode, type SpreadConstraint, type SpreadConstraints } from './spread-constraints.ts';

type DomainScore = Extract<PodScore, { kind: 'domains' }>;

/** `totals` is absent where each node is a domain: only its own pods count then, whether the node is looked at or not. */
type Spreading = { readonly constraint: SpreadConstraint; readonly totals: DomainTotals | undefined };

/** For slots that are not scored. */
const IGNORED = -1;

export class PodTopologySpreadScore implements DomainScore {
  readonly kind = 'domains';
  readonly domains: DomainCounts = {
    rebuild: () => this.#rebuild(),
    repair: (slot) => {
      for (const { totals } of this.#spreadings) totals?.repair(slot);
    },
    settle: () => undefined,
    release: () => {
      for (const { constraint } of this.#spreadings) constraint.matcher.release();
    },
  };
  readonly #state: ClusterState;
  readonly #constraints: readonly SpreadConstraint[];
  readonly #needsAllLabels: boolean;
  readonly #spreadings: readonly Spreading[];
  #raw = new Float64Array(0);
  /** By domain, whether a candidate lies in it: when it is `#mark`. */
  #marks = new Int32Array(0);
  #mark = 0;

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
  }

  rawScore(slot: number, candidates: Candidates): number {
    const raw = this.#rawOf(candidates);
    return Math.max(0, raw[candidates.slots.subarray(0, candidates.count).indexOf(slot)] ?? 0);
  }

  addScores(candidates: Candidates, weight: number, sums: Int32Array): void {
    const { slots, count } = candidates;
    const raw = this.#rawOf(candidates);
    let lowest = Infinity;
    let highest = 0;
    for (let index = 0; index < count; index++) {
      const value = raw[index] as number;
      if (value === IGNORED) continue;
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
    for (let index = 0; index < count; index++) {
      const value = raw[index] as number;
      if (value === IGNORED) continue;
      const slot = slots[index] as number;
      const score = highest === 0 ? MAX_SCORE : Math.trunc((MAX_SCORE * (highest + lowest - value)) / highest);
      sums[slot] = (sums[slot] as number) + weight * score;
    }
  }

  /** Whole numbers, by index in the candidates. */
  #rawOf({ slots, count }: Candidates): Float64Array {
    if (this.#raw.length < count) this.#raw = new Float64Array(slots.length);
    const raw = this.#raw.fill(0, 0, count);
    let ignored = 0;
    if (this.#needsAllLabels)
      for (let index = 0; index < count; index++) {
        if (hasAllLabels(this.#constraints, slots[index] as number)) continue;
        raw[index] = IGNORED;
        ignored++;
      }
    for (const spreading of this.#spreadings) this.#weigh(spreading, slots.subarray(0, count), count - ignored);
    for (let index = 0; index < count; index++) raw[index] = Math.round(raw[index] as number);
    return raw;
  }

  #weigh({ constraint, totals }: Spreading, slots: Int32Array, scored: number): void {
    const { topology, matcher, maxSkew } = constraint;
    const { domainAt } = topology;
    const raw = this.#raw;
    const factor = Math.log((totals === undefined ? scored : this.#domainsAmong(slots, domainAt)) + 2);
    for (let index = 0; index < slots.length; index++) {
      const slot = slots[index] as number;
      const domain = domainAt[slot] as number;
      if (raw[index] === IGNORED || domain === NO_DOMAIN) continue;
      const pods = totals === undefined ? matcher.at(slot) : (totals.totals[domain] as number);
      raw[index] = (raw[index] as number) + (pods * factor + (maxSkew - 1));
    }
  }

  /** Nodes without the label are together in a domain without a name. */
  #domainsAmong(slots: Int32Array, domainAt: Int32Array): number {
    this.#mark++;
    let domains = 0;
    for (let index = 0; index < slots.length; index++) {
      if (this.#raw[index] === IGNORED) continue;
      const place = (domainAt[slots[index] as number] as number) + 1;
      if (place >= this.#marks.length) this.#growMarks(place);
      if (this.#marks[place] === this.#mark) continue;
      this.#marks[place] = this.#mark;
      domains++;
    }
    return domains;
  }

  #growMarks(place: number): void {
    const before = this.#marks;
    this.#marks = new Int32Array(2 * place + 16);
    this.#marks.set(before);
  }

  #rebuild(): void {
    for (const { constraint, totals } of this.#spreadings) {
      constraint.matcher.hold();
      totals?.rebuild(this.#state.slotsEnd);
    }
  }
}
