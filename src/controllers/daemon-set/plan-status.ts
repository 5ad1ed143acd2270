/** Counts what a daemon set's status says of its nodes. */
import { availableInMs, isReady } from '#api/core/pod-state';
import { withoutZeros } from '#api/meta/without-zeros';
import type { DaemonSetStatus } from '#api/types/apps-v1';
import { isCurrent, type DaemonNode, type DaemonSnapshot } from './plan-nodes.ts';

/** The oldest pod of a node stands for it. */
export function planDaemonSetStatus(
  { set, hash, nowMs }: DaemonSnapshot,
  nodes: readonly DaemonNode[],
): DaemonSetStatus {
  const wanted = nodes.filter(({ shouldRun }) => shouldRun);
  const first = wanted.flatMap(({ pods }) => pods.slice(0, 1));
  const ready = first.filter(isReady);
  const available = ready.filter((pod) => availableInMs(pod, set.spec.minReadySeconds ?? 0, nowMs) === 0).length;
  const { collisionCount, conditions } = set.status ?? {};
  return {
    currentNumberScheduled: first.length,
    numberMisscheduled: nodes.filter(({ shouldRun, pods }) => !shouldRun && pods.length > 0).length,
    desiredNumberScheduled: wanted.length,
    numberReady: ready.length,
    observedGeneration: set.metadata.generation ?? 0,
    ...withoutZeros({
      updatedNumberScheduled: first.filter((pod) => isCurrent(pod, hash)).length,
      numberAvailable: available,
      numberUnavailable: wanted.length - available,
    }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions === undefined ? {} : { conditions }),
  };
}

/** When the next pod becomes available only because time passes. */
export function nextAvailableInMs({ set, pods, nowMs }: DaemonSnapshot): number | undefined {
  const waits = pods
    .map((pod) => availableInMs(pod, set.spec.minReadySeconds ?? 0, nowMs) ?? 0)
    .filter((waitMs) => waitMs > 0);
  return waits.length === 0 ? undefined : Math.min(...waits);
}
