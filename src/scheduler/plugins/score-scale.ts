/** Gives every candidate its share of a weight by a whole number it has: the shares are worked out once for each number. */
import type { Candidates } from '../framework/plugin.ts';

export class ScoreScale {
  #shares = new Int32Array(64);

  /** Adds `shareOf(raw)` to the sums of candidates. `raw` goes by the candidate's index, and lies from `lowest` to `highest` or below. */
  add(
    { slots, count }: Candidates,
    { raw, lowest, highest }: { readonly raw: ArrayLike<number>; readonly lowest: number; readonly highest: number },
    into: { readonly sums: Int32Array; readonly shareOf: (raw: number) => number },
  ): void {
    const shares = this.#table(highest - lowest + 1, (index) => into.shareOf(lowest + index));
    const { sums, shareOf } = into;
    for (let index = 0; index < count; index++) {
      const value = raw[index] as number;
      // Below the lowest are those that get nothing.
      if (value < lowest) continue;
      const slot = slots[index] as number;
      const share = shares === undefined ? shareOf(value) : (shares[value - lowest] as number);
      sums[slot] = (sums[slot] as number) + share;
    }
  }

  /** Undefined where there are too many numbers for a table. */
  #table(size: number, shareAt: (index: number) => number): Int32Array | undefined {
    if (size > 4096) return undefined;
    if (size > this.#shares.length) this.#shares = new Int32Array(size);
    for (let index = 0; index < size; index++) this.#shares[index] = shareAt(index);
    return this.#shares;
  }
}
