import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '#base/deep-freeze';
import { create, newMeta, updateErrors } from '#test/builders/kinds';
import type { CronJobSpec, CronJobStatus, JobSpec } from '../types/batch-v1.ts';
import { CronJob } from './cron-job.ts';

const NOW_MS = Date.parse('2026-01-01T00:05:00Z');
const JOB: JobSpec = {
  template: { spec: { restartPolicy: 'OnFailure', containers: [{ name: 'work', image: 'busybox' }] } },
};

const aCronJob = (spec: Partial<CronJobSpec> = {}, name = 'tick'): CronJob => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: newMeta(name),
  spec: { schedule: '*/5 * * * *', jobTemplate: { spec: JOB }, ...spec },
});

function stored(spec: Partial<CronJobSpec> = {}, status: CronJobStatus = {}): CronJob {
  const { object } = create(CronJob, aCronJob(spec));
  return deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: '1' }, status });
}

test('[BAT40] a cron job lets jobs overlap, keeps three that succeeded and one that failed, and leaves its jobs’ own defaults to them', () => {
  const { object, errors } = create(CronJob, aCronJob());
  assert.deepEqual(errors, []);
  const { jobTemplate, ...spec } = object.spec;
  assert.deepEqual(spec, {
    schedule: '*/5 * * * *',
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  assert.deepEqual(
    [jobTemplate.spec.parallelism, jobTemplate.spec.template.spec.dnsPolicy],
    [undefined, 'ClusterFirst'],
  );
  assert.deepEqual(CronJob.applyDefaults(object), object);
});

const inJob = (spec: Partial<JobSpec>): Partial<CronJobSpec> => ({ jobTemplate: { spec: { ...JOB, ...spec } } });

const CASES: readonly (readonly [string, Partial<CronJobSpec>, readonly string[]])[] = [
  ['no schedule', { schedule: '' }, ['spec.schedule: Required value']],
  [
    'a schedule that cannot be read',
    { schedule: '61 * * * *' },
    ['spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61'],
  ],
  [
    'a time zone in its schedule',
    { schedule: 'CRON_TZ=UTC 0 * * * *' },
    [
      'spec.schedule: Invalid value: "CRON_TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
  ],
  [
    'an empty time zone',
    { timeZone: '' },
    ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
  ],
  [
    'the machine’s time zone',
    { timeZone: 'local' },
    [
      'spec.timeZone: Invalid value: "local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
    ],
  ],
  [
    'a time zone that is none',
    { timeZone: 'Europe/../etc' },
    ['spec.timeZone: Invalid value: "Europe/../etc": unknown time zone Europe/../etc'],
  ],
  [
    'a time zone spelled otherwise',
    { timeZone: 'europe/berlin' },
    ['spec.timeZone: Invalid value: "europe/berlin": unknown time zone europe/berlin'],
  ],
  ['an offset for a time zone', { timeZone: '+01' }, ['spec.timeZone: Invalid value: "+01": unknown time zone +01']],
  [
    'an unknown policy',
    { concurrencyPolicy: 'Maybe' },
    ['spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"'],
  ],
  [
    'negative numbers',
    { startingDeadlineSeconds: -1, successfulJobsHistoryLimit: -1, failedJobsHistoryLimit: -1 },
    ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'].map(
      (key) => `spec.${key}: Invalid value: -1: must be greater than or equal to 0`,
    ),
  ],
  [
    'jobs that select by hand',
    inJob({ manualSelector: true, selector: { matchLabels: { a: 'b' } } }),
    [
      'spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated',
      'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
    ],
  ],
  [
    'broken jobs',
    inJob({ parallelism: -1, template: { spec: { containers: JOB.template.spec.containers } } }),
    [
      'spec.jobTemplate.spec.parallelism: Invalid value: -1: must be greater than or equal to 0',
      'spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
  ],
];

for (const [what, spec, errors] of CASES) {
  test(`[BAT41] a cron job with ${what} is refused`, () => {
    assert.deepEqual(create(CronJob, aCronJob(spec)).errors, errors);
  });
}

test('[BAT41] the name of a new cron job leaves room for the names of its jobs', () => {
  const name = 'x'.repeat(53);
  assert.deepEqual(create(CronJob, aCronJob({}, name)).errors, [
    `metadata.name: Invalid value: "${name}": must be no more than 52 characters`,
  ]);
  const old = { ...stored(), metadata: { ...stored().metadata, name } };
  assert.deepEqual(updateErrors(CronJob, { stored: old, next: old }), []);
});

test('[BAT42] everything of a cron job may change; what was taken once stays taken', () => {
  const update = (from: Partial<CronJobSpec>, to: Partial<CronJobSpec>): readonly string[] => {
    const before = stored(from);
    return updateErrors(CronJob, { stored: before, next: { ...before, spec: { ...before.spec, ...to } } });
  };
  assert.deepEqual(update({}, { schedule: '@hourly', timeZone: 'Asia/Tokyo', ...inJob({ parallelism: 2 }) }), []);
  assert.deepEqual(update({ timeZone: 'Mars/Olympus' }, { suspend: true }), []);
  assert.deepEqual(update({}, { timeZone: 'Mars/Olympus' }), [
    'spec.timeZone: Invalid value: "Mars/Olympus": unknown time zone Mars/Olympus',
  ]);
  const zoned = 'TZ=UTC 0 * * * *';
  assert.deepEqual(update({ schedule: zoned }, { schedule: 'TZ=UTC 5 * * * *' }), []);
  assert.deepEqual(update({ schedule: zoned }, { timeZone: 'UTC' }), [
    `spec.schedule: Invalid value: "${zoned}": cannot use both timeZone field and TZ or CRON_TZ in schedule`,
  ]);
  assert.deepEqual(update({}, { schedule: zoned }), [
    `spec.schedule: Invalid value: "${zoned}": cannot use TZ or CRON_TZ in schedule, use timeZone field instead`,
  ]);
});

test('[BAT43] the table of cron jobs shows when jobs are due, when one was last, and how many run', () => {
  const active = [{ name: 'a' }, { name: 'b' }];
  const cronJob = stored({ timeZone: 'Asia/Tokyo' }, { active, lastScheduleTime: '2026-01-01T00:04:00Z' });
  const row = CronJob.columns.map(({ name, priority, cell }) => [name, priority, cell(cronJob, NOW_MS)]);
  assert.deepEqual(row, [
    ['Name', 0, 'tick'],
    ['Schedule', 0, '*/5 * * * *'],
    ['Timezone', 0, 'Asia/Tokyo'],
    ['Suspend', 0, 'False'],
    ['Active', 0, 2],
    ['Last Schedule', 0, '60s'],
    ['Age', 0, '5m'],
    ['Containers', 1, 'work'],
    ['Images', 1, 'busybox'],
    ['Selector', 1, '<none>'],
  ]);
  const fresh = CronJob.columns.map(({ cell }) => cell(stored(), NOW_MS));
  assert.deepEqual([fresh[2], fresh[4], fresh[5]], ['<none>', 0, '<none>']);
});

test('[BAT44] an author is warned of what the jobs’ pods would be warned of, and of a name that makes bad host names', () => {
  const env = [
    { name: 'A', value: '1' },
    { name: 'A', value: '2' },
  ];
  const spec = { restartPolicy: 'Never', containers: [{ name: 'work', image: 'i', env }] };
  assert.deepEqual(create(CronJob, aCronJob(inJob({ template: { spec } }), 'a.b')).warnings, [
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
    'spec.jobTemplate.spec.template.spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
  ]);
});
