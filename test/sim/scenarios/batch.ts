/** Work that ends: jobs, their schedules, and what is left of them. */
import { CronJob } from '#api/batch/cron-job';
import { Job } from '#api/batch/job';
import type { Scenario } from '../scenario.ts';
import { change, create, named, template } from './acts.ts';

// A pod that a lost machine takes along must not be held against the job.
const PATIENT = { backoffLimit: 1000 };

const work = (seconds: number, exitCode = 0) => {
  const annotations = { 'hollow.tutti.io/run-seconds': String(seconds), 'hollow.tutti.io/exit-code': String(exitCode) };
  return template('work', 'work:1', { annotations, spec: { restartPolicy: 'Never' } });
};

const job = (name: string, seconds: number, rest: object) => ({
  metadata: named(name),
  spec: { ...PATIENT, template: work(seconds), ...rest },
});

export const jobs: Scenario = {
  name: 'jobs',
  nodes: 3,
  faults: 'all',
  steps: [
    create(0, Job, job('many', 8, { parallelism: 3, completions: 9 })),
    create(0, Job, job('numbered', 6, { parallelism: 2, completions: 5, completionMode: 'Indexed' })),
    create(5, Job, job('gone', 5, { ttlSecondsAfterFinished: 20 })),
    create(5, Job, { metadata: named('hopeless'), spec: { backoffLimit: 1, template: work(2, 3) } }),
    create(10, Job, job('held', 4, { parallelism: 2, completions: 4, suspend: true })),
    change(40, [Job, named('held')], (found) => ({ ...found, spec: { ...found.spec, suspend: false } })),
  ],
};

export const cron: Scenario = {
  name: 'cron',
  nodes: 2,
  faults: 'control plane',
  steps: [
    create(0, CronJob, {
      metadata: named('tick'),
      spec: {
        schedule: '* * * * *',
        concurrencyPolicy: 'Forbid',
        successfulJobsHistoryLimit: 2,
        jobTemplate: { spec: { ...PATIENT, template: work(10) } },
      },
    } as never),
    change(400, [CronJob, named('tick')], (found) => ({ ...found, spec: { ...found.spec, suspend: true } })),
  ],
};
