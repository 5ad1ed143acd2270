/** Sorts the pods of a target by whether their load says something (upstream: replica_calculator.go, `groupPods`). */
import type { Pod } from '#api/core/pod';
import { podCondition } from '#api/core/pod-state';
import { parseTime } from '#api/meta/time';

/** The load of one pod: CPU in thousandths of a core, other resources in units. */
export type Reading = { readonly value: number; readonly atMs: number; readonly windowMs: number };

export type Readings = {
  /** Pods whose load counts. */
  readonly ready: ReadonlyMap<Pod, number>;
  /** Pods that have not settled yet: their load would mislead. */
  readonly unready: readonly Pod[];
  /** Pods that should have a reading and have none. */
  readonly missing: readonly Pod[];
};

type Asked = {
  readonly pods: readonly Pod[];
  readonly resource: string;
  readonly readingOf: (pod: Pod) => Reading | undefined;
  readonly nowMs: number;
};

// Upstream's --horizontal-pod-autoscaler-cpu-initialization-period and --horizontal-pod-autoscaler-initial-readiness-delay.
const CPU_INITIALIZATION_MS = 300_000;
const INITIAL_READINESS_MS = 30_000;

export function planReadings({ pods, resource, readingOf, nowMs }: Asked): Readings {
  const ready = new Map<Pod, number>();
  const unready: Pod[] = [];
  const missing: Pod[] = [];
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp !== undefined || pod.status?.phase === 'Failed') continue;
    const reading = readingOf(pod);
    if (pod.status?.phase === 'Pending') unready.push(pod);
    else if (reading === undefined) missing.push(pod);
    else if (resource === 'cpu' && isSettling(pod, reading, nowMs)) unready.push(pod);
    else ready.set(pod, reading.value);
  }
  return { ready, unready, missing };
}

/** Starting up takes CPU that serving does not: such readings are left out. */
function isSettling(pod: Pod, reading: Reading, nowMs: number): boolean {
  const condition = podCondition(pod, 'Ready');
  const startMs = parseTime(pod.status?.startTime);
  if (condition === undefined || startMs === undefined) return true;
  const changedMs = parseTime(condition.lastTransitionTime) ?? startMs;
  if (startMs + CPU_INITIALIZATION_MS > nowMs) {
    return condition.status === 'False' || reading.atMs < changedMs + reading.windowMs;
  }
  return condition.status === 'False' && startMs + INITIAL_READINESS_MS > changedMs;
}
