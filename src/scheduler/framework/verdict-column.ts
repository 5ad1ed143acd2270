/** By slot, which refusal a node got, and how many nodes got each: kept so that nothing is counted anew for a pod that fits nowhere. */
import type { RefusalGroup } from './placement.ts';
import type { Refusal } from './plugin.ts';
import type { ReadyFilter } from './ready-pod.ts';

export const FITS = 0;
const NO_NODE = -1;

type Group = { readonly plugin: string; readonly refusal: Refusal; count: number };

export class VerdictColumn {
  readonly #codes: Int32Array;
  readonly #groups: Group[] = [];
  readonly #codeOf = new Map<Refusal, number>();

  constructor(places: number) {
    this.#codes = new Int32Array(places).fill(NO_NODE);
  }

  get codes(): Int32Array {
    return this.#codes;
  }

  clear(): void {
    this.#codes.fill(NO_NODE);
    this.#groups.length = 0;
    this.#codeOf.clear();
  }

  setNone(slot: number): void {
    this.#set(slot, NO_NODE);
  }

  /** Asks the filters one after the other, and returns whether none refused the slot. */
  ask(slot: number, filters: readonly ReadyFilter[]): boolean {
    for (let index = 0; index < filters.length; index++) {
      const { plugin, filter } = filters[index] as ReadyFilter;
      const refusal = filter.verdict(slot);
      if (refusal === undefined) continue;
      this.#set(slot, this.#codeFor(plugin, refusal));
      return false;
    }
    this.#set(slot, FITS);
    return true;
  }

  groups(nameAt: (slot: number) => string): readonly RefusalGroup[] {
    return this.#groups.flatMap(({ plugin, refusal, count }, index) =>
      count === 0 ? [] : [{ plugin, refusal, count, nodes: () => this.#slotsOf(index + 1).map(nameAt) }],
    );
  }

  #slotsOf(code: number): readonly number[] {
    return [...this.#codes.keys()].filter((slot) => this.#codes[slot] === code);
  }

  #set(slot: number, code: number): void {
    const before = this.#codes[slot] as number;
    if (before === code) return;
    if (before > FITS) (this.#groups[before - 1] as Group).count--;
    if (code > FITS) (this.#groups[code - 1] as Group).count++;
    this.#codes[slot] = code;
  }

  #codeFor(plugin: string, refusal: Refusal): number {
    const known = this.#codeOf.get(refusal);
    if (known !== undefined) return known;
    const code = this.#groups.push({ plugin, refusal, count: 0 });
    this.#codeOf.set(refusal, code);
    return code;
  }
}
