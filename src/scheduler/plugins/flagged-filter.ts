/** A filter that has something to say of few nodes, which are marked: the others are passed by at a glance. */
import type { PodFilter, Refusal } from '../framework/plugin.ts';

/** `flags`: by slot, 1 where `verdict` is asked. */
export function flaggedFilter(flags: () => Uint8Array, verdict: (slot: number) => Refusal | undefined): PodFilter {
  return {
    verdict: (slot) => (flags()[slot] === 1 ? verdict(slot) : undefined),
    sieve: (slots, count, refuse) => {
      const marked = flags();
      let kept = 0;
      for (let index = 0; index < count; index++) {
        const slot = slots[index] as number;
        const refusal = marked[slot] === 1 ? verdict(slot) : undefined;
        if (refusal === undefined) slots[kept++] = slot;
        else refuse(slot, refusal);
      }
      return kept;
    },
  };
}
