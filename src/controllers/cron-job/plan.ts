/** Decides what a cron job does now: which of its jobs it takes note of, which it starts, replaces and removes. */
import { isComplete, isFinished } from '#api/batch/job-state';
import { parseSchedule, ScheduleError, type Schedule } from '#api/batch/schedule/parse';
import { loadTimeZone, TimeZoneError, UTC, type TimeZone } from '#api/batch/schedule/time-zone';
import { formatTime, parseTime } from '#api/meta/time';
import type { CronJob, CronJobStatus, Job } from '#api/types/batch-v1';
import type { ObjectReference } from '#api/types/core-v1';
import { NeverError, planMoments, type Moments } from './plan-times.ts';

export type CronJobSnapshot = {
  readonly cronJob: CronJob;
  /** The jobs it owns. */
  readonly jobs: readonly Job[];
  /** Uids of jobs that the status lists and that are no more. */
  readonly gone: ReadonlySet<string>;
  readonly nowMs: number;
};

export type CronEvent = { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };

/** What follows from the jobs there are. */
export type Review = {
  readonly status: CronJobStatus;
  readonly events: readonly CronEvent[];
};

export function planReview({ cronJob, jobs, gone }: CronJobSnapshot): Review {
  const { active = [], ...status } = cronJob.status ?? {};
  const listed = new Set(active.map(({ uid }) => uid));
  const ended = jobs.filter((job) => listed.has(job.metadata.uid) && isFinished(job));
  const forgotten = jobs.filter((job) => !listed.has(job.metadata.uid) && !isFinished(job));
  const missing = active.filter(({ uid = '' }) => gone.has(uid));
  const events = [
    ...ended.map(sawCompleted),
    ...forgotten.map(({ metadata: { name } }) =>
      warning('UnexpectedJob', `Saw a job that the controller did not create or forgot: ${name}`),
    ),
    ...missing.map(({ name = '' }) => normal('MissingJob', `Active job went missing: ${name}`)),
  ];
  const over = new Set<string | undefined>([...gone, ...ended.map(({ metadata }) => metadata.uid)]);
  return { status: { ...status, ...lastSuccess(status, jobs), ...activeOf(active, over) }, events };
}

function sawCompleted(job: Job): CronEvent {
  const end = isComplete(job) ? 'Complete' : 'Failed';
  return normal('SawCompletedJob', `Saw completed job: ${job.metadata.name}, condition: ${end}`);
}

/** The list without some of its jobs; absent when it is empty. */
export function activeOf(
  active: readonly ObjectReference[],
  without: ReadonlySet<string | undefined>,
): Pick<CronJobStatus, 'active'> {
  const left = active.filter(({ uid }) => !without.has(uid));
  return left.length === 0 ? {} : { active: left };
}

function lastSuccess(
  { lastSuccessfulTime }: CronJobStatus,
  jobs: readonly Job[],
): Pick<CronJobStatus, 'lastSuccessfulTime'> {
  const known = parseTime(lastSuccessfulTime) ?? -Infinity;
  const latest = Math.max(
    known,
    ...jobs.filter(isComplete).map(({ status }) => parseTime(status?.completionTime) ?? -Infinity),
  );
  return latest === -Infinity ? {} : { lastSuccessfulTime: formatTime(latest) };
}

export type Decision =
  | { readonly act: 'wait'; readonly againInMs?: number; readonly events: readonly CronEvent[] }
  | {
      readonly act: 'start';
      readonly scheduledMs: number;
      readonly zone: TimeZone;
      readonly replace: readonly ObjectReference[];
      readonly againInMs: number;
      readonly events: readonly CronEvent[];
    };

/** `status`: after the review. */
export function planStart({ cronJob, nowMs }: CronJobSnapshot, status: CronJobStatus): Decision {
  const { spec, metadata } = cronJob;
  if (metadata.deletionTimestamp !== undefined || spec.suspend === true) return wait([]);
  const timing = planTiming(cronJob, nowMs);
  if ('events' in timing) return timing;
  const { moments, zone, remarks } = timing;
  const { dueMs, manyMissed, nextInMs } = moments;
  if (dueMs === undefined) return wait(remarks, nextInMs);
  const events = manyMissed ? [...remarks, TOO_MANY_MISSED] : remarks;
  const obstacle = obstacleTo({ ...cronJob, status }, dueMs, nowMs);
  if (obstacle !== undefined) return wait([...events, ...obstacle], nextInMs);
  const replace = spec.concurrencyPolicy === 'Replace' ? (status.active ?? []) : [];
  return { act: 'start', scheduledMs: dueMs, zone, replace, againInMs: nextInMs, events };
}

