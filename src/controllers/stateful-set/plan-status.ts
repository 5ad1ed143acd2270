/** Counts what a stateful set's status says of its pods, and tells when an update is complete. */
import { availableInMs, isReady } from '#api/core/pod-state';
import { withoutZeros } from '#api/meta/without-zeros';
import type { StatefulSetStatus } from '#api/types/apps-v1';
import type { Pod } from '#api/types/core-v1';
import { replicasOf } from './plan-identity.ts';
import { isOf, type StatefulSnapshot } from './plan-snapshot.ts';

export function planStatefulSetStatus(snapshot: StatefulSnapshot): StatefulSetStatus {
  const { set, pods, current, update } = snapshot;
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isReady(pod));
  const staying = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const counts = {
    replicas: pods.length,
    readyReplicas: ready.length,
    currentReplicas: staying.filter((pod) => isOf(pod, current)).length,
    updatedReplicas: staying.filter((pod) => isOf(pod, update)).length,
  };
  const isDone = isComplete(snapshot, counts);
  const { replicas, ...others } = isDone ? { ...counts, currentReplicas: counts.updatedReplicas } : counts;
  const { conditions, collisionCount = 0 } = set.status ?? {};
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas,
    ...withoutZeros(others),
    currentRevision: (isDone ? update : current).name,
    updateRevision: update.name,
    collisionCount,
    availableReplicas: ready.filter((pod) => waitOf(snapshot, pod) === 0).length,
    ...(conditions === undefined ? {} : { conditions }),
  };
}

type Counts = { readonly replicas: number; readonly readyReplicas: number; readonly updatedReplicas: number };

function isComplete({ set }: StatefulSnapshot, { replicas, readyReplicas, updatedReplicas }: Counts): boolean {
  const wanted = replicasOf(set);
  const isRolling = set.spec.updateStrategy?.type === 'RollingUpdate';
  return isRolling && replicas === wanted && readyReplicas === wanted && updatedReplicas === wanted;
}

function waitOf({ set, nowMs }: StatefulSnapshot, pod: Pod): number | undefined {
  return availableInMs(pod, set.spec.minReadySeconds ?? 0, nowMs);
}

/** When the next pod becomes available only because time passes. */
export function nextAvailableInMs(snapshot: StatefulSnapshot): number | undefined {
  const waits = snapshot.pods.map((pod) => waitOf(snapshot, pod) ?? 0).filter((waitMs) => waitMs > 0);
  return waits.length === 0 ? undefined : Math.min(...waits);
}
