/** Counts refusals by the first filter that refuses, for nodes that are asked once. */
import type { RefusalGroup } from './placement.ts';
import type { Refusal } from './plugin.ts';
import type { ReadyFilter } from './ready-pod.ts';

type Group = { readonly plugin: string; readonly refusal: Refusal; readonly slots: number[] };

export class RefusalCounts {
  readonly #groups = new Map<Refusal, Group>();
  /** The one added to last: mostly, one refusal follows the other. */
  #last: Group | undefined;

  /** Returns whether no filter refused the slot. `like`: those that get the same answer. */
  ask(slot: number, filters: readonly ReadyFilter[], like: readonly number[] = [slot]): boolean {
    for (const { plugin, filter } of filters) {
      const refusal = filter.verdict(slot);
      if (refusal === undefined) continue;
      for (const each of like) this.add(each, refusal, plugin);
      return false;
    }
    return true;
  }

  add(slot: number, refusal: Refusal, plugin: string): void {
    if (this.#last?.refusal !== refusal) {
      this.#last = this.#groups.get(refusal) ?? { plugin, refusal, slots: [] };
      this.#groups.set(refusal, this.#last);
    }
    this.#last.slots.push(slot);
  }

  groups(nameAt: (slot: number) => string): readonly RefusalGroup[] {
    return [...this.#groups.values()].map(({ plugin, refusal, slots }) => ({
      plugin,
      refusal,
      count: slots.length,
      nodes: () => slots.map(nameAt),
    }));
  }
}
