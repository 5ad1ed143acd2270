/** Groups slots that are alike in all features: whatever is worked out from the features holds for the whole group. */

/** A whole number that tells something of a slot. */
export type Feature = (slot: number) => number;

/** The group of a slot that was not added. */
export const NOWHERE = -1;
// What is left of groups that are empty is cleared away when there is so much of it.
const PATHS_FOR_EACH_PLACE = 8;

export class LikeSlots {
  readonly #groupOf: Int32Array;
  /** Its place among the members of its group. */
  readonly #indexOf: Int32Array;
  /** By step of the way from one feature's value to the next. The number of the last step is that of the group. */
  #paths: (Map<number, number> | undefined)[] = [];
  #members: (number[] | undefined)[] = [];
  /** Groups that have members, and where each is in this list. */
  readonly #live: number[] = [];
  readonly #liveIndexOf = new Map<number, number>();

  constructor(places: number) {
    this.#groupOf = new Int32Array(places).fill(NOWHERE);
    this.#indexOf = new Int32Array(places);
    this.#paths = [undefined];
  }

  /** How many groups have members. */
  get count(): number {
    return this.#live.length;
  }

  /** It is time to clear and to add all slots anew. */
  get isLittered(): boolean {
    return this.#paths.length > PATHS_FOR_EACH_PLACE * this.#groupOf.length + 1024;
  }

  clear(): void {
    this.#groupOf.fill(NOWHERE);
    this.#paths = [undefined];
    this.#members = [];
    this.#live.length = 0;
    this.#liveIndexOf.clear();
  }

  add(slot: number, features: readonly Feature[]): void {
    let group = 0;
    for (let index = 0; index < features.length; index++) group = this.#step(group, (features[index] as Feature)(slot));
    const members = (this.#members[group] ??= []);
    if (members.length === 0) this.#enliven(group);
    this.#groupOf[slot] = group;
    this.#indexOf[slot] = members.length;
    members.push(slot);
  }

  /** Nothing happens to a slot that was not added. */
  remove(slot: number): void {
    const group = this.#groupOf[slot] as number;
    if (group === NOWHERE) return;
    this.#groupOf[slot] = NOWHERE;
    const members = this.#members[group] as number[];
    const last = members.pop() as number;
    if (last !== slot) {
      const index = this.#indexOf[slot] as number;
      members[index] = last;
      this.#indexOf[last] = index;
    }
    if (members.length === 0) this.#forget(group);
  }

  /** Writes one member of each group to `slots`, and how many the group has to `sizes`. */
  list(slots: Int32Array, sizes: Int32Array): void {
    for (let index = 0; index < this.#live.length; index++) {
      const members = this.#members[this.#live[index] as number] as number[];
      slots[index] = members[0] as number;
      sizes[index] = members.length;
    }
  }

  /** `NOWHERE` when it was not added. A number stands for the same features until all are cleared. */
  groupAt(slot: number): number {
    return this.#groupOf[slot] as number;
  }

  /** All that are in the slot's group. */
  membersWith(slot: number): readonly number[] {
    return this.#members[this.#groupOf[slot] as number] ?? [];
  }

  #step(path: number, value: number): number {
    const next = (this.#paths[path] ??= new Map<number, number>());
    const known = next.get(value);
    if (known !== undefined) return known;
    const made = this.#paths.push(undefined) - 1;
    next.set(value, made);
    return made;
  }

  #enliven(group: number): void {
    this.#liveIndexOf.set(group, this.#live.length);
    this.#live.push(group);
  }

  #forget(group: number): void {
    const index = this.#liveIndexOf.get(group) as number;
    const last = this.#live.pop() as number;
    this.#liveIndexOf.delete(group);
    if (last === group) return;
    this.#live[index] = last;
    this.#liveIndexOf.set(last, index);
  }
}
