/** A whole number for each slot. Most slots of most counts are 0. */
import { ChangeLog } from './change-log.ts';
import { grownIntegers } from './resource-columns.ts';

// Few of its slots change between two looks.
const LOGGED = 256;

export class SlotCounts {
  at: Int32Array;
  readonly changes = new ChangeLog(LOGGED);

  constructor(capacity: number) {
    this.at = new Int32Array(capacity);
  }

  reach(places: number): void {
    if (places > this.at.length) this.at = grownIntegers(this.at, Math.max(places, this.at.length * 2));
  }

  add(slot: number, amount: number): void {
    this.reach(slot + 1);
    this.changes.add(slot);
    this.at[slot] = (this.at[slot] as number) + amount;
  }
}
