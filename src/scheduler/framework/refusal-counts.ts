/** Counts refusals by the first filter that refuses, for nodes that are asked once. */
import type { RefusalGroup } from './placement.ts';
import type { Refusal } from './plugin.ts';
import type { ReadyFilter } from './ready-pod.ts';

export class RefusalCounts {
  readonly #groups = new Map<Refusal, { readonly plugin: string; readonly slots: number[] }>();

  /** Returns whether no filter refused the slot. `like`: those that get the same answer. */
  ask(slot: number, filters: readonly ReadyFilter[], like: readonly number[] = [slot]): boolean {
    for (const { plugin, filter } of filters) {
      const refusal = filter.verdict(slot);
      if (refusal === undefined) continue;
      const known = this.#groups.get(refusal);
      if (known === undefined) this.#groups.set(refusal, { plugin, slots: [...like] });
      else for (const each of like) known.slots.push(each);
      return false;
    }
    return true;
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
