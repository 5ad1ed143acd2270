/** Validates what a job is to do; the same rules hold for the template that a cron job makes jobs from. */
import type { FieldError } from '../meta/field-error.ts';
import { invalid, notSupported, required, tooLong } from '../meta/field-error.ts';
import { matchesLabels } from '../meta/label-selector.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../meta/names.ts';
import { validateLabelSelector, validateName } from '../meta/validate-labels.ts';
import { validatePodTemplate } from '../core/pod/template.ts';
import type { Job, JobSpec } from '../types/batch-v1.ts';
import { validateCounts } from '../workload/counts.ts';
import { parseSelector } from '../workload/template.ts';
import { validateGeneratedSelector } from './job-labels.ts';
import { isIndexed } from './job-state.ts';
import { validateFailurePolicy } from './pod-failure-policy.ts';
import { validateSuccessPolicy } from './success-policy.ts';

const MAX_INDEXED_PARALLELISM = 100_000;
const MAX_FAILED_INDEXES = 100_000;
// Beyond so many completions the texts of completed and failed indexes could grow too long for a status.
export const MANY_COMPLETIONS = 100_000;
export const MANY_PARALLEL = 10_000;
const MAX_FAILED_OF_MANY = 10_000;
const MANAGED_BY_MAX_BYTES = 63;
const URL_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const isUrlPath = new RegExp(`^${URL_PATH}$`);

export function* validateJob(job: Job): Generator<FieldError> {
  const { metadata, spec } = job;
  yield* validateGeneratedSelector(job);
  yield* validateJobSpec(spec, 'spec');
  yield* validateSelector(spec);
  const { completions = 0 } = spec;
  if (!isIndexed(spec) || completions <= 0) return;
  // The last pod has the longest host name.
  const hostname = `${metadata.name}-${completions - 1}`;
  if (checkDnsLabel(hostname).length > 0)
    yield invalid('metadata.name', metadata.name, `will not able to create pod with invalid DNS label: ${hostname}`);
}

