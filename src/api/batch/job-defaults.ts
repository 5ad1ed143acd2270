/** What a job gets where its author left something open. */
import type { Job, JobSpec, PodFailurePolicy } from '../types/batch-v1.ts';
import { defaultTemplate } from '../workload/template.ts';

const BACKOFF_LIMIT = 6;
// With a limit for each index there is none for all of them.
const NO_BACKOFF_LIMIT = 2_147_483_647;

export function defaultJob(job: Job): Job {
  const { metadata } = job;
  const spec = defaultJobSpec(job.spec);
  const { labels } = spec.template.metadata ?? {};
  const isUnlabelled = Object.keys(metadata.labels ?? {}).length === 0;
  return { ...job, metadata: isUnlabelled && labels !== undefined ? { ...metadata, labels } : metadata, spec };
}

function defaultJobSpec(spec: JobSpec): JobSpec {
  const isPlain = spec.completions === undefined && spec.parallelism === undefined;
  return {
    parallelism: 1,
    backoffLimit: spec.backoffLimitPerIndex === undefined ? BACKOFF_LIMIT : NO_BACKOFF_LIMIT,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
    ...(isPlain ? { completions: 1 } : {}),
    ...defaultJobParts(spec),
  };
}

/** What is filled in already in the template that a cron job makes jobs from. */
export function defaultJobParts(spec: JobSpec): JobSpec {
  const { template, podFailurePolicy } = spec;
  return {
    ...spec,
    template: defaultTemplate(template),
    ...(podFailurePolicy === undefined ? {} : { podFailurePolicy: defaultFailurePolicy(podFailurePolicy) }),
  };
}

function defaultFailurePolicy(policy: PodFailurePolicy): PodFailurePolicy {
  const rules = policy.rules.map((rule) => {
    const { onPodConditions } = rule;
    if (onPodConditions === undefined) return rule;
    return {
      ...rule,
      onPodConditions: onPodConditions.map(({ type, status }) => ({ type, status: status || 'True' })),
    };
  });
  return { ...policy, rules };
}
