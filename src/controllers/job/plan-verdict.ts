/** Decides whether a job has succeeded or failed for good, and says why. */
import { isSuspended } from '#api/batch/job-state';
import { findCondition } from '#api/meta/conditions';
import { parseTime } from '#api/meta/time';
import type { JobSpec, SuccessPolicyRule } from '#api/types/batch-v1';
import type { Pod } from '#api/types/core-v1';
import { judgeFailure } from './failure-policy.ts';
import { readIndexes, sizeOf, sizeOfShared, type IndexSet } from './index-set.ts';
import { isFailedPod } from './pod-facts.ts';
import type { JobSnapshot, Tally } from './plan-tally.ts';

export type Verdict = {
  /** The condition that announces the end; the one that declares it follows when all is counted. */
  readonly type: 'SuccessCriteriaMet' | 'FailureTarget';
  readonly reason: string;
  readonly message: string;
};

/** What is known of a job at one moment. */
export type Finding = {
  readonly snapshot: JobSnapshot;
  readonly counted: Tally;
  readonly verdict: Verdict | undefined;
};

type Question = (snapshot: JobSnapshot, tally: Tally) => Verdict | undefined;

/** The first answer counts: what was announced before stays, and failures come before successes. */
const QUESTIONS: readonly Question[] = [
  announced,
  ({ job, pods }) => failedByPolicy(job.spec, pods),
  ({ job, pods }, { failed }) => tooManyFailures(job.spec, pods, failed),
  (snapshot) =>
    deadlineInMs(snapshot) === 0
      ? failure('DeadlineExceeded', 'Job was active longer than specified deadline')
      : undefined,
  ({ job }, counted) => failedByIndexes(job.spec, counted),
  ({ job }, counted) => succeededByPolicy(job.spec, counted),
  ({ job }, counted) => completed(job.spec, counted),
];

export function planVerdict(snapshot: JobSnapshot, counted: Tally): Verdict | undefined {
  for (const ask of QUESTIONS) {
    const verdict = ask(snapshot, counted);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

const failure = (reason: string, message: string): Verdict => ({ type: 'FailureTarget', reason, message });
const success = (reason: string, message: string): Verdict => ({ type: 'SuccessCriteriaMet', reason, message });

function announced({ job }: JobSnapshot): Verdict | undefined {
  for (const type of ['SuccessCriteriaMet', 'FailureTarget'] as const) {
    const { status, reason = '', message = '' } = findCondition(job.status?.conditions, type) ?? {};
    if (status === 'True') return { type, reason, message };
  }
  return undefined;
}

function failedByPolicy(spec: JobSpec, pods: readonly Pod[]): Verdict | undefined {
  if (spec.podFailurePolicy === undefined) return undefined;
  for (const pod of pods) {
    if (!isFailedPod(pod, spec)) continue;
    const { action, message } = judgeFailure(spec.podFailurePolicy, pod);
    if (action === 'FailJob') return failure('PodFailurePolicy', message);
  }
  return undefined;
}

function tooManyFailures(spec: JobSpec, pods: readonly Pod[], failed: number): Verdict | undefined {
  const { backoffLimit = Infinity } = spec;
  if (failed <= backoffLimit && !restartsTooOften(spec, pods)) return undefined;
  return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
}

/** Containers that are started again in place have failed too. */
function restartsTooOften({ template, backoffLimit = Infinity }: JobSpec, pods: readonly Pod[]): boolean {
  if (template.spec.restartPolicy !== 'OnFailure') return false;
  const restarts = pods
    .filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
  return backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit;
}

/** How long the job may still run; undefined if nothing limits that, now. */
export function deadlineInMs({ job: { spec, status }, nowMs }: JobSnapshot): number | undefined {
  const startMs = parseTime(status?.startTime);
  if (spec.activeDeadlineSeconds === undefined || isSuspended(spec)) return undefined;
  return Math.max(0, (startMs ?? nowMs) + spec.activeDeadlineSeconds * 1000 - nowMs);
}

function failedByIndexes(spec: JobSpec, { failedIndexes, succeededIndexes }: Tally): Verdict | undefined {
  const failed = failedIndexes === undefined ? 0 : sizeOf(failedIndexes);
  const { maxFailedIndexes = Infinity, completions = 0 } = spec;
  if (failed > maxFailedIndexes) {
    const message = 'Job has exceeded the specified maximal number of failed indexes';
    return failure('MaxFailedIndexesExceeded', message);
  }
  if (failed === 0 || failed + sizeOf(succeededIndexes) < completions) return undefined;
  return failure('FailedIndexes', 'Job has failed indexes');
}

function succeededByPolicy(spec: JobSpec, { succeededIndexes }: Tally): Verdict | undefined {
  if (succeededIndexes.length === 0) return undefined;
  const rules = spec.successPolicy?.rules ?? [];
  const met = rules.findIndex((rule) => meetsSuccess(rule, succeededIndexes, spec.completions ?? 0));
  return met < 0 ? undefined : success('SuccessPolicy', `Matched rules at index ${met}`);
}

function meetsSuccess(
  { succeededIndexes, succeededCount }: SuccessPolicyRule,
  has: IndexSet,
  completions: number,
): boolean {
  if (succeededIndexes === undefined) return sizeOf(has) >= (succeededCount ?? Infinity);
  const wanted = readIndexes(succeededIndexes, completions);
  return wanted.length > 0 && sizeOfShared(wanted, has) >= (succeededCount ?? sizeOf(wanted));
}

/** Without a number of completions one success tells that the work is done, and all others are waited for. */
function completed({ completions = 1 }: JobSpec, { succeeded, active }: Tally): Verdict | undefined {
  if (succeeded < completions || active.length > 0) return undefined;
  return success('CompletionsReached', 'Reached expected number of succeeded pods');
}
