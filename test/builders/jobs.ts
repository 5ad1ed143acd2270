/** Jobs and their pods for tests: each shows only what matters to it. */
import type { CronJob, CronJobSpec, Job, JobSpec, JobStatus } from '#api/types/batch-v1';
import type { ContainerStatus, Pod, PodTemplateSpec } from '#api/types/core-v1';
import type { ObjectMeta } from '#api/types/meta-v1';
import { aMeta, CREATED } from './workloads.ts';

export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
const INDEX = 'batch.kubernetes.io/job-completion-index';

const TEMPLATE: PodTemplateSpec = {
  metadata: { labels: { job: 'pi' } },
  spec: { restartPolicy: 'Never', containers: [{ name: 'work', image: 'busybox' }] },
};

/** Of three pods, one after the other, with the defaults that the server would have filled in. */
export function aJob(spec: Partial<JobSpec> = {}, status: JobStatus = {}, meta: Partial<ObjectMeta> = {}): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: aMeta('pi', meta),
    spec: {
      completions: 3,
      parallelism: 1,
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      suspend: false,
      manualSelector: false,
      podReplacementPolicy: 'TerminatingOrFailed',
      selector: { matchLabels: { job: 'pi' } },
      template: TEMPLATE,
      ...spec,
    },
    status,
  };
}

export const INDEXED: Partial<JobSpec> = { completionMode: 'Indexed', completions: 3, parallelism: 3 };

type PodParts = {
  readonly name?: string;
  readonly phase?: string;
  readonly index?: number;
  readonly exitCode?: number;
  /** Seconds after the start of the test's time. */
  readonly endedAt?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly deleted?: boolean;
  readonly tracked?: boolean;
};

export function aJobPod({ name = 'pi-1', phase = 'Running', tracked = true, ...parts }: PodParts = {}): Pod {
  const { index, exitCode, endedAt = 0, annotations = {}, deleted = false } = parts;
  const finishedAt = new Date(Date.parse(CREATED) + endedAt * 1000).toISOString();
  const exit = exitCode ?? (phase === 'Failed' ? 1 : 0);
  const ended: ContainerStatus = {
    name: 'work',
    image: 'busybox',
    imageID: '',
    ready: false,
    restartCount: 0,
    state: { terminated: { exitCode: exit, finishedAt } },
  };
  const isEnded = phase === 'Failed' || phase === 'Succeeded';
  const labels = { job: 'pi', ...(index === undefined ? {} : { [INDEX]: String(index) }) };
  const meta: Partial<ObjectMeta> = {
    labels,
    annotations: { ...annotations, ...(index === undefined ? {} : { [INDEX]: String(index) }) },
    ...(tracked ? { finalizers: [TRACKING_FINALIZER] } : {}),
    ...(deleted ? { deletionTimestamp: CREATED } : {}),
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: aMeta(name, meta),
    spec: { ...TEMPLATE.spec, nodeName: 'node-1' },
    status: { phase, ...(isEnded ? { containerStatuses: [ended] } : {}) },
  };
}

/** Every minute, with the defaults that the server would have filled in. */
export function aCronJob(spec: Partial<CronJobSpec> = {}, meta: Partial<ObjectMeta> = {}): CronJob {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: aMeta('tick', meta),
    spec: {
      schedule: '* * * * *',
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: { spec: { template: TEMPLATE } },
      ...spec,
    },
  };
}