/** What is told of the reason why no job is started; undefined if one is. */
function obstacleTo(cronJob: CronJob, dueMs: number, nowMs: number): readonly CronEvent[] | undefined {
  if (isTooLate(cronJob, dueMs, nowMs)) return [missedEvent(dueMs)];
  if (isDone(cronJob, dueMs)) return [];
  const isBusy = cronJob.spec.concurrencyPolicy === 'Forbid' && (cronJob.status?.active ?? []).length > 0;
  return isBusy ? [STILL_ACTIVE] : undefined;
}

type Timing = { readonly moments: Moments; readonly zone: TimeZone; readonly remarks: readonly CronEvent[] };

/** The moments of the schedule, or why there are none. */
export function planTiming(cronJob: CronJob, nowMs: number): Timing | Decision {
  const { schedule, timeZone } = cronJob.spec;
  const zone = zoneOf(timeZone);
  if (typeof zone === 'string')
    return wait([warning('UnknownTimeZone', `invalid timeZone: ${JSON.stringify(timeZone)}: ${zone}`)]);
  const parsed = scheduleOf(schedule, zone);
  if (typeof parsed === 'string')
    return wait([warning('UnparseableSchedule', `unparseable schedule: ${JSON.stringify(schedule)} : ${parsed}`)]);
  const remarks = schedule.includes('TZ') ? [unsupported(schedule)] : [];
  try {
    return { moments: planMoments(cronJob, parsed, nowMs), zone, remarks };
  } catch (error) {
    if (!(error instanceof NeverError)) throw error;
    return wait([...remarks, warning('InvalidSchedule', `invalid schedule: ${schedule} : ${error.message}`)]);
  }
}

function zoneOf(name: string | undefined): TimeZone | string {
  try {
    return name === undefined ? UTC : loadTimeZone(name);
  } catch (error) {
    if (error instanceof TimeZoneError) return error.message;
    throw error;
  }
}

function scheduleOf(text: string, zone: TimeZone): Schedule | string {
  try {
    return parseSchedule(text, zone);
  } catch (error) {
    if (error instanceof ScheduleError) return error.message;
    throw error;
  }
}

function isTooLate({ spec }: CronJob, dueMs: number, nowMs: number): boolean {
  return spec.startingDeadlineSeconds !== undefined && dueMs + spec.startingDeadlineSeconds * 1000 < nowMs;
}

function isDone(cronJob: CronJob, dueMs: number): boolean {
  const { active = [], lastScheduleTime } = cronJob.status ?? {};
  const name = jobNameOf(cronJob, dueMs);
  return active.some((job) => job.name === name) || parseTime(lastScheduleTime) === dueMs;
}

/** One name for each moment, so that no moment gets two jobs. */
export function jobNameOf({ metadata }: CronJob, scheduledMs: number): string {
  return `${metadata.name}-${Math.floor(scheduledMs / 60_000)}`;
}

/** The jobs that have ended and are more than are kept: the oldest. */
export function planHistory({ spec }: CronJob, jobs: readonly Job[]): readonly Job[] {
  const ended = jobs.filter(isFinished);
  const succeeded = ended.filter(isComplete);
  const failed = ended.filter((job) => !isComplete(job));
  return [...oldest(succeeded, spec.successfulJobsHistoryLimit), ...oldest(failed, spec.failedJobsHistoryLimit)];
}

function oldest(jobs: readonly Job[], kept = Infinity): readonly Job[] {
  if (jobs.length <= kept) return [];
  return jobs.toSorted(byStart).slice(0, jobs.length - kept);
}

/** Those that never started are the youngest. */
function byStart(left: Job, right: Job): number {
  const [a, b] = [left, right].map(({ status }) => parseTime(status?.startTime) ?? Infinity);
  return a === b ? (left.metadata.name < right.metadata.name ? -1 : 1) : a! - b!;
}

const wait = (events: readonly CronEvent[], againInMs?: number): Decision => ({
  act: 'wait',
  events,
  ...(againInMs === undefined ? {} : { againInMs }),
});

const normal = (reason: string, message: string): CronEvent => ({ type: 'Normal', reason, message });
const warning = (reason: string, message: string): CronEvent => ({ type: 'Warning', reason, message });

const TOO_MANY_MISSED = warning(
  'TooManyMissedTimes',
  'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
);
const STILL_ACTIVE = normal(
  'JobAlreadyActive',
  'Not starting job because prior execution is running and concurrency policy is Forbid',
);

const missedEvent = (dueMs: number): CronEvent =>
  warning(
    'MissSchedule',
    `Missed scheduled time to start a job: ${new Date(dueMs).toUTCString().replace('GMT', '+0000')}`,
  );

const unsupported = (schedule: string): CronEvent =>
  warning(
    'UnsupportedSchedule',
    `CRON_TZ or TZ used in schedule ${JSON.stringify(schedule)} is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details`,
  );
