/** Chooses where a change at one node is felt at others: one pass over all nodes a pod, each step a plain loop over numbers. */
import { RefusalCounts } from './refusal-counts.ts';
import type { RefusalGroup } from './placement.ts';
import type { DomainCounts, SiftedDomains } from './plugin.ts';
import type { ReadyFilter, ReadyPod } from './ready-pod.ts';
import type { ScaledColumn } from './scaled-column.ts';
import { FITS } from './verdict-column.ts';

/** Where the pod goes. */
export type Choice = { readonly slot: number; readonly score: number };

/** What is known of every slot by itself. */
export type Standing = {
  readonly codes: Int32Array;
  readonly own: Int32Array;
  readonly scaled: readonly ScaledColumn[];
  readonly end: number;
};

export class DomainPass {
  readonly #ready: ReadyPod;
  readonly #filters: readonly ReadyFilter[];
  readonly #sifters: readonly SiftedDomains[];
  readonly #counts: readonly DomainCounts[];
  readonly #slots: Int32Array;
  readonly #totals: Int32Array;

  constructor(ready: ReadyPod, places: number) {
    this.#ready = ready;
    this.#filters = ready.filters.filter(({ filter }) => filter.domains !== undefined);
    this.#sifters = this.#filters.flatMap(({ filter }) => filter.domains ?? []);
    this.#counts = [...this.#sifters, ...ready.domainScores.map(({ score }) => score.domains)];
    this.#slots = new Int32Array(places);
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

  choose(standing: Standing, draw: number): Choice | undefined {
    let count = this.#fitting(standing);
    for (const sifter of this.#sifters) count = sifter.sift(this.#slots, count);
    if (count === 0) return undefined;
    this.#addUp(standing, count);
    return pick(this.#slots.subarray(0, count), this.#totals, draw);
  }

  /** Of the nodes that nothing refused before the domains were looked at. */
  groups(standing: Standing, nameAt: (slot: number) => string): readonly RefusalGroup[] {
    const refusals = new RefusalCounts();
    const count = this.#fitting(standing);
    for (const slot of this.#slots.subarray(0, count)) refusals.ask(slot, this.#filters);
    return refusals.groups(nameAt);
  }

  #fitting({ codes, end }: Standing): number {
    const slots = this.#slots;
    let count = 0;
    for (let slot = 0; slot < end; slot++) if (codes[slot] === FITS) slots[count++] = slot;
    return count;
  }

  #addUp({ own, scaled }: Standing, count: number): void {
    const [slots, totals] = [this.#slots, this.#totals];
    for (let index = 0; index < count; index++) {
      const slot = slots[index] as number;
      totals[slot] = own[slot] as number;
    }
    for (const column of scaled) column.addWeighted(slots, count, totals);
    for (const { score, weight } of this.#ready.domainScores) score.addScores({ slots, count }, weight, totals);
  }
}

export function pick(slots: Int32Array, totals: Int32Array, draw: number): Choice {
  let highest = -1;
  let ties = 0;
  for (let index = 0; index < slots.length; index++) {
    const total = totals[slots[index] as number] as number;
    if (total < highest) continue;
    ties = total === highest ? ties + 1 : 1;
    highest = total;
  }
  let rank = Math.floor(draw * ties);
  const slot = slots.find((each) => totals[each] === highest && rank-- === 0) ?? 0;
  return { slot, score: highest };
}
