/** A cron job: makes a job whenever its schedule says. */
import { containerImages, containerNames } from '../core/pod/columns.ts';
import { AGE_COLUMN, column, countColumn, NAME_COLUMN, NONE, wideColumn } from '../meta/columns.ts';
import { ageOf } from '../meta/human-duration.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as batch from '../types/batch-v1.ts';
import { nameWarnings, selectorText } from '../workload/template.ts';
import { validateCronJob, validateCronJobUpdate } from './cron-job-validation.ts';
import { defaultJobParts } from './job-defaults.ts';
import { jobSpecWarnings } from './job.ts';

export type CronJob = batch.CronJob;

export const CronJob = defineResource<CronJob>(
  {
    group: 'batch',
    version: 'v1',
    kind: 'CronJob',
    plural: 'cronjobs',
    namespaced: true,
  },
  {
    shortNames: ['cj'],
    categories: ['all'],
    hasStatus: true,
    applyDefaults,
    prepareForCreate: (cronJob) => ({ ...cronJob, status: {} }),
    validateName: checkDnsSubdomain,
    validate: (cronJob) => [...validateCronJob(cronJob)],
    validateUpdate: (next, stored) => [...validateCronJobUpdate(next, stored)],
    warnings: ({ metadata, spec }) => [
      ...(metadata.resourceVersion === '' ? nameWarnings(metadata.name) : []),
      ...jobSpecWarnings(spec.jobTemplate.spec, 'spec.jobTemplate.spec'),
    ],
    columns: [
      NAME_COLUMN,
      column('Schedule', 'When jobs are made, as a cron expression.', ({ spec }) => spec.schedule),
      column('Timezone', 'Where the clock hangs; UTC if nowhere.', ({ spec }) => spec.timeZone ?? NONE),
      {
        ...column<CronJob>(
          'Suspend',
          'Whether no jobs are made for now.',
          ({ spec }) => SUSPENDED[String(spec.suspend)]!,
        ),
        type: 'boolean',
      },
      countColumn('Active', 'How many of its jobs run.', ({ status }) => status?.active?.length ?? 0),
      column('Last Schedule', 'How long ago a job was due last.', ({ status }, nowMs) =>
        status?.lastScheduleTime === undefined ? NONE : ageOf(status.lastScheduleTime, nowMs),
      ),
      AGE_COLUMN,
      wideColumn('Containers', 'The names of the containers in the template.', ({ spec }) =>
        containerNames(spec.jobTemplate.spec.template.spec.containers),
      ),
      wideColumn('Images', 'The images of the containers in the template.', ({ spec }) =>
        containerImages(spec.jobTemplate.spec.template.spec.containers),
      ),
      wideColumn(
        'Selector',
        'Which pods are the jobs’.',
        ({ spec }) => selectorText(spec.jobTemplate.spec.selector) || NONE,
      ),
    ],
  },
);

const SUSPENDED: Readonly<Record<string, string>> = { true: 'True', false: 'False', undefined: '<unset>' };
const SUCCESSFUL_KEPT = 3;
const FAILED_KEPT = 1;

function applyDefaults(cronJob: CronJob): CronJob {
  const { spec } = cronJob;
  const { jobTemplate } = spec;
  return {
    ...cronJob,
    spec: {
      ...spec,
      concurrencyPolicy: spec.concurrencyPolicy || 'Allow',
      suspend: spec.suspend ?? false,
      successfulJobsHistoryLimit: spec.successfulJobsHistoryLimit ?? SUCCESSFUL_KEPT,
      failedJobsHistoryLimit: spec.failedJobsHistoryLimit ?? FAILED_KEPT,
      jobTemplate: { ...jobTemplate, metadata: jobTemplate.metadata ?? {}, spec: defaultJobParts(jobTemplate.spec) },
    },
  };
}
