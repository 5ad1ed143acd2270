/** Knows the highest of many numbers, and how many places have it, after every change of one of them in O(log n). */

/** What a place without a number has: less than any number that counts. */
export const ABSENT = -1;

export class MaxTree {
  readonly #size: number;
  /** The tree lies in an array: node i has the children 2i and 2i + 1, and the leaves are the last `#size`. */
  readonly #highest: Int32Array;
  readonly #ties: Int32Array;

  constructor(places: number) {
    let size = 1;
    while (size < places) size *= 2;
    this.#size = size;
    this.#highest = new Int32Array(2 * size).fill(ABSENT);
    this.#ties = new Int32Array(2 * size);
  }

  /** `ABSENT` when no place has a number. */
  get highest(): number {
    return this.#highest[1] as number;
  }

  /** How many places have the highest number. */
  get ties(): number {
    return this.#ties[1] as number;
  }

  set(place: number, value: number): void {
    let at = this.#size + place;
    if (this.#highest[at] === value) return;
    this.#setLeaf(at, value);
    for (at >>= 1; at > 0; at >>= 1) this.#join(at);
  }

  /** Sets many at once; `settle` must follow before anything is asked. */
  put(place: number, value: number): void {
    this.#setLeaf(this.#size + place, value);
  }

  settle(): void {
    for (let at = this.#size - 1; at > 0; at--) this.#join(at);
  }

  /** Of the places with the highest number, the one with this rank, counted from 0. */
  placeOf(rank: number): number {
    let at = 1;
    let left = rank;
    while (at < this.#size) {
      at *= 2;
      const inLeft = this.#highest[at] === this.highest ? (this.#ties[at] as number) : 0;
      if (left < inLeft) continue;
      left -= inLeft;
      at++;
    }
    return at - this.#size;
  }

  #setLeaf(at: number, value: number): void {
    this.#highest[at] = value;
    this.#ties[at] = value === ABSENT ? 0 : 1;
  }

  #join(at: number): void {
    const [highest, ties] = [this.#highest, this.#ties];
    const left = highest[2 * at] as number;
    const right = highest[2 * at + 1] as number;
    highest[at] = left > right ? left : right;
    ties[at] = (left >= right ? (ties[2 * at] as number) : 0) + (right >= left ? (ties[2 * at + 1] as number) : 0);
  }
}
