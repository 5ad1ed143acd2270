/** Decides when a job that has ended has been kept long enough. */
import { isFinished } from '#api/batch/job-state';
import { parseTime } from '#api/meta/time';
import type { Job } from '#api/types/batch-v1';

/** How long it is still kept: 0 when it is to go now, undefined when that is not for us to decide. */
export function planExpiry(job: Job, nowMs: number): number | undefined {
  const { ttlSecondsAfterFinished: ttlSeconds } = job.spec;
  if (ttlSeconds === undefined || job.metadata.deletionTimestamp !== undefined || !isFinished(job)) return undefined;
  const end = job.status?.conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
  const endMs = parseTime(end?.lastTransitionTime);
  // Who reports an end without its time has said nothing about how long it lies back.
  return endMs === undefined ? undefined : Math.max(0, endMs + ttlSeconds * 1000 - nowMs);
}
