/** Finds the fewest and least important pods that would have to leave a node for a pod to fit there. */
import type { Pod } from '#api/core/pod';
import type { PodDisruptionBudget } from '#api/policy/pod-disruption-budget';
import { refusal, type Refusal } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { partedByBudgets } from './budgets.ts';
import { type Candidate, candidate } from './candidate.ts';
import { byImportance, priorityOf } from './importance.ts';
import type { NodeCheck } from './node-check.ts';

export const NO_VICTIMS: Refusal = refusal('No preemption victims found for incoming pod');

export type Clearing = {
  readonly state: ClusterState;
  readonly check: NodeCheck;
  /** Of the pod that is to fit: only pods of lower priority leave for it. */
  readonly priority: number;
  readonly budgets: readonly PodDisruptionBudget[];
};

/** All that may leave do, then the more important ones come back as long as the pod fits, first those that a budget protects. */
export function selectVictims({ state, check, priority, budgets }: Clearing, slot: number): Candidate | Refusal {
  const possible = state.podsAt(slot).filter((pod) => priorityOf(pod) < priority);
  if (possible.length === 0) return NO_VICTIMS;
  const found = state.without(possible, (bringBack) => {
    const refused = check.verdict(slot);
    if (refused !== undefined) return refused;
    const { violating, others } = partedByBudgets(possible.toSorted(byImportance), budgets);
    const mustLeave = (pod: Pod): boolean => {
      bringBack(pod);
      if (check.verdict(slot) === undefined) return false;
      state.removePod(pod.metadata.uid);
      check.settle(slot);
      return true;
    };
    const violated = violating.filter(mustLeave);
    const victims = [...violated, ...others.filter(mustLeave)];
    // Whoever fitted with all of them back was not refused for this node's pods.
    if (victims.length === 0) return NO_VICTIMS;
    return candidate(state.nameAt(slot), victims.toSorted(byImportance), violated.length);
  });
  check.settle(slot);
  return found;
}
