/** Chooses where a change at one node is felt at others: one pass over all nodes a pod, each step a plain loop over numbers. */
import { RefusalCounts } from './refusal-counts.ts';
import type { RefusalGroup } from './placement.ts';
import type { Candidates, DomainCounts, SiftedDomains } from './plugin.ts';
import type { ReadyFilter, ReadyPod } from './ready-pod.ts';
import type { ScaledColumn } from './scaled-column.ts';
import { FITS, type VerdictColumn } from './verdict-column.ts';

/** Where the pod goes. */
export type Choice = { readonly slot: number; readonly score: number };

/** What is known of every slot by itself. */
export type Standing = {
  readonly verdicts: VerdictColumn;
  readonly own: Int32Array;
  readonly scaled: readonly ScaledColumn[];
  readonly end: number;
  /** Grows when a node comes, changes or goes. */
  readonly nodeVersion: number;
};

/** `draw`, from 0 to less than 1, decides between equals. */
export type Wish = { readonly draw: number; readonly also: readonly ReadyFilter[] };

export class DomainPass {
  readonly #ready: ReadyPod;
  readonly #filters: readonly ReadyFilter[];
  readonly #sifters: readonly SiftedDomains[];
  readonly #counts: readonly DomainCounts[];
  /** Slots that nothing refused before the domains were looked at. */
  readonly #fitting: Int32Array;
  #fittingCount = 0;
  /** What `#fitting` was made of. */
  #fitVersion = -1;
  #nodeVersion = -1;
  #stamp = 0;
  readonly #sifted: Int32Array;
  readonly #totals: Int32Array;

  constructor(ready: ReadyPod, places: number) {
    this.#ready = ready;
    this.#filters = ready.filters.filter(({ filter }) => filter.domains !== undefined);
    this.#sifters = this.#filters.flatMap(({ filter }) => filter.domains ?? []);
    this.#counts = [...this.#sifters, ...ready.domainScores.map(({ score }) => score.domains)];
    this.#fitting = new Int32Array(places);
    this.#sifted = new Int32Array(places);
    this.#totals = new Int32Array(places);
  }

  rebuild(): void {
    for (const counts of this.#counts) counts.rebuild();
  }

  repair(slot: number): void {
    for (const counts of this.#counts) counts.repair(slot);
  }

  settle(): void {
    for (const counts of this.#counts) counts.settle();
  }

  choose(standing: Standing, { draw, also }: Wish): Choice | undefined {
    this.#look(standing);
    const candidates = this.#sift(also);
    if (candidates.count === 0) return undefined;
    const base = this.#addUp(standing, candidates);
    const { slot, score } = pick(candidates, this.#totals, draw);
    return { slot, score: score + base };
  }

  /** Of the nodes that nothing refused before the domains were looked at. */
  groups(standing: Standing, also: readonly ReadyFilter[], nameAt: (slot: number) => string): readonly RefusalGroup[] {
    this.#look(standing);
    const refusals = new RefusalCounts();
    const filters = [...also, ...this.#filters];
    for (const slot of this.#fitting.subarray(0, this.#fittingCount)) refusals.ask(slot, filters);
    return refusals.groups(nameAt);
  }

  #look({ verdicts, end, nodeVersion }: Standing): void {
    if (verdicts.fitVersion === this.#fitVersion && nodeVersion === this.#nodeVersion) return;
    this.#fitVersion = verdicts.fitVersion;
    this.#nodeVersion = nodeVersion;
    this.#stamp++;
    const { codes } = verdicts;
    let count = 0;
    for (let slot = 0; slot < end; slot++) if (codes[slot] === FITS) this.#fitting[count++] = slot;
    this.#fittingCount = count;
  }

  #sift(also: readonly ReadyFilter[]): Candidates {
    const [slots, fitting] = [this.#sifted, this.#fitting];
    if (also.length === 0 && this.#sifters.length === 0)
      return { slots: fitting, count: this.#fittingCount, stamp: this.#stamp };
    slots.set(fitting);
    let count = this.#fittingCount;
    if (also.length > 0) count = keepFitting(also, slots, count);
    for (const sifter of this.#sifters) count = sifter.sift(slots, count);
    return count === this.#fittingCount ? { slots, count, stamp: this.#stamp } : { slots, count };
  }

  /** Returns what every candidate gets besides. */
  #addUp({ own, scaled }: Standing, candidates: Candidates): number {
    const { slots, count } = candidates;
    this.#totals.set(own);
    let base = 0;
    for (const column of scaled) {
      if (column.highest === 0) base += column.weighted(0, 0);
      else column.addWeighted(slots, count, this.#totals);
    }
    for (const { score, weight } of this.#ready.domainScores) score.addScores(candidates, weight, this.#totals);
    return base;
  }
}

function keepFitting(filters: readonly ReadyFilter[], slots: Int32Array, count: number): number {
  let left = 0;
  for (let index = 0; index < count; index++) {
    const slot = slots[index] as number;
    if (filters.every(({ filter }) => filter.verdict(slot) === undefined)) slots[left++] = slot;
  }
  return left;
}

export function pick({ slots, count }: Candidates, totals: Int32Array, draw: number): Choice {
  let highest = -1;
  let ties = 0;
  for (let index = 0; index < count; index++) {
    const total = totals[slots[index] as number] as number;
    if (total > highest) {
      highest = total;
      ties = 0;
    }
    if (total === highest) ties++;
  }
  let left = Math.floor(draw * ties);
  for (let index = 0; index < count; index++) {
    const slot = slots[index] as number;
    if (totals[slot] === highest && left-- === 0) return { slot, score: highest };
  }
  throw new RangeError(`Cannot choose among ${ties} nodes with a draw of ${draw}: expected one from 0 to less than 1`);
}
