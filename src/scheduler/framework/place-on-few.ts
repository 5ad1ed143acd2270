/** Places a pod that only few nodes can have: the others are not looked at. */
import type { ClusterState } from '../snapshot/cluster-state.ts';
import type { Wish } from './standings.ts';
import type { Placed, Placement } from './placement.ts';
import { refusalForGood } from './plugin.ts';
import { type ReadyPod, releasePod } from './ready-pod.ts';
import { RefusalCounts } from './refusal-counts.ts';
import { scaled } from './scaled-column.ts';

/** Of nodes that the pod asks for by name: the others are refused for that alone. */
export function placeOnNamed(state: ClusterState, ready: ReadyPod, wish: Wish): Placement {
  const { nodes = [], plugins = [] } = ready.only ?? {};
  const named = nodes.flatMap((name) => state.slotOf(name) ?? []);
  const refusals = new RefusalCounts();
  const placed = placeAmong(state, ready, { ...wish, slots: named, refusals });
  if (placed !== undefined) return placed;
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

type Among = Wish & { readonly slots: readonly number[]; readonly refusals: RefusalCounts };

/** Undefined when all of these are refused. Nothing is kept of them. */
export function placeAmong(
  state: ClusterState,
  ready: ReadyPod,
  { slots, draw, also, refusals }: Among,
): Placed | undefined {
  try {
    const first = ready.filters.filter(({ filter }) => filter.domains === undefined);
    const last = ready.filters.filter(({ filter }) => filter.domains !== undefined);
    for (const { filter } of last) {
      filter.domains?.rebuild();
      filter.domains?.settle();
    }
    const filters = [...first, ...also, ...last];
    const fitting = Int32Array.from(slots.filter((slot) => refusals.ask(slot, filters)));
    return fitting.length === 0 ? undefined : best(state, fitting, { totals: addUp(state, ready, fitting), draw });
  } finally {
    releasePod(ready);
  }
}

type Choosing = { readonly totals: readonly number[]; readonly draw: number };

function best(state: ClusterState, slots: Int32Array, { totals, draw }: Choosing): Placed {
  const score = Math.max(...totals);
  const equals = slots.filter((_, index) => totals[index] === score);
  return { placed: true, node: state.nameAt(equals[Math.floor(draw * equals.length)] ?? 0), score };
}

/** By index. */
function addUp(state: ClusterState, ready: ReadyPod, slots: Int32Array): readonly number[] {
  const totals = Array.from(slots, (slot) =>
    ready.ownScores.reduce((sum, { score, weight }) => sum + weight * score.score(slot), 0),
  );
  for (const { score, weight } of ready.scaledScores) {
    const raw = Array.from(slots, (slot) => score.score(slot));
    const highest = Math.max(0, ...raw);
    for (const [index, value] of raw.entries())
      totals[index] = (totals[index] ?? 0) + weight * scaled(value, highest, score.order);
  }
  const ofDomains = domainScores(state, ready, slots);
  return ofDomains === undefined ? totals : totals.map((total, index) => total + (ofDomains[slots[index] ?? 0] ?? 0));
}

/** By slot; undefined when there are none. */
function domainScores(state: ClusterState, ready: ReadyPod, slots: Int32Array): Int32Array | undefined {
  if (ready.domainScores.length === 0) return undefined;
  const sums = new Int32Array(state.slotsEnd);
  for (const { score, weight } of ready.domainScores) {
    score.domains.rebuild();
    score.domains.settle();
    score.addScores({ slots, count: slots.length }, weight, sums);
  }
  return sums;
}
