/**
 * Groups of nodes that are alike to all pods that ask the same of a node and look at the same topologies,
 * where none of their own kind is: such pods differ only in where their kind is, which is in few places.
 */
import type { ClusterState } from '../snapshot/cluster-state.ts';
import type { Standing } from './candidate-pass.ts';
import { ChangeReader } from './change-reader.ts';
import { type Feature, LikeSlots } from './like-slots.ts';
import type { SlotFeature } from './plugin.ts';
import { FITS } from './verdict-column.ts';

export class UsualGroups {
  readonly like: LikeSlots;
  readonly #standing: Standing;
  readonly #changes: ChangeReader;
  readonly #ofDomains: readonly SlotFeature[];
  readonly #features: readonly Feature[];
  #singular: readonly boolean[] = [];
  #generation = 0;

  constructor(state: ClusterState, standing: Standing, ofDomains: readonly SlotFeature[]) {
    this.#standing = standing;
    this.#changes = new ChangeReader(state);
    this.#ofDomains = ofDomains;
    this.#features = [...ownFeatures(standing), ...ofDomains.map(({ usual }) => usual)];
    this.like = new LikeSlots(standing.own.length);
  }

  /** Grows when all groups are made anew: their numbers mean others then. */
  get generation(): number {
    return this.#generation;
  }

  /** Takes in what has changed since the last time; the standing must have done so before. */
  sync(): void {
    this.#changes.read({ rebuild: () => this.#regroup(), repair: (slot) => this.#repair(slot) });
    const isSame = this.#ofDomains.every(({ isSingular }, index) => isSingular() === this.#singular[index]);
    if (!isSame || this.like.isLittered) this.#regroup();
  }

  #repair(slot: number): void {
    this.like.remove(slot);
    if (this.#standing.verdicts.codes[slot] === FITS) this.like.add(slot, this.#features);
  }

  #regroup(): void {
    this.#generation++;
    this.#singular = this.#ofDomains.map(({ isSingular }) => isSingular());
    this.like.clear();
    const { codes } = this.#standing.verdicts;
    for (let slot = 0; slot < codes.length; slot++) if (codes[slot] === FITS) this.like.add(slot, this.#features);
  }
}

/** What tells nodes apart by themselves. */
export function ownFeatures({ own, scaled }: Standing): readonly Feature[] {
  const ofScaled = scaled.map(
    (column): Feature =>
      (slot) =>
        column.rawAt(slot),
  );
  return [(slot) => own[slot] as number, ...ofScaled];
}