function* validateSelector({ selector, template }: JobSpec): Generator<FieldError> {
  if (selector === undefined) yield required('spec.selector');
  else yield* validateLabelSelector(selector, 'spec.selector');
  const parsed = parseSelector(selector);
  const labels = template.metadata?.labels ?? {};
  if (parsed !== undefined && !matchesLabels(parsed, labels))
    yield invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`');
}

const COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const satisfies readonly (keyof JobSpec)[];

export function* validateJobSpec(spec: JobSpec, field: string): Generator<FieldError> {
  yield* validateCounts(spec, COUNTS, field);
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    yield required(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified');
  if (spec.managedBy !== undefined) yield* validateManagedBy(spec.managedBy, `${field}.managedBy`);
  yield* validateMode(spec, field);
  if (spec.podFailurePolicy !== undefined)
    yield* validateFailurePolicy(spec.podFailurePolicy, spec, `${field}.podFailurePolicy`);
  yield* validateSuccess(spec, `${field}.successPolicy`);
  yield* validateReplacement(spec, `${field}.podReplacementPolicy`);
  yield* validatePodTemplate(spec.template, `${field}.template`);
  yield* validateRestarts(spec, `${field}.template.spec.restartPolicy`);
}

function* validateManagedBy(managedBy: string, field: string): Generator<FieldError> {
  if (managedBy === '') yield required(field);
  else yield* validateDomainPath(managedBy, field);
  if (managedBy.length > MANAGED_BY_MAX_BYTES) yield tooLong(field, MANAGED_BY_MAX_BYTES);
}

function* validateDomainPath(text: string, field: string): Generator<FieldError> {
  const [, domain = '', path = ''] = /^([^/]*)\/(.*)$/s.exec(text) ?? [];
  if (domain === '' || path === '') {
    yield invalid(field, text, 'must be a domain-prefixed path (such as "acme.io/foo")');
    return;
  }
  yield* validateName(domain, checkDnsSubdomain, field);
  if (!isUrlPath.test(path)) yield invalid(field, path, `Invalid path (regex used for validation is '${URL_PATH}')`);
}

function* validateMode(spec: JobSpec, field: string): Generator<FieldError> {
  const { completionMode = 'NonIndexed', backoffLimitPerIndex, maxFailedIndexes } = spec;
  if (completionMode === 'Indexed') yield* validateIndexed(spec, field);
  else if (completionMode !== 'NonIndexed')
    yield notSupported(`${field}.completionMode`, completionMode, ['NonIndexed', 'Indexed']);
  else
    for (const [key, value] of Object.entries({ backoffLimitPerIndex, maxFailedIndexes }))
      if (value !== undefined) yield invalid(`${field}.${key}`, value, 'requires indexed completion mode');
}

function* validateIndexed(spec: JobSpec, field: string): Generator<FieldError> {
  const { completions, parallelism = 0, maxFailedIndexes } = spec;
  if (completions === undefined) yield required(`${field}.completions`, 'when completion mode is Indexed');
  if (parallelism > MAX_INDEXED_PARALLELISM) {
    const problem = `must be less than or equal to ${MAX_INDEXED_PARALLELISM} when completion mode is Indexed`;
    yield invalid(`${field}.parallelism`, parallelism, problem);
  }
  for (const problem of tooManyFailed(spec)) yield invalid(`${field}.maxFailedIndexes`, maxFailedIndexes, problem);
  if (spec.backoffLimitPerIndex !== undefined && (completions ?? 0) > MANY_COMPLETIONS)
    yield* validateMany(spec, field);
}

function* tooManyFailed({ completions = Infinity, maxFailedIndexes = 0 }: JobSpec): Generator<string> {
  if (maxFailedIndexes > completions) yield 'must be less than or equal to completions';
  if (maxFailedIndexes > MAX_FAILED_INDEXES) yield `must be less than or equal to ${MAX_FAILED_INDEXES}`;
}

function* validateMany({ parallelism = 0, maxFailedIndexes }: JobSpec, field: string): Generator<FieldError> {
  const when = `when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined)
    yield required(`${field}.maxFailedIndexes`, `must be specified when completions is above ${MANY_COMPLETIONS}`);
  if (parallelism > MANY_PARALLEL)
    yield invalid(`${field}.parallelism`, parallelism, `must be less than or equal to ${MANY_PARALLEL} ${when}`);
  if ((maxFailedIndexes ?? 0) > MAX_FAILED_OF_MANY) {
    const problem = `must be less than or equal to ${MAX_FAILED_OF_MANY} ${when}`;
    yield invalid(`${field}.maxFailedIndexes`, maxFailedIndexes, problem);
  }
}

function* validateSuccess(spec: JobSpec, field: string): Generator<FieldError> {
  if (spec.successPolicy === undefined) return;
  if (!isIndexed(spec)) yield invalid(field, spec.successPolicy, 'requires indexed completion mode');
  else yield* validateSuccessPolicy(spec.successPolicy, spec.completions ?? 0, field);
}

function* validateReplacement(spec: JobSpec, field: string): Generator<FieldError> {
  const { podReplacementPolicy: policy, podFailurePolicy } = spec;
  if (policy === undefined) return;
  // Which rule a pod meets is known only once it has failed.
  const choices = podFailurePolicy === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed'];
  if (!choices.includes(policy)) yield notSupported(field, policy, choices);
}

function* validateRestarts({ template, podFailurePolicy }: JobSpec, field: string): Generator<FieldError> {
  const { restartPolicy = '' } = template.spec;
  // Nobody asks for pods that never end: it is what a template says that says nothing.
  if (restartPolicy === '' || restartPolicy === 'Always') yield required(field, 'valid values: "OnFailure", "Never"');
  else if (restartPolicy !== 'OnFailure' && restartPolicy !== 'Never')
    yield notSupported(field, restartPolicy, ['OnFailure', 'Never']);
  else if (podFailurePolicy !== undefined && restartPolicy !== 'Never')
    yield invalid(field, restartPolicy, 'only "Never" is supported when podFailurePolicy is specified');
}
