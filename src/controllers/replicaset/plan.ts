/** Decides how many pods a replica set creates, which it removes, and what its status says. */
import { availableInMs, isActive, isReady, isTerminating } from '#api/core/pod-state';
import { findCondition, removeCondition } from '#api/meta/conditions';
import { hasLabels } from '#api/meta/label-selector';
import { formatTime } from '#api/meta/time';
import { withoutZeros } from '#api/meta/without-zeros';
import type { ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from '#api/types/apps-v1';
import type { Pod } from '#api/types/core-v1';
import { planVictims } from './plan-victims.ts';

export type ReplicaSetSnapshot = {
  readonly set: ReplicaSet;
  /** The pods it owns, whatever their phase. */
  readonly pods: readonly Pod[];
  /** The active pods of all replica sets with the same owner. */
  readonly related: readonly Pod[];
  readonly nowMs: number;
};

export type ReplicaSetPlan = { readonly create: number; readonly remove: readonly Pod[] };

// One reconcile creates or removes no more than this, as upstream.
const BURST = 500;
const FAILURE = 'ReplicaFailure';
// Fewer are counted in no time, and of more a second old count is still a good one.
const MANY_PODS = 100;
const REST_MS_PER_POD = 1;

export function planReplicas({ set, pods, related, nowMs }: ReplicaSetSnapshot): ReplicaSetPlan {
  const active = pods.filter(isActive);
  const excess = active.length - wantedReplicas(set);
  if (set.metadata.deletionTimestamp !== undefined || excess === 0) return { create: 0, remove: [] };
  if (excess < 0) return { create: Math.min(-excess, BURST), remove: [] };
  return { create: 0, remove: planVictims(active, Math.min(excess, BURST), { related, nowMs }) };
}

/** `failure` is what went wrong while the plan was carried out. */
export function planReplicaSetStatus(
  { set, pods, nowMs }: ReplicaSetSnapshot,
  failure: string | undefined,
): ReplicaSetStatus {
  const active = pods.filter(isActive);
  const labels = set.spec.template.metadata?.labels ?? {};
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const conditions = planConditions({ set, active, nowMs }, failure);
  return {
    replicas: active.length,
    ...withoutZeros({
      fullyLabeledReplicas: active.filter((pod) => hasLabels(pod.metadata.labels, labels)).length,
      readyReplicas: active.filter(isReady).length,
      availableReplicas: active.filter((pod) => availableInMs(pod, minReadySeconds, nowMs) === 0).length,
      terminatingReplicas: pods.filter(isTerminating).length,
    }),
    observedGeneration: set.metadata.generation ?? 0,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** When the next pod becomes available only because time passes. */
export function nextAvailableInMs({ set, pods, nowMs }: ReplicaSetSnapshot): number | undefined {
  const waits = pods
    .filter(isActive)
    .map((pod) => availableInMs(pod, set.spec.minReadySeconds ?? 0, nowMs) ?? 0)
    .filter((waitMs) => waitMs > 0);
  return waits.length === 0 ? undefined : Math.min(...waits);
}

/** How long changes of the pods are counted together: to count a thousand for each of them that becomes ready would take a million looks. */
export function planRestMs({ set, pods }: ReplicaSetSnapshot): number | undefined {
  if (pods.length < MANY_PODS || pods.filter(isActive).length !== wantedReplicas(set)) return undefined;
  return pods.length * REST_MS_PER_POD;
}

function wantedReplicas({ spec }: ReplicaSet): number {
  return spec.replicas ?? 1;
}

type Counted = { readonly set: ReplicaSet; readonly active: readonly Pod[]; readonly nowMs: number };

function planConditions({ set, active, nowMs }: Counted, failure: string | undefined): readonly ReplicaSetCondition[] {
  const conditions = set.status?.conditions ?? [];
  if (failure === undefined) return removeCondition(conditions, FAILURE);
  if (findCondition(conditions, FAILURE) !== undefined) return conditions;
  const reason = active.length < wantedReplicas(set) ? 'FailedCreate' : 'FailedDelete';
  const failed = { type: FAILURE, status: 'True', lastTransitionTime: formatTime(nowMs), reason, message: failure };
  return [...conditions, failed];
}
