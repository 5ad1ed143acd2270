/** Places a pod that only some nodes, known by name, can have: the others are not looked at. */
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { pick } from './candidate-pass.ts';
import type { Wish } from './standings.ts';
import type { Placement } from './placement.ts';
import { refusalForGood } from './plugin.ts';
import { type ReadyPod, releasePod } from './ready-pod.ts';
import { RefusalCounts } from './refusal-counts.ts';
import { ScaledColumn } from './scaled-column.ts';

export function placeOnFew(state: ClusterState, ready: ReadyPod, { draw, also }: Wish): Placement {
  try {
    const first = ready.filters.filter(({ filter }) => filter.domains === undefined);
    const last = ready.filters.filter(({ filter }) => filter.domains !== undefined);
    return place(state, { ...ready, filters: [...first, ...also, ...last] }, draw);
  } finally {
    releasePod(ready);
  }
}

function place(state: ClusterState, ready: ReadyPod, draw: number): Placement {
  const { nodes = [], plugins = [] } = ready.only ?? {};
  const named = nodes.flatMap((name) => state.slotOf(name) ?? []);
  for (const { filter } of ready.filters) {
    filter.domains?.rebuild();
    filter.domains?.settle();
  }
  const refusals = new RefusalCounts();
  const fitting = Int32Array.from(named.filter((slot) => refusals.ask(slot, ready.filters)));
  if (fitting.length > 0) {
    const { slot, score } = pick({ slots: fitting, count: fitting.length }, addUp(state, ready, fitting), draw);
    return { placed: true, node: state.nameAt(slot), score };
  }
  const others = state.nodeCount - named.length;
  const groups = refusals.groups((slot) => state.nameAt(slot));
  if (others === 0) return { placed: false, nodeCount: state.nodeCount, groups };
  const refusal = refusalForGood(`node(s) didn't satisfy plugin(s) [${plugins.toSorted().join(' ')}]`);
  const isOther = (slot: number): boolean => state.nodeAt(slot) !== undefined && !named.includes(slot);
  const rest = {
    plugin: plugins[0] ?? '',
    refusal,
    count: others,
    nodes: () =>
      Array.from({ length: state.slotsEnd }, (_, slot) => slot)
        .filter(isOther)
        .map((slot) => state.nameAt(slot)),
  };
  return { placed: false, nodeCount: state.nodeCount, groups: [...groups, rest] };
}

function addUp(state: ClusterState, ready: ReadyPod, slots: Int32Array): Int32Array {
  const totals = new Int32Array(state.slotsEnd);
  for (const { score, weight } of ready.ownScores)
    for (const slot of slots) totals[slot] = (totals[slot] as number) + weight * score.score(slot);
  for (const weighing of ready.scaledScores) {
    const column = new ScaledColumn(weighing, state.slotsEnd);
    for (const slot of slots) column.add(slot);
    column.addWeighted(slots, slots.length, totals);
  }
  for (const { score, weight } of ready.domainScores) {
    score.domains.rebuild();
    score.domains.settle();
    score.addScores({ slots, count: slots.length }, weight, totals);
  }
  return totals;
}
