/**
 * Decides what a job's status says, and which pods are accounted for in it.
 *
 * A pod is counted once, whatever fails in between: its uid is noted in the status, then its finalizer goes, then the
 * uid moves into the counter. Whoever looks in between finds either the finalizer or the uid.
 */
import { isIndexed, isSuspended } from '#api/batch/job-state';
import { formatTime } from '#api/meta/time';
import { withoutZeros } from '#api/meta/without-zeros';
import type { JobStatus, UncountedTerminatedPods } from '#api/types/batch-v1';
import type { Pod } from '#api/types/core-v1';
import { judgeFailure } from './failure-policy.ts';
import { writeIndexes } from './index-set.ts';
import { planConditions } from './plan-conditions.ts';
import { isCountable, ownIndexOf, type Tally } from './plan-tally.ts';
import { isFailedPod, isSucceededPod, isTracked } from './pod-facts.ts';
import type { Finding } from './plan-verdict.ts';

export type Report = {
  readonly status: JobStatus;
  /** To be let go of once the status is written: their finalizers are all that keeps them. */
  readonly release: readonly Pod[];
};

// So that no status grows beyond 20 kB of uids.
const MAX_NOTED = 500;

export function planReport(finding: Finding): Report {
  const { job, pods } = finding.snapshot;
  const before = job.status ?? {};
  const settled = settle(before, new Set(pods.filter(isTracked).map(({ metadata }) => metadata.uid)));
  const { noted, release } = note(finding, settled.noted);
  const isSettled = release.length === 0 && noted.succeeded.length + noted.failed.length === 0;
  const status = statusOf(finding, { ...settled, noted });
  return { status: { ...status, ...planConditions(finding, status, isSettled) }, release };
}

type Noted = Required<UncountedTerminatedPods>;
type Settled = { readonly noted: Noted; readonly succeeded: number; readonly failed: number };

/** Moves what was noted and has lost its finalizer into the counters. */
function settle({ uncountedTerminatedPods, succeeded = 0, failed = 0 }: JobStatus, held: ReadonlySet<string>): Settled {
  const { succeeded: won = [], failed: lost = [] } = uncountedTerminatedPods ?? {};
  const noted = { succeeded: won.filter((uid) => held.has(uid)), failed: lost.filter((uid) => held.has(uid)) };
  return {
    noted,
    succeeded: succeeded + won.length - noted.succeeded.length,
    failed: failed + lost.length - noted.failed.length,
  };
}

function note(finding: Finding, before: Noted): { readonly noted: Noted; readonly release: readonly Pod[] } {
  const noted = { succeeded: [...before.succeeded], failed: [...before.failed] };
  const known = new Set([...before.succeeded, ...before.failed]);
  const release: Pod[] = [];
  for (const pod of finding.snapshot.pods) {
    if (!isTracked(pod) || !mayGo(pod, finding)) continue;
    release.push(pod);
    const end = known.has(pod.metadata.uid) ? 'uncounted' : endOf(pod, finding);
    if (end !== 'uncounted') noted[end].push(pod.metadata.uid);
    if (release.length >= MAX_NOTED || noted.succeeded.length + noted.failed.length >= MAX_NOTED) break;
  }
  return { noted, release };
}

/** All has been decided, and what ran has been told to stop. */
function isClosing({ counted, verdict }: Finding): boolean {
  return verdict !== undefined && counted.active.length === 0;
}

function mayGo(pod: Pod, finding: Finding): boolean {
  const { job } = finding.snapshot;
  if (job.metadata.deletionTimestamp !== undefined || isClosing(finding) || isSucceededPod(pod)) return true;
  if (!isFailedPod(pod, job.spec)) return false;
  const index = ownIndexOf(pod, job.spec);
  return index === undefined || finding.counted.heirless.get(index) !== pod;
}

/** How the pod is counted. Successes of indexes are counted by the indexes themselves. */
function endOf(pod: Pod, finding: Finding): 'succeeded' | 'failed' | 'uncounted' {
  const { spec } = finding.snapshot.job;
  if (isSucceededPod(pod)) return isIndexed(spec) ? 'uncounted' : 'succeeded';
  // A job that fails takes with it whatever has not ended.
  const isLost = isClosing(finding) && finding.verdict?.type === 'FailureTarget';
  if ((!isFailedPod(pod, spec) && !isLost) || !isCountable(pod, spec)) return 'uncounted';
  return judgeFailure(spec.podFailurePolicy, pod).action === 'Ignore' ? 'uncounted' : 'failed';
}

function statusOf({ snapshot, counted }: Finding, { noted, succeeded, failed }: Settled): JobStatus {
  const { job, nowMs } = snapshot;
  const { conditions, startTime = isSuspended(job.spec) ? undefined : formatTime(nowMs) } = job.status ?? {};
  return {
    ...(conditions === undefined ? {} : { conditions }),
    ...(startTime === undefined ? {} : { startTime }),
    ...withoutZeros({
      active: counted.active.length,
      succeeded: isIndexed(job.spec) ? counted.succeeded : succeeded,
      failed,
    }),
    ...indexesIn(counted),
    ready: counted.ready,
    terminating: counted.terminating,
    uncountedTerminatedPods: {
      ...(noted.succeeded.length === 0 ? {} : { succeeded: noted.succeeded }),
      ...(noted.failed.length === 0 ? {} : { failed: noted.failed }),
    },
  };
}

function indexesIn({ succeededIndexes, failedIndexes }: Tally): Pick<JobStatus, 'completedIndexes' | 'failedIndexes'> {
  return {
    ...(succeededIndexes.length === 0 ? {} : { completedIndexes: writeIndexes(succeededIndexes) }),
    ...(failedIndexes === undefined ? {} : { failedIndexes: writeIndexes(failedIndexes) }),
  };
}
