/** Counts refusals by the first filter that refuses, for nodes that are asked once. */
import type { RefusalGroup } from './placement.ts';
import type { Refusal } from './plugin.ts';
import type { ReadyFilter } from './ready-pod.ts';

export class RefusalCounts {
  readonly #groups = new Map<Refusal, { readonly plugin: string; readonly slots: number[] }>();

  /** Returns whether no filter refused the slot. */
  ask(slot: number, filters: readonly ReadyFilter[]): boolean {
    for (const { plugin, filter } of filters) {
      const refusal = filter.verdict(slot);
      if (refusal === undefined) continue;
      this.add(slot, plugin, refusal);
      return false;
    }
    return true;
  }

  add(slot: number, plugin: string, refusal: Refusal): void {
    const known = this.#groups.get(refusal);
    if (known === undefined) this.#groups.set(refusal, { plugin, slots: [slot] });
    else known.slots.push(slot);
  }

  groups(nameAt: (slot: number) => string): readonly RefusalGroup[] {
    return [...this.#groups].map(([refusal, { plugin, slots }]) => ({
      plugin,
      refusal,
      count: slots.length,
      nodes: () => slots.map(nameAt),
    }));
  }
}
