/** Nodes that are refused for the same reasons, with those that come closest first. */
import type { Pod } from '#api/core/pod';
import type { Refusal } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { shortages } from './remedies/requests.ts';
import type { NodeVerdict } from './verdicts.ts';

export type NodeGroup = {
  readonly refusals: readonly { readonly plugin: string; readonly refusal: Refusal }[];
  /** Those first that lack least. */
  readonly slots: readonly number[];
  /** The share of what is requested that the closest node lacks, summed up over resources. */
  readonly lack: number;
};

/** Groups with fewer refusals first, then those that lack less. */
export function groupNodes(verdicts: readonly NodeVerdict[], pod: Pod, state: ClusterState): readonly NodeGroup[] {
  const numbers = new Map<Refusal, number>();
  const numberOf = (refusal: Refusal): number => {
    const known = numbers.get(refusal) ?? numbers.size;
    numbers.set(refusal, known);
    return known;
  };
  const groups = Map.groupBy(verdicts, ({ refusals }) => refusals.map(({ refusal }) => numberOf(refusal)).join());
  return [...groups.values()]
    .map((members) => groupOf(members, pod, state))
    .filter(({ refusals }) => refusals.length > 0)
    .toSorted((left, right) => left.refusals.length - right.refusals.length || left.lack - right.lack);
}

function groupOf(members: readonly NodeVerdict[], pod: Pod, state: ClusterState): NodeGroup {
  const [first] = members;
  const ranked = members
    .map(({ slot }) => ({ slot, lack: lackAt(pod, slot, state), name: state.nameAt(slot) }))
    .toSorted((left, right) => left.lack - right.lack || (left.name < right.name ? -1 : 1));
  return { refusals: first?.refusals ?? [], slots: ranked.map(({ slot }) => slot), lack: ranked[0]?.lack ?? 0 };
}

const lackAt = (pod: Pod, slot: number, state: ClusterState): number =>
  shortages(pod, slot, state).reduce((sum, { asked, free }) => sum + (asked - free) / asked, 0);
