/** What a job's pod says about itself: whether it still counts, which index it works on, how it ended and when. */
import { isTerminal, podCondition } from '#api/core/pod-state';
import { parseTime } from '#api/meta/time';
import type { JobSpec } from '#api/types/batch-v1';
import type { ContainerStatus, Pod } from '#api/types/core-v1';

export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';
export const INDEX_FAILURES = 'batch.kubernetes.io/job-index-failure-count';
export const INDEX_IGNORED_FAILURES = 'batch.kubernetes.io/job-index-ignored-failure-count';

const MAX_INT32 = 2_147_483_647;

/** Not yet accounted for in the job's status. */
export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false;
}

/** Undefined when it has none that can be read. */
export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[COMPLETION_INDEX] ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

export function failuresOfIndex({ metadata }: Pod): { readonly counted: number; readonly ignored: number } {
  const read = (key: string): number => {
    const count = Number(metadata.annotations?.[key] ?? 0);
    return Number.isInteger(count) && count >= 0 && count <= MAX_INT32 ? count : 0;
  };
  return { counted: read(INDEX_FAILURES), ignored: read(INDEX_IGNORED_FAILURES) };
}

export function isSucceededPod({ status }: Pod): boolean {
  return status?.phase === 'Succeeded';
}

/** Whether a pod that is ending is waited for before it counts as failed and is replaced. */
export function waitsForEnd({ podReplacementPolicy, podFailurePolicy }: JobSpec): boolean {
  return podReplacementPolicy === 'Failed' || podFailurePolicy !== undefined;
}

/** Failed, or as good as: one that is being deleted may never get to say how it ended. */
export function isFailedPod(pod: Pod, spec: JobSpec): boolean {
  if (isTerminal(pod)) return !isSucceededPod(pod);
  return pod.metadata.deletionTimestamp !== undefined && !waitsForEnd(spec);
}

/** When its last container ended; from its conditions, its deletion or its creation if nothing tells. */
export function endedMs(pod: Pod): number {
  const { creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
  const ofContainers = lastEndMs(pod);
  if (ofContainers !== undefined) return ofContainers;
  const ready = podCondition(pod, 'Ready');
  if (ready?.status === 'False' && ready.lastTransitionTime !== undefined) return parseTime(ready.lastTransitionTime);
  if (deletionTimestamp !== undefined) return parseTime(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  return parseTime(creationTimestamp);
}

/** Undefined while one of them has not ended. */
function lastEndMs({ spec, status }: Pod): number | undefined {
  const sidecars = new Set((spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const lasting = (status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name));
  const ends = [...(status?.containerStatuses ?? []), ...lasting].map(endOf);
  if (ends.length === 0 || ends.includes(undefined)) return undefined;
  return Math.max(...ends.map((ms) => ms ?? 0));
}

const isSidecar = ({ restartPolicy }: { readonly restartPolicy?: string }): boolean => restartPolicy === 'Always';

const endOf = ({ state }: ContainerStatus): number | undefined => parseTime(state?.terminated?.finishedAt);
