/** Decides how many pods a replica set creates, which it removes, and what its status says. */
import { isActive } from '#api/core/pod-state';
import { findCondition, removeCondition } from '#api/meta/conditions';
import { formatTime } from '#api/meta/time';
import { withoutZeros } from '#api/meta/without-zeros';
import type { ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from '#api/types/apps-v1';
import type { Pod } from '#api/types/core-v1';
import type { PodCounts } from './count-pods.ts';
import { planVictims } from './plan-victims.ts';

export type ReplicaSetSnapshot = {
  readonly set: ReplicaSet;
  /** The pods it owns, whatever their phase. */
  readonly pods: readonly Pod[];
  readonly counts: PodCounts;
  /** The active pods of all replica sets with the same owner: looked for only when some must go. */
  readonly related: () => readonly Pod[];
  readonly nowMs: number;
};

export type ReplicaSetPlan = { readonly create: number; readonly remove: readonly Pod[] };

// One reconcile creates or removes no more than this, as upstream.
const BURST = 500;
const FAILURE = 'ReplicaFailure';
// Fewer are counted in no time, and of more a count that is a few seconds old is still a good one.
const MANY_PODS = 100;
const REST_MS_PER_POD = 2;
const LONGEST_REST_MS = 5_000;

export function planReplicas({ set, pods, counts, related, nowMs }: ReplicaSetSnapshot): ReplicaSetPlan {
  const excess = counts.active - wantedReplicas(set);
  if (set.metadata.deletionTimestamp !== undefined || excess === 0) return { create: 0, remove: [] };
  if (excess < 0) return { create: Math.min(-excess, BURST), remove: [] };
  const active = pods.filter(isActive);
  return { create: 0, remove: planVictims(active, Math.min(excess, BURST), { related: related(), nowMs }) };
}

type Counted = Pick<ReplicaSetSnapshot, 'set' | 'counts' | 'nowMs'>;

/** `failure`: what went wrong when pods were made or removed. */
export function planReplicaSetStatus(counted: Counted, failure: string | undefined): ReplicaSetStatus {
  const { set, counts } = counted;
  const conditions = planConditions(counted, failure);
  return {
    replicas: counts.active,
    ...withoutZeros({
      fullyLabeledReplicas: counts.labeled,
      readyReplicas: counts.ready,
      availableReplicas: counts.available,
      terminatingReplicas: counts.terminating,
    }),
    observedGeneration: set.metadata.generation ?? 0,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** How long changes of the pods are counted together: to count a thousand for each of them that becomes ready would take a million looks. */
export function planRestMs({
  set,
  pods,
  counts,
}: Pick<ReplicaSetSnapshot, 'set' | 'pods' | 'counts'>): number | undefined {
  if (pods.length < MANY_PODS || counts.active !== wantedReplicas(set)) return undefined;
  return Math.min(LONGEST_REST_MS, pods.length * REST_MS_PER_POD);
}

function wantedReplicas({ spec }: ReplicaSet): number {
  return spec.replicas ?? 1;
}

function planConditions({ set, counts, nowMs }: Counted, failure: string | undefined): readonly ReplicaSetCondition[] {
  const conditions = set.status?.conditions ?? [];
  if (failure === undefined) return removeCondition(conditions, FAILURE);
  if (findCondition(conditions, FAILURE) !== undefined) return conditions;
  const reason = counts.active < wantedReplicas(set) ? 'FailedCreate' : 'FailedDelete';
  const failed = { type: FAILURE, status: 'True', lastTransitionTime: formatTime(nowMs), reason, message: failure };
  return [...conditions, failed];
}
