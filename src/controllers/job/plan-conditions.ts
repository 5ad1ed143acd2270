/** Decides which conditions a job has: suspended or not, about to end, and ended. */
import { isSuspended } from '#api/batch/job-state';
import { findCondition, setCondition } from '#api/meta/conditions';
import { formatTime } from '#api/meta/time';
import type { JobCondition, JobStatus } from '#api/types/batch-v1';
import type { Finding } from './plan-verdict.ts';

type Change = Pick<JobCondition, 'type' | 'status' | 'reason' | 'message'>;
type Planned = Pick<JobStatus, 'conditions' | 'startTime' | 'completionTime'>;

/** `isSettled`: all pods are accounted for. */
export function planConditions(finding: Finding, status: JobStatus, isSettled: boolean): Planned {
  const { counted, verdict, snapshot } = finding;
  if (verdict === undefined) return planSuspension(finding, status);
  // Not announced before the last pod was told to stop.
  if (counted.active.length > 0) return {};
  const nowMs = snapshot.nowMs;
  const announced = withCondition(status.conditions, { ...verdict, status: 'True' }, nowMs);
  if (!isSettled || counted.terminating > 0) return { conditions: announced };
  const type = verdict.type === 'SuccessCriteriaMet' ? 'Complete' : 'Failed';
  const conditions = withCondition(announced, { ...verdict, type, status: 'True' }, nowMs);
  return { conditions, ...(type === 'Complete' ? { completionTime: formatTime(nowMs) } : {}) };
}

function planSuspension({ snapshot: { job, nowMs } }: Finding, { conditions }: JobStatus): Planned {
  if (job.metadata.deletionTimestamp !== undefined) return {};
  const known = findCondition(conditions, 'Suspended');
  if (isSuspended(job.spec)) {
    const change = { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' };
    return { conditions: withCondition(conditions, change, nowMs) };
  }
  if (known === undefined || known.status === 'False') return {};
  const change = { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' };
  // The deadline is one for the time that a job runs without a break.
  return { conditions: withCondition(conditions, change, nowMs), startTime: formatTime(nowMs) };
}

function withCondition(
  conditions: readonly JobCondition[] | undefined,
  { type, status, reason = '', message = '' }: Change,
  nowMs: number,
): readonly JobCondition[] {
  const known = findCondition(conditions, type);
  if (known?.status === status && known.reason === reason && known.message === message) return conditions ?? [];
  const now = formatTime(nowMs);
  return setCondition(conditions, { type, status, reason, message, lastProbeTime: now, lastTransitionTime: now });
}
