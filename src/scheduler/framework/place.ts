/** Decides where one pod goes: asks the filters for every node, scores what is left, and counts why not. */
import type { Pod } from '#api/core/pod';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { inTheirPlaces } from './in-their-places.ts';
import { type KnownPod, knownPods } from './known-pods.ts';
import { type Look, placeAmong } from './place-among.ts';
import { placeOnNamed } from './place-on-named.ts';
import type { Placement } from './placement.ts';
import type { Plugin, Profile } from './plugin.ts';
import { readyFilters } from './ready-pod.ts';
import { RefusalCounts } from './refusal-counts.ts';

export type PlaceOptions = {
  readonly profile: Profile;
  /** A number in [0, 1) that decides between equals. */
  readonly draw: number;
  /** Filters for this pod alone, such as of its volumes: asked in their places, and nothing is kept of them. */
  readonly also?: readonly Plugin[];
};

/** Leaves the state as it is: whoever accepts the placement adds the pod. */
export function placePod(state: ClusterState, pod: Pod, { profile, draw, also = NONE }: PlaceOptions): Placement {
  const { nodeCount } = state;
  const known = knownPods(state, profile);
  const met = known.get(pod);
  const { ready } = met;
  const more = readyFilters(state, inTheirPlaces(known.forOnePod, also), pod);
  const because = ready.because ?? more.because;
  if (because !== undefined) return { placed: false, nodeCount, groups: [], because };
  const wish = { draw, also: more.filters, rankOf: known.rankOf };
  const { scratch } = known;
  if (ready.only !== undefined) return placeOnNamed(state, ready, { ...wish, scratch });
  const looked = placeByLook(state, { ...met, isNew: () => known.isNew(pod) }, { ...wish, scratch });
  if (looked !== undefined) return looked;
  const standings = met.standings ?? known.keep(pod, ready);
  standings.sync();
  const choice = standings.choose(wish);
  if (choice === undefined) return { placed: false, nodeCount, groups: standings.groups(wish) };
  return { placed: true, node: state.nameAt(choice.slot), score: choice.score };
}

/** Undefined when it is worth while to keep what is found out. */
function placeByLook(
  state: ClusterState,
  { ready, few, standings, isNew }: KnownPod & { readonly isNew: () => boolean },
  wish: Omit<Look, 'slots' | 'refusals'>,
): Placement | undefined {
  if (standings !== undefined) return undefined;
  if (few !== undefined) {
    const placed = placeAmong(state, ready, { ...wish, slots: few, refusals: new RefusalCounts() });
    if (placed !== undefined) return placed;
  }
  if (!isNew()) return undefined;
  const refusals = new RefusalCounts();
  const placed = placeAmong(state, ready, { ...wish, slots: 'all', refusals });
  if (placed !== undefined) return placed;
  return { placed: false, nodeCount: state.nodeCount, groups: refusals.groups((slot) => state.nameAt(slot)) };
}

const NONE: readonly Plugin[] = [];
