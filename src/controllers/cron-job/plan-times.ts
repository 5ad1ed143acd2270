/** Decides which moment of a schedule a cron job has yet to see to, and when to look again. */
import { nextTime } from '#api/batch/schedule/next';
import type { Schedule } from '#api/batch/schedule/parse';
import { parseTime } from '#api/meta/time';
import type { CronJob } from '#api/types/batch-v1';

export type Moments = {
  /** The last moment that has passed and was not seen to; undefined if there is none. */
  readonly dueMs: number | undefined;
  /** More were missed than can be due to a pause. */
  readonly manyMissed: boolean;
  /** When to look again. */
  readonly nextInMs: number;
};

const MANY = 100;
const SECOND_MS = 1000;
// Clocks differ a little: looking too early would find nothing due.
const MARGIN_MS = 100;

/** The schedule never comes, such as 31 February. Worded as upstream words it. */
export class NeverError extends Error {
  override readonly name = 'NeverError';
}

export function planMoments(cronJob: CronJob, schedule: Schedule, nowMs: number): Moments {
  const { startingDeadlineSeconds } = cronJob.spec;
  const sinceMs = parseTime(cronJob.status?.lastScheduleTime ?? cronJob.metadata.creationTimestamp);
  // What is too late to be started is not looked for.
  const deadlineMs = startingDeadlineSeconds === undefined ? -Infinity : nowMs - startingDeadlineSeconds * 1000;
  const fromMs = Math.max(sinceMs, deadlineMs);
  const lastMs = lastPassed(schedule, sinceMs, nowMs);
  // Intervals are counted from the moment before, whenever that was.
  const nextMs = next(schedule, 'everyMs' in schedule ? (lastMs ?? sinceMs) : nowMs);
  return {
    dueMs: lastPassed(schedule, fromMs, nowMs),
    manyMissed: countPassed(schedule, fromMs, nowMs) > MANY,
    nextInMs: nextMs + MARGIN_MS - nowMs,
  };
}

/** The last moment after `fromMs` that has passed. */
function lastPassed(schedule: Schedule, fromMs: number, nowMs: number): number | undefined {
  const firstMs = next(schedule, fromMs);
  if (firstMs > nowMs) return undefined;
  if ('everyMs' in schedule) return nowMs - ((nowMs - firstMs) % schedule.everyMs);
  // There may be a million: found by halving, since a moment is the next one for all that lies between it and the one before.
  let low = fromMs;
  let high = nowMs;
  while (high - low > SECOND_MS) {
    const middle = Math.floor((low + high) / 2);
    if (next(schedule, middle) <= nowMs) low = middle;
    else high = middle;
  }
  return next(schedule, low);
}

/** Roughly how many moments have passed: as if all were as far apart as the first two. */
function countPassed(schedule: Schedule, fromMs: number, nowMs: number): number {
  const firstMs = next(schedule, fromMs);
  if (firstMs > nowMs) return 0;
  return Math.floor((nowMs - firstMs) / (next(schedule, firstMs) - firstMs)) + 1;
}

function next(schedule: Schedule, afterMs: number): number {
  const ms = nextTime(schedule, afterMs);
  if (ms === undefined) throw new NeverError('time difference between two schedules is less than 1 second');
  return ms;
}
