/** Places a pod that asks for nodes by name: the others are refused for that alone. */
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { placeAmong } from './place-among.ts';
import type { Placement } from './placement.ts';
import { refusalForGood } from './plugin.ts';
import type { ReadyPod } from './ready-pod.ts';
import { RefusalCounts } from './refusal-counts.ts';
import type { Scratch } from './scratch.ts';
import type { Wish } from './standings.ts';

export function placeOnNamed(
  state: ClusterState,
  ready: ReadyPod,
  wish: Wish & { readonly scratch: Scratch },
): Placement {
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
