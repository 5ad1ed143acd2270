/** Counts a job's pods: those that run, and those that have ended, each of them once. */
import { isIndexed } from '#api/batch/job-state';
import { isActive, isReady, isTerminating } from '#api/core/pod-state';
import type { Job, JobSpec } from '#api/types/batch-v1';
import type { Pod } from '#api/types/core-v1';
import type { FailureRecord } from './backoff.ts';
import { judgeFailure } from './failure-policy.ts';
import { hasIndex, indexesOf, NO_INDEXES, readIndexes, sizeOf, union, type IndexSet } from './index-set.ts';
import { endedMs, failuresOfIndex, indexOf, isFailedPod, isSucceededPod, isTracked } from './pod-facts.ts';

export type JobSnapshot = {
  readonly job: Job;
  /** The pods it owns, whatever their phase. */
  readonly pods: readonly Pod[];
  readonly failures: FailureRecord;
  readonly nowMs: number;
};

export type Tally = {
  readonly active: readonly Pod[];
  readonly ready: number;
  readonly terminating: number;
  /** Pods that ended, or in an indexed job indexes, whether the status accounts for them yet or not. */
  readonly succeeded: number;
  readonly failed: number;
  /** Empty unless the job is indexed. */
  readonly succeededIndexes: IndexSet;
  /** Undefined unless each index has a limit of its own. */
  readonly failedIndexes: IndexSet | undefined;
  /** By index, the failed pod that carries the count of failures until a new pod has taken it over. */
  readonly heirless: ReadonlyMap<number, Pod>;
};

export function tally({ job, pods }: JobSnapshot): Tally {
  const active = pods.filter(isActive);
  const succeededIndexes = isIndexed(job.spec) ? succeededIndexesOf(job, pods) : NO_INDEXES;
  const failedIndexes = job.spec.backoffLimitPerIndex === undefined ? undefined : failedIndexesOf(job, pods);
  return {
    active,
    ready: active.filter(isReady).length,
    terminating: pods.filter(isTerminating).length,
    succeeded: isIndexed(job.spec) ? sizeOf(succeededIndexes) : countOf(job, pods, 'succeeded'),
    failed: countOf(job, pods, 'failed'),
    succeededIndexes,
    failedIndexes,
    heirless:
      failedIndexes === undefined
        ? new Map()
        : heirlessOf(job, pods, union(succeededIndexes, failedIndexes, indexesOfPods(active))),
  };
}

/** The index a pod works on, as far as the job has it. */
export function ownIndexOf(pod: Pod, { completions = 0 }: JobSpec): number | undefined {
  const index = indexOf(pod);
  return index !== undefined && index < completions ? index : undefined;
}

/** Indexed jobs take no notice of pods that work on none of their indexes. */
export function isCountable(pod: Pod, spec: JobSpec): boolean {
  return !isIndexed(spec) || ownIndexOf(pod, spec) !== undefined;
}

export function indexesOfPods(pods: readonly Pod[]): IndexSet {
  return indexesOf(pods.map(indexOf).filter((index) => index !== undefined));
}

/** The counter of the status, the pods it is about to count, and those that nobody has noted yet. */
function countOf({ spec, status = {} }: Job, pods: readonly Pod[], end: 'succeeded' | 'failed'): number {
  const noted = new Set(status.uncountedTerminatedPods?.[end]);
  const isEnded = end === 'succeeded' ? isSucceededPod : (pod: Pod) => countsAsFailed(pod, spec);
  const fresh = pods.filter(
    (pod) => isTracked(pod) && !noted.has(pod.metadata.uid) && isCountable(pod, spec) && isEnded(pod),
  );
  return (status[end] ?? 0) + noted.size + fresh.length;
}

function countsAsFailed(pod: Pod, spec: JobSpec): boolean {
  return isFailedPod(pod, spec) && judgeFailure(spec.podFailurePolicy, pod).action !== 'Ignore';
}

function succeededIndexesOf({ spec, status }: Job, pods: readonly Pod[]): IndexSet {
  const known = readIndexes(status?.completedIndexes, spec.completions ?? 0);
  const fresh = pods.filter((pod) => isSucceededPod(pod) && isTracked(pod) && isCountable(pod, spec));
  return union(known, indexesOfPods(fresh));
}

function failedIndexesOf({ spec, status }: Job, pods: readonly Pod[]): IndexSet {
  const known = readIndexes(status?.failedIndexes, spec.completions ?? 0);
  const fresh = pods.filter((pod) => isTracked(pod) && isCountable(pod, spec) && failsIndex(pod, spec));
  return union(known, indexesOfPods(fresh));
}

function failsIndex(pod: Pod, spec: JobSpec): boolean {
  if (!isFailedPod(pod, spec)) return false;
  const { action } = judgeFailure(spec.podFailurePolicy, pod);
  if (action === 'FailIndex') return true;
  return action !== 'Ignore' && failuresOfIndex(pod).counted >= (spec.backoffLimitPerIndex ?? 0);
}

function heirlessOf({ spec }: Job, pods: readonly Pod[], settled: IndexSet): ReadonlyMap<number, Pod> {
  const result = new Map<number, Pod>();
  for (const pod of pods) {
    const index = ownIndexOf(pod, spec);
    if (index === undefined || !isTracked(pod) || !isFailedPod(pod, spec) || hasIndex(settled, index)) continue;
    const other = result.get(index);
    if (other === undefined || isLater(pod, other)) result.set(index, pod);
  }
  return result;
}

function isLater(pod: Pod, other: Pod): boolean {
  return attempts(pod) >= attempts(other) && endedMs(pod) >= endedMs(other);
}

function attempts(pod: Pod): number {
  const { counted, ignored } = failuresOfIndex(pod);
  return counted + ignored;
}
