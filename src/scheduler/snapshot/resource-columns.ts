/** What nodes have and what their pods take, one column of numbers a resource. CPU in thousandths of a core, the rest in units. */

import type { ResourceAmounts } from '#api/core/pod-resources';

export const CPU = 0;
export const MEMORY = 1;
const KNOWN_FROM_THE_START = ['cpu', 'memory', 'ephemeral-storage'];

export class ResourceColumns {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  readonly allocatable: Float64Array[] = [];
  readonly requested: Float64Array[] = [];
  #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
    for (const name of KNOWN_FROM_THE_START) this.numberOf(name);
  }

  nameOf(resource: number): string {
    return this.#names[resource] ?? '';
  }

  /** Gives the resource a number when it has none yet. */
  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#names.length;
    this.#names.push(name);
    this.#numbers.set(name, number);
    this.allocatable.push(new Float64Array(this.#capacity));
    this.requested.push(new Float64Array(this.#capacity));
    return number;
  }

  grow(capacity: number): void {
    this.#capacity = capacity;
    for (const columns of [this.allocatable, this.requested])
      for (const [index, column] of columns.entries()) columns[index] = grownFloats(column, capacity);
  }

  setAllocatable(slot: number, amounts: ResourceAmounts): void {
    for (const column of this.allocatable) column[slot] = 0;
    for (const [name, amount] of Object.entries(amounts)) {
      const number = this.numberOf(name);
      (this.allocatable[number] as Float64Array)[slot] = amount;
    }
  }

  /** @param sign 1 when a pod comes, -1 when it goes */
  take(slot: number, amounts: ResourceAmounts, sign: 1 | -1): void {
    for (const name in amounts) {
      const column = this.requested[this.numberOf(name)] as Float64Array;
      column[slot] = (column[slot] ?? 0) + sign * (amounts[name] ?? 0);
    }
  }
}

export function grownFloats(column: Float64Array, capacity: number): Float64Array {
  const grown = new Float64Array(capacity);
  grown.set(column);
  return grown;
}

export function grownIntegers(column: Int32Array, capacity: number): Int32Array {
  const grown = new Int32Array(capacity);
  grown.set(column);
  return grown;
}
