/**
 * Chooses where a change at one node is felt at others. Nodes that are alike to every plugin stand together,
 * so that a pass looks at one of each group: there are few of them, however many nodes.
 */
import { passOver, type Pick, type Standing } from './candidate-pass.ts';
import { type Feature, LikeSlots } from './like-slots.ts';
import type { RefusalGroup } from './placement.ts';
import type { DomainCounts, SlotFeature } from './plugin.ts';
import type { ReadyFilter, ReadyPod } from './ready-pod.ts';
import { RefusalCounts } from './refusal-counts.ts';
import type { Scratch } from './scratch.ts';
import { FITS } from './verdict-column.ts';

export class DomainGroups {
  readonly #ready: ReadyPod;
  readonly #standing: Standing;
  readonly #filters: readonly ReadyFilter[];
  readonly #counts: readonly DomainCounts[];
  readonly #ofDomains: readonly SlotFeature[];
  readonly #features: readonly Feature[];
  readonly #like: LikeSlots;
  /** Which features were singular when the groups were made. */
  #singular: readonly boolean[] = [];
  readonly #scratch: Scratch;

  constructor(ready: ReadyPod, standing: Standing, scratch: Scratch) {
    this.#scratch = scratch;
    this.#ready = ready;
    this.#standing = standing;
    this.#filters = ready.filters.filter(({ filter }) => filter.domains !== undefined);
    const ofFilters = this.#filters.flatMap(({ filter }) => filter.domains ?? []);
    this.#counts = [...ofFilters, ...ready.domainScores.map(({ score }) => score.domains)];
    this.#ofDomains = this.#counts.flatMap(({ features }) => features);
    const { own, scaled } = standing;
    this.#features = [
      (slot) => own[slot] as number,
      ...scaled.map(
        (column): Feature =>
          (slot) =>
            column.rawAt(slot),
      ),
      ...this.#ofDomains.map(({ at }) => at),
    ];
    this.#like = new LikeSlots(own.length);
  }

  rebuild(): void {
    for (const counts of this.#counts) counts.rebuild();
    this.#regroup();
  }

  repair(slot: number): void {
    for (const counts of this.#counts) counts.repair(slot);
    this.#like.remove(slot);
    if (this.#standing.verdicts.codes[slot] === FITS) this.#like.add(slot, this.#features);
  }

  settle(): void {
    for (const counts of this.#counts) counts.settle();
    const isSame = this.#ofDomains.every(({ isSingular }, index) => isSingular() === this.#singular[index]);
    if (!isSame || this.#like.isLittered) this.#regroup();
  }

  choose(draw: number): Pick | undefined {
    const { slots, sizes, totals } = this.#scratch;
    this.#like.list(slots, sizes);
    const candidates = { slots, count: this.#like.count, sizes };
    const best = passOver(candidates, { ready: this.#ready, standing: this.#standing, totals }, draw);
    if (best === undefined) return undefined;
    return { ...best, slot: this.#like.membersWith(best.slot)[best.rank] ?? best.slot };
  }

  /** Of the nodes that nothing refused before the domains were looked at. */
  groups(nameAt: (slot: number) => string): readonly RefusalGroup[] {
    const refusals = new RefusalCounts();
    const { slots, sizes } = this.#scratch;
    this.#like.list(slots, sizes);
    for (const slot of slots.subarray(0, this.#like.count))
      refusals.ask(slot, this.#filters, this.#like.membersWith(slot));
    return refusals.groups(nameAt);
  }

  #regroup(): void {
    this.#singular = this.#ofDomains.map(({ isSingular }) => isSingular());
    this.#like.clear();
    const { codes } = this.#standing.verdicts;
    for (let slot = 0; slot < codes.length; slot++) if (codes[slot] === FITS) this.#like.add(slot, this.#features);
  }
}
