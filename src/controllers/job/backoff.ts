/** How long a job waits before it replaces pods that failed: longer with each failure since the last success. */
import type { JobSpec } from '#api/types/batch-v1';
import type { Pod } from '#api/types/core-v1';
import { endedMs, failuresOfIndex, isFailedPod, isSucceededPod } from './pod-facts.ts';

type Failures = Pick<FailureRecord, 'failures' | 'lastFailureMs'>;

/** What is remembered of a job from one look at it to the next. */
export type FailureRecord = {
  readonly failures: number;
  readonly lastFailureMs: number;
  /** The ended pods that were looked at already. */
  readonly seen: ReadonlySet<string>;
};

const FIRST_MS = 10_000;
const LONGEST_MS = 600_000;

/** What is known after a look at the pods. Each ended pod counts once, also after a restart that forgot everything. */
export function noteFailures(record: FailureRecord | undefined, pods: readonly Pod[], spec: JobSpec): FailureRecord {
  const fresh = pods.filter(({ metadata }) => record?.seen.has(metadata.uid) !== true);
  const failures = fresh.filter((pod) => isFailedPod(pod, spec)).map(endedMs);
  const successes = fresh.filter(isSucceededPod).map(endedMs);
  const lastSuccessMs = Math.max(-Infinity, ...successes);
  const counted = failures.filter((ms) => ms > lastSuccessMs);
  const before = successes.length === 0 ? record : undefined;
  const ended = pods.filter((pod) => isFailedPod(pod, spec) || isSucceededPod(pod));
  return {
    failures: (before?.failures ?? 0) + counted.length,
    lastFailureMs: Math.max(before?.lastFailureMs ?? -Infinity, ...counted),
    seen: new Set(ended.map(({ metadata }) => metadata.uid)),
  };
}

export function waitAfterFailures({ failures, lastFailureMs }: Failures, nowMs: number): number {
  if (failures === 0) return 0;
  const delayMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.max(0, lastFailureMs + delayMs - nowMs);
}

/** How long an index waits that `pod` was the last to fail on. */
export function waitOfIndex(pod: Pod | undefined, nowMs: number): number {
  if (pod === undefined) return 0;
  const { counted, ignored } = failuresOfIndex(pod);
  return waitAfterFailures({ failures: counted + ignored + 1, lastFailureMs: endedMs(pod) }, nowMs);
}
