/** What a pod's status says about it. Pure readings that several components share. */
import { parseTime } from '../meta/time.ts';
import type { Pod, PodCondition } from '../types/core-v1.ts';

/** Succeeded or Failed: its containers have ended for good. */
export function isTerminal(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Neither ended nor asked to end. */
export function isActive(pod: Pod): boolean {
  return !isTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Asked to end, and not yet ended. */
export function isTerminating(pod: Pod): boolean {
  return !isTerminal(pod) && pod.metadata.deletionTimestamp !== undefined;
}

const NONE: readonly PodCondition[] = [];

export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  // Asked more often than anything else: without a closure for each pod.
  for (const condition of pod.status?.conditions ?? NONE) if (condition.type === type) return condition;
  return undefined;
}

export function isReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Since when the pod is ready; undefined when it is not. */
export function readySinceMs(pod: Pod): number | undefined {
  const ready = podCondition(pod, 'Ready');
  return ready?.status === 'True' ? parseTime(ready.lastTransitionTime) : undefined;
}

/** How long until the pod has been ready for `minReadySeconds`: 0 when it is available now, undefined when it is not ready. */
export function availableInMs(pod: Pod, minReadySeconds: number, nowMs: number): number | undefined {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds === 0) return 0;
  const sinceMs = parseTime(ready.lastTransitionTime);
  return sinceMs === undefined ? undefined : Math.max(0, sinceMs + minReadySeconds * 1000 - nowMs);
}
