/** Finds out what a change would bring: it is made, the pods are placed one after the other, and all is taken back. */
import type { Pod } from '#api/core/pod';
import type { Node } from '#api/types/core-v1';
import { placePod } from '../framework/place.ts';
import type { Profile } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';

/** A pod that waits, and those that wait beside it and differ from it in nothing but their names. */
export type Waiting = {
  readonly state: ClusterState;
  readonly profile: Profile;
  readonly pod: Pod;
  readonly alike: readonly Pod[];
};

/** What is changed: every waiting pod in the same way, nodes that are changed or added, and pods that end. */
export type Trial = {
  readonly pod?: (pod: Pod) => Pod;
  readonly nodes?: readonly Node[];
  readonly ends?: readonly Pod[];
};

/** How many of the pod and its like would get a node. */
export function placedAfter({ state, profile, pod, alike }: Waiting, trial: Trial): number {
  const change = trial.pod ?? unchanged;
  // Some may count on a node that is being cleared for them, or have got one since: that is there again afterwards.
  const removePods = [pod, ...alike, ...(trial.ends ?? [])];
  return state.whatIf({ removePods, setNodes: trial.nodes ?? [] }, () => {
    const bound: Pod[] = [];
    try {
      for (const each of [pod, ...alike]) {
        const changed = change(each);
        const placement = placePod(state, changed, { profile, draw: 0 });
        // One that finds no node leaves none for the next either: they are alike.
        if (!placement.placed) break;
        const placed = { ...changed, spec: { ...changed.spec, nodeName: placement.node } };
        state.setPod(placed);
        bound.push(placed);
      }
      return bound.length;
    } finally {
      for (const { metadata } of bound) state.removePod(metadata.uid);
    }
  });
}

const unchanged = (pod: Pod): Pod => pod;
