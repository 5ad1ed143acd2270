/** What every plugin says of every node, not just the first that refuses it. */
import type { Pod } from '#api/core/pod';
import { type ReadyFilter, readyFilters } from '../framework/ready-pod.ts';
import type { PodFilter, Profile, Refusal } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';

/** The plugins that refuse the node, in the order in which they are asked. */
export type NodeVerdict = {
  readonly slot: number;
  readonly refusals: readonly { readonly plugin: string; readonly refusal: Refusal }[];
};

/** Of no node when a plugin refuses the pod as such. */
export function verdictsOn(state: ClusterState, profile: Profile, pod: Pod): readonly NodeVerdict[] {
  const { because, filters } = readyFilters(state, profile.filters, pod);
  if (because !== undefined) return [];
  for (const { filter } of filters) startDomains(filter);
  try {
    return askAll(state, filters);
  } finally {
    for (const { filter } of filters) filter.domains?.release();
  }
}

function askAll(state: ClusterState, filters: readonly ReadyFilter[]): readonly NodeVerdict[] {
  const verdicts: NodeVerdict[] = [];
  for (let slot = 0; slot < state.slotsEnd; slot++) {
    if (state.nodeAt(slot) === undefined) continue;
    const refusals = filters.flatMap(({ plugin, filter }) => {
      const refusal = filter.verdict(slot);
      return refusal === undefined ? [] : [{ plugin, refusal }];
    });
    verdicts.push({ slot, refusals });
  }
  return verdicts;
}

export function startDomains({ domains }: Pick<PodFilter, 'domains'>): void {
  domains?.rebuild();
  domains?.settle();
}
