import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextTime } from '#api/batch/schedule/next';
import { parseSchedule } from '#api/batch/schedule/parse';
import type { CronJob, CronJobSpec, CronJobStatus, Job, JobStatus } from '#api/types/batch-v1';
import { aCronJob, aJob } from '#test/builders/jobs';
import { CREATED } from '#test/builders/workloads';
import { type Decision, jobNameOf, planHistory, planReview, planStart } from './plan.ts';
import { planMoments } from './plan-times.ts';

const START_MS = Date.parse(CREATED);
const MINUTE_MS = 60_000;

const status = (type: string, at = CREATED): JobStatus => ({
  startTime: at,
  conditions: [{ type, status: 'True' }],
  ...(type === 'Complete' ? { completionTime: at } : {}),
});

const job = (name: string, its: JobStatus = {}): Job => aJob({}, its, { name, uid: `uid-of-${name}` });
const ref = (name: string) => ({ name, uid: `uid-of-${name}`, namespace: 'default' });

function cronJob(spec: Partial<CronJobSpec> = {}, its: CronJobStatus = {}): CronJob {
  return { ...aCronJob(spec), status: its };
}

function review(its: CronJobStatus, jobs: readonly Job[], gone: readonly string[] = []) {
  const snapshot = { cronJob: cronJob({}, its), jobs, gone: new Set(gone), nowMs: START_MS };
  const { events, ...rest } = planReview(snapshot);
  return { ...rest, events: told(events) };
}

const told = (events: Decision['events']): readonly string[] =>
  events.map(({ type, reason, message }) => `${type} ${reason} ${message}`);

test('[BAT60] a job that has ended leaves the list, and the last success is remembered', () => {
  const active = [ref('a'), ref('b'), ref('c')];
  const jobs = [job('a', status('Complete', '2026-01-01T00:02:00Z')), job('b', status('Failed')), job('c')];
  assert.deepEqual(review({ active, lastSuccessfulTime: CREATED }, jobs), {
    status: { lastSuccessfulTime: '2026-01-01T00:02:00Z', active: [ref('c')] },
    events: [
      'Normal SawCompletedJob Saw completed job: a, condition: Complete',
      'Normal SawCompletedJob Saw completed job: b, condition: Failed',
    ],
  });
});

test('[BAT60] a job that is gone leaves the list too, and one that nobody listed is told of', () => {
  assert.deepEqual(review({ active: [ref('a')] }, [job('x')], ['uid-of-a']), {
    status: {},
    events: [
      'Warning UnexpectedJob Saw a job that the controller did not create or forgot: x',
      'Normal MissingJob Active job went missing: a',
    ],
  });
});

function decide(spec: Partial<CronJobSpec>, nowMs: number, its: CronJobStatus = {}) {
  const snapshot = { cronJob: cronJob(spec, its), jobs: [], gone: new Set<string>(), nowMs };
  const { events, ...decision } = planStart(snapshot, its);
  if (decision.act === 'wait') return { ...decision, events: told(events) };
  const { scheduledMs, replace, againInMs } = decision;
  return {
    at: new Date(scheduledMs).toISOString(),
    replace: replace.map(({ name }) => name),
    againInMs,
    events: told(events),
  };
}

test('[BAT61] a job starts when its moment has come, once, under the name of that moment', () => {
  assert.deepEqual(decide({}, START_MS + 30_000), { act: 'wait', againInMs: 30_100, events: [] });
  const at = START_MS + MINUTE_MS + 100;
  assert.deepEqual(decide({}, at), { at: '2026-01-01T00:01:00.000Z', replace: [], againInMs: 60_000, events: [] });
  assert.equal(jobNameOf(cronJob(), START_MS + MINUTE_MS), 'tick-29453761');
  const done = { act: 'wait', againInMs: 60_000, events: [] };
  assert.deepEqual(decide({}, at, { lastScheduleTime: '2026-01-01T00:01:00Z' }), done);
  assert.deepEqual(decide({}, at, { active: [ref('tick-29453761')] }), done);
});

test('[BAT61] of moments that were missed only the last is made up for', () => {
  const late = START_MS + 5 * MINUTE_MS;
  assert.deepEqual(decide({}, late), { at: '2026-01-01T00:05:00.000Z', replace: [], againInMs: 60_100, events: [] });
});

