/** What nodes have and what their pods take of each resource. CPU in thousandths of a core, the rest in units. */

import type { ResourceAmounts } from '#api/core/pod-resources';

export const CPU = 0;
export const MEMORY = 1;
/** Every node has these, so that they lie in columns; of others it is kept which slots have any. */
const EVERYWHERE = ['cpu', 'memory', 'ephemeral-storage'];

type Amounts = Map<number, number>;

export class ResourceColumns {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #allocatable: Float64Array[] = [];
  readonly #requested: Float64Array[] = [];
  /** By resource and slot: no entry stands for 0. */
  readonly #rareAllocatable: (Amounts | undefined)[] = [];
  readonly #rareRequested: (Amounts | undefined)[] = [];
  /** The rare resources of each slot. */
  readonly #rareAt: (readonly number[] | undefined)[] = [];

  constructor(capacity: number) {
    for (const name of EVERYWHERE) {
      this.#allocatable.push(new Float64Array(capacity));
      this.#requested.push(new Float64Array(capacity));
      this.numberOf(name);
    }
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
    return number;
  }

  /** 0 of a resource that has no number. */
  allocatable(resource: number, slot: number): number {
    const column = this.#allocatable[resource];
    return (column === undefined ? this.#rareAllocatable[resource]?.get(slot) : column[slot]) ?? 0;
  }

  /** 0 of a resource that has no number. */
  requested(resource: number, slot: number): number {
    const column = this.#requested[resource];
    return (column === undefined ? this.#rareRequested[resource]?.get(slot) : column[slot]) ?? 0;
  }

  /** By slot; undefined of resources that few nodes have. */
  allocatableColumn(resource: number): Float64Array | undefined {
    return this.#allocatable[resource];
  }

  /** By slot; undefined of resources that few nodes have. */
  requestedColumn(resource: number): Float64Array | undefined {
    return this.#requested[resource];
  }

  /** What the slots have that have any; undefined of resources that every node has. */
  offersOf(resource: number): ReadonlyMap<number, number> | undefined {
    return this.#allocatable[resource] === undefined ? (this.#rareAllocatable[resource] ?? NOWHERE) : undefined;
  }

  grow(capacity: number): void {
    for (const columns of [this.#allocatable, this.#requested])
      for (const [index, column] of columns.entries()) columns[index] = grownFloats(column, capacity);
  }

  setAllocatable(slot: number, amounts: ResourceAmounts): void {
    for (const column of this.#allocatable) column[slot] = 0;
    for (const resource of this.#rareAt[slot] ?? []) this.#rareAllocatable[resource]?.delete(slot);
    const rare: number[] = [];
    for (const [name, amount] of Object.entries(amounts)) {
      const number = this.numberOf(name);
      const column = this.#allocatable[number];
      if (column !== undefined) column[slot] = amount;
      else if (amount !== 0) {
        (this.#rareAllocatable[number] ??= new Map()).set(slot, amount);
        rare.push(number);
      }
    }
    this.#rareAt[slot] = rare.length === 0 ? undefined : rare;
  }

  /** @param sign 1 when a pod comes, -1 when it goes */
  take(slot: number, amounts: ResourceAmounts, sign: 1 | -1): void {
    for (const name in amounts) {
      const number = this.numberOf(name);
      const amount = sign * (amounts[name] ?? 0);
      const column = this.#requested[number];
      if (column === undefined) addTo((this.#rareRequested[number] ??= new Map()), slot, amount);
      else column[slot] = (column[slot] ?? 0) + amount;
    }
  }
}

const NOWHERE: ReadonlyMap<number, number> = new Map();

function addTo(amounts: Amounts, slot: number, amount: number): void {
  const sum = (amounts.get(slot) ?? 0) + amount;
  if (sum === 0) amounts.delete(slot);
  else amounts.set(slot, sum);
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
