/** Places a pod by one look at a number of nodes, of which nothing is kept. */
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { pick } from './candidate-pass.ts';
import type { Placed } from './placement.ts';
import type { Candidates, Refuse } from './plugin.ts';
import { filtersInOrder, type ReadyFilter, type ReadyPod, releasePod } from './ready-pod.ts';
import type { RefusalCounts } from './refusal-counts.ts';
import { scaled } from './scaled-column.ts';
import type { Scratch } from './scratch.ts';
import type { Wish } from './standings.ts';

/** `slots`: what is looked at. `refusals`: told which of them are refused, and why. */
export type Look = Wish & {
  readonly slots: readonly number[] | 'all';
  readonly refusals: RefusalCounts;
  readonly scratch: Scratch;
};

/** Undefined when all of these are refused. */
export function placeAmong(state: ClusterState, ready: ReadyPod, look: Look): Placed | undefined {
  try {
    for (const { filter } of ready.filters) {
      filter.domains?.rebuild();
      filter.domains?.settle();
    }
    const { slots, totals } = look.scratch;
    const count = sieved(filtersInOrder(ready.filters, look), enter(state, look), look);
    if (count === 0) return undefined;
    const fitting = { slots, count };
    addUp(ready, fitting, look.scratch);
    const { slot, score } = pick(fitting, totals, look.draw);
    return { placed: true, node: state.nameAt(slot), score };
  } finally {
    releasePod(ready);
  }
}

/** Writes to the scratch what is looked at, and returns how much it is. */
function enter({ columns: { nodes } }: ClusterState, { slots: wanted, scratch: { slots } }: Look): number {
  let count = 0;
  if (wanted === 'all') {
    for (let slot = 0; slot < nodes.length; slot++) if (nodes[slot] !== undefined) slots[count++] = slot;
  } else for (const slot of wanted) slots[count++] = slot;
  return count;
}

/** Leaves those that fit in front of the scratch's slots, and returns how many they are. */
function sieved(filters: readonly ReadyFilter[], all: number, { refusals, scratch: { slots } }: Look): number {
  let count = all;
  for (const { plugin, filter } of filters) {
    const refuse: Refuse = (slot, refusal) => refusals.add(slot, refusal, plugin);
    count = filter.sieve?.(slots, count, refuse) ?? sieveOne({ plugin, filter }, { slots, count }, refuse);
  }
  return count;
}

function sieveOne({ filter }: ReadyFilter, { slots, count }: Candidates, refuse: Refuse): number {
  let kept = 0;
  for (let index = 0; index < count; index++) {
    const slot = slots[index] as number;
    const refusal = filter.verdict(slot);
    if (refusal === undefined) slots[kept++] = slot;
    else refuse(slot, refusal);
  }
  return kept;
}

function addUp(ready: ReadyPod, fitting: Candidates, { totals, raw }: Scratch): void {
  const { slots, count } = fitting;
  for (let index = 0; index < count; index++) totals[slots[index] as number] = 0;
  for (const { score, weight } of ready.ownScores) score.addScores(fitting, weight, totals);
  for (const { score, weight } of ready.scaledScores) {
    let highest = 0;
    for (let index = 0; index < count; index++) {
      const value = score.score(slots[index] as number);
      raw[index] = value;
      if (value > highest) highest = value;
    }
    const lowest = weight * scaled(0, highest, score.order);
    for (let index = 0; index < count; index++) {
      const slot = slots[index] as number;
      const value = raw[index] as number;
      const share = value === 0 ? lowest : weight * scaled(value, highest, score.order);
      totals[slot] = (totals[slot] as number) + share;
    }
  }
  for (const { score, weight } of ready.domainScores) {
    score.domains.rebuild();
    score.domains.settle();
    score.addScores(fitting, weight, totals);
  }
}
