/** A job: runs pods until enough of them have succeeded. */
import { checkDnsSubdomain } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as batch from '../types/batch-v1.ts';
import { nameWarnings, templateWarnings } from '../workload/template.ts';
import { JOB_COLUMNS } from './job-columns.ts';
import { defaultJob } from './job-defaults.ts';
import { withGeneratedSelector } from './job-labels.ts';
import { MANY_COMPLETIONS, MANY_PARALLEL, validateJob } from './job-spec.ts';
import { isIndexed } from './job-state.ts';
import { validateJobStatusUpdate } from './job-status.ts';
import { validateJobUpdate } from './job-update.ts';

export type Job = batch.Job;

export const Job = defineResource<Job>(
  {
    group: 'batch',
    version: 'v1',
    kind: 'Job',
    plural: 'jobs',
    namespaced: true,
  },
  {
    categories: ['all'],
    hasStatus: true,
    orphansByDefault: true,
    applyDefaults: defaultJob,
    prepareForCreate: (job) => ({ ...withGeneratedSelector(job), status: {} }),
    validateName: checkDnsSubdomain,
    validate: (job) => [...validateJob(job)],
    validateUpdate: (next, stored) => [...validateJobUpdate(next, stored)],
    validateStatusUpdate: (next, stored) => [...validateJobStatusUpdate(next, stored)],
    warnings: ({ metadata, spec }) => [
      ...(metadata.resourceVersion === '' ? nameWarnings(metadata.name) : []),
      ...jobSpecWarnings(spec, 'spec'),
    ],
    columns: JOB_COLUMNS,
    selectableFields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
  },
);

/** What the author of a job, or of a template of jobs, should know. */
export function jobSpecWarnings(spec: batch.JobSpec, field: string): readonly string[] {
  const { completions = 0, parallelism = 0, template } = spec;
  const isVast = isIndexed(spec) && completions > MANY_COMPLETIONS && parallelism > MANY_PARALLEL;
  return [...(isVast ? [`${field}: ${VAST}`] : []), ...templateWarnings(template, `${field}.template`)];
}

const VAST =
  'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
