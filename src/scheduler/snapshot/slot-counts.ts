/** A whole number for each slot. Most slots of most counts are 0. */
import { grownIntegers } from './resource-columns.ts';

export class SlotCounts {
  at: Int32Array;

  constructor(capacity: number) {
    this.at = new Int32Array(capacity);
  }

  add(slot: number, amount: number): void {
    if (slot >= this.at.length) this.at = grownIntegers(this.at, Math.max(slot + 1, this.at.length * 2));
    this.at[slot] = (this.at[slot] as number) + amount;
  }
}