test('[BAT61] more than a hundred missed moments are told of', () => {
  assert.deepEqual(decide({}, START_MS + 101 * MINUTE_MS).events, [
    'Warning TooManyMissedTimes too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
  ]);
  assert.deepEqual(decide({}, START_MS + 100 * MINUTE_MS).events, []);
  assert.deepEqual(decide({ startingDeadlineSeconds: 300 }, START_MS + 1000 * MINUTE_MS).events, []);
});

test('[BAT62] a moment that lies further back than the deadline is let pass', () => {
  const spec = { schedule: '@hourly', startingDeadlineSeconds: 60 };
  const hourMs = 60 * MINUTE_MS;
  assert.equal('at' in decide(spec, START_MS + hourMs + 60_000 - 1), true);
  assert.deepEqual(decide(spec, START_MS + hourMs + 61_000), {
    act: 'wait',
    againInMs: hourMs - 61_000 + 100,
    events: [],
  });
});

test('[BAT63] while a job runs the next one overlaps, waits for its moment after that, or takes its place', () => {
  const at = START_MS + MINUTE_MS;
  const running = { active: [ref('old')] };
  assert.deepEqual(decide({}, at, running), {
    at: '2026-01-01T00:01:00.000Z',
    replace: [],
    againInMs: 60_100,
    events: [],
  });
  assert.deepEqual(decide({ concurrencyPolicy: 'Replace' }, at, running), {
    at: '2026-01-01T00:01:00.000Z',
    replace: ['old'],
    againInMs: 60_100,
    events: [],
  });
  assert.deepEqual(decide({ concurrencyPolicy: 'Forbid' }, at, running), {
    act: 'wait',
    againInMs: 60_100,
    events: [
      'Normal JobAlreadyActive Not starting job because prior execution is running and concurrency policy is Forbid',
    ],
  });
});

test('[BAT64] a suspended cron job starts nothing, and one that cannot be understood says why', () => {
  const at = START_MS + MINUTE_MS;
  assert.deepEqual(decide({ suspend: true }, at), { act: 'wait', events: [] });
  const events = (spec: Partial<CronJobSpec>): readonly string[] => decide(spec, at).events;
  assert.deepEqual(
    [events({ schedule: '0 0 31 2 *' }), events({ schedule: 'soon' }), events({ timeZone: 'Mars/Olympus' })],
    [
      [
        'Warning InvalidSchedule invalid schedule: 0 0 31 2 * : time difference between two schedules is less than 1 second',
      ],
      ['Warning UnparseableSchedule unparseable schedule: "soon" : expected exactly 5 fields, found 1: [soon]'],
      ['Warning UnknownTimeZone invalid timeZone: "Mars/Olympus": unknown time zone Mars/Olympus'],
    ],
  );
  assert.deepEqual(events({ schedule: 'TZ=UTC * * * * *' }), [
    'Warning UnsupportedSchedule CRON_TZ or TZ used in schedule "TZ=UTC * * * * *" is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
  ]);
});

test('[BAT65] of the jobs that ended as many are kept as was asked for, the youngest', () => {
  const jobs = ['05', '01', '03', '04', '02'].map((hour) => job(hour, status('Complete', `2026-01-01T${hour}:00:00Z`)));
  const names = (kept: number): readonly string[] =>
    planHistory(cronJob({ successfulJobsHistoryLimit: kept }), [...jobs, job('running')]).map(
      ({ metadata }) => metadata.name,
    );
  assert.deepEqual([names(3), names(5)], [['01', '02'], []]);
  const failed = planHistory(cronJob(), [job('a', status('Failed')), job('b', status('Failed'))]);
  assert.deepEqual(
    failed.map(({ metadata }) => metadata.name),
    ['a'],
  );
});

test('[BAT66] the last moment that passed is the one after which none has, however long ago the first was', () => {
  const texts = ['* * * * *', '*/7 3-5 * * *', '0 0 29 2 *', '@every 7m', '* * * 1 *', '30 6-16/4 * * 1-5'];
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.integer({ min: 1, max: 4 * 366 * 86_400 }), (text, seconds) => {
      const schedule = parseSchedule(text);
      const nowMs = START_MS + seconds * 1000;
      const { dueMs, nextInMs } = planMoments(cronJob({ schedule: text }), schedule, nowMs);
      const afterMs = nextTime(schedule, dueMs ?? START_MS) ?? Infinity;
      assert.ok(afterMs > nowMs && (dueMs ?? nowMs) <= nowMs);
      assert.equal(nowMs + nextInMs - 100, afterMs);
    }),
    { numRuns: 150 },
  );
});
