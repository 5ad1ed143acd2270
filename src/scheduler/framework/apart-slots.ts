/** The slots where the pods are that one pod looks at: these it groups for itself, all others stand as usual. */
import type { Standing } from './candidate-pass.ts';
import { type Feature, LikeSlots, NOWHERE } from './like-slots.ts';
import type { SlotFeature } from './plugin.ts';
import { ownFeatures } from './usual-groups.ts';

export class ApartSlots {
  readonly #usual: LikeSlots;
  readonly #ofDomains: readonly SlotFeature[];
  readonly #features: readonly Feature[];
  readonly #like: LikeSlots;
  /** By slot, 1 where it stands apart. */
  readonly #flags: Uint8Array;
  /** Of those, in which of the usual groups each is. */
  readonly #groups = new Map<number, number>();
  /** How many slots of a usual group stand apart. */
  readonly #apartIn = new Map<number, number>();

  constructor(usual: LikeSlots, standing: Standing, ofDomains: readonly SlotFeature[]) {
    this.#usual = usual;
    this.#ofDomains = ofDomains;
    this.#features = [...ownFeatures(standing), ...ofDomains.map(({ at }) => at)];
    this.#like = new LikeSlots(standing.own.length);
    this.#flags = new Uint8Array(standing.own.length);
  }

  /** It is time to group anew. */
  get isLittered(): boolean {
    return this.#like.isLittered;
  }

  regroup(slotsEnd: number): void {
    this.#groups.clear();
    this.#flags.fill(0);
    this.#apartIn.clear();
    this.#like.clear();
    for (let slot = 0; slot < slotsEnd; slot++) if (this.#isApart(slot)) this.#enter(slot);
  }

  /** What is counted in the slot has changed, or its node. */
  place(slot: number): void {
    this.#leave(slot);
    if (this.#isApart(slot)) this.#enter(slot);
  }

  /** Anything else in the slot has. */
  refresh(slot: number): void {
    if (this.#flags[slot] === 0) return;
    this.#leave(slot);
    this.#enter(slot);
  }

  /** Writes one slot of each group to `slots`, and how many the group has to `sizes`; returns how many groups there are. */
  list(slots: Int32Array, sizes: Int32Array): number {
    this.#usual.list(slots, sizes);
    const count = this.#apartIn.size === 0 ? this.#usual.count : this.#withoutApart(slots, sizes);
    this.#like.list(slots.subarray(count), sizes.subarray(count));
    return count + this.#like.count;
  }

  /** All that are in the slot's group. */
  membersWith(slot: number): readonly number[] {
    if (this.#flags[slot] !== 0) return this.#like.membersWith(slot);
    const members = this.#usual.membersWith(slot);
    if (!this.#apartIn.has(this.#usual.groupAt(slot))) return members;
    return members.filter((member) => this.#flags[member] === 0);
  }

  /** Of all that are in the slot's group, the one with this rank, counted from 0. */
  memberWith(slot: number, rank: number): number {
    if (this.#flags[slot] !== 0) return this.#like.membersWith(slot)[rank] ?? slot;
    const members = this.#usual.membersWith(slot);
    if (!this.#apartIn.has(this.#usual.groupAt(slot))) return members[rank] ?? slot;
    let left = rank;
    for (const member of members) if (this.#flags[member] === 0 && left-- === 0) return member;
    return slot;
  }

  /** Returns how many groups are left. */
  #withoutApart(slots: Int32Array, sizes: Int32Array): number {
    let count = 0;
    for (let index = 0; index < this.#usual.count; index++) {
      const slot = slots[index] as number;
      const left = (sizes[index] as number) - (this.#apartIn.get(this.#usual.groupAt(slot)) ?? 0);
      if (left === 0) continue;
      slots[count] = this.#flags[slot] === 0 ? slot : this.#anotherWith(slot);
      sizes[count++] = left;
    }
    return count;
  }

  /** One of its usual group that does not stand apart. */
  #anotherWith(slot: number): number {
    for (const member of this.#usual.membersWith(slot)) if (this.#flags[member] === 0) return member;
    return slot;
  }

  #isApart(slot: number): boolean {
    for (const { at, usual } of this.#ofDomains) if (at(slot) !== usual(slot)) return true;
    return false;
  }

  #enter(slot: number): void {
    const group = this.#usual.groupAt(slot);
    this.#groups.set(slot, group);
    this.#flags[slot] = 1;
    if (group === NOWHERE) return;
    this.#apartIn.set(group, (this.#apartIn.get(group) ?? 0) + 1);
    this.#like.add(slot, this.#features);
  }

  #leave(slot: number): void {
    const group = this.#groups.get(slot);
    if (group === undefined) return;
    this.#groups.delete(slot);
    this.#flags[slot] = 0;
    if (group === NOWHERE) return;
    const left = (this.#apartIn.get(group) ?? 0) - 1;
    if (left > 0) this.#apartIn.set(group, left);
    else this.#apartIn.delete(group);
    this.#like.remove(slot);
  }
}
