/** Decides where one pod goes: asks the filters for every node, scores what is left, and counts why not. */
import type { Pod } from '#api/core/pod';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { placeOnFew } from './place-on-few.ts';
import type { Placement } from './placement.ts';
import type { Profile } from './plugin.ts';

import { knownPods } from './known-pods.ts';

export type PlaceOptions = {
  readonly profile: Profile;
  /** A number in [0, 1) that decides between equals. */
  readonly draw: number;
};

/** Leaves the state as it is: whoever accepts the placement adds the pod. */
export function placePod(state: ClusterState, pod: Pod, { profile, draw }: PlaceOptions): Placement {
  const known = knownPods(state, profile).get(pod);
  const { ready, standings } = known;
  const { nodeCount } = state;
  if (ready.because !== undefined) return { placed: false, nodeCount, groups: [], because: ready.because };
  if (standings === undefined) return placeOnFew(state, ready, draw);
  standings.sync();
  const choice = standings.choose(draw);
  if (choice === undefined) return { placed: false, nodeCount, groups: standings.groups() };
  return { placed: true, node: state.nameAt(choice.slot), score: choice.score };
}
