/** What of a job may change once it is there. */
import type { FieldError } from '../meta/field-error.ts';
import { invalid } from '../meta/field-error.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import type { Job, JobSpec } from '../types/batch-v1.ts';
import type { PodTemplateSpec } from '../types/core-v1.ts';
import { isIndexed, isSuspended } from './job-state.ts';

const IMMUTABLE = [
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
] as const satisfies readonly (keyof JobSpec)[];

export function* validateJobUpdate(next: Job, stored: Job): Generator<FieldError> {
  yield* validateCompletions(next.spec, stored.spec);
  if (!semanticEqual(next.spec.selector, stored.spec.selector)) yield immutable(next.spec, 'selector');
  yield* validateTemplate(next.spec, stored);
  for (const key of IMMUTABLE) if (!semanticEqual(next.spec[key], stored.spec[key])) yield immutable(next.spec, key);
}

const immutable = (spec: JobSpec, key: keyof JobSpec): FieldError =>
  invalid(`spec.${key}`, spec[key], 'field is immutable');

/** A job whose pods have indexes may become wider or narrower: all of its pods run at once before and after. */
function* validateCompletions(next: JobSpec, stored: JobSpec): Generator<FieldError> {
  if (next.completions === stored.completions) return;
  if (!isIndexed(next)) yield immutable(next, 'completions');
  else if (next.completions !== undefined && next.completions !== next.parallelism)
    yield invalid('spec.completions', next.completions, 'can only be modified in tandem with spec.parallelism');
}

function* validateTemplate(next: JobSpec, stored: Job): Generator<FieldError> {
  // Who queues jobs decides where their pods go before the first of them starts.
  const isWaiting = isSuspended(stored.spec) && stored.status?.startTime === undefined;
  const isSame = isWaiting
    ? semanticEqual(unplaced(next.template), unplaced(stored.spec.template))
    : semanticEqual(next.template, stored.spec.template);
  if (!isSame) yield immutable(next, 'template');
}

/** What is left of a template without the parts that decide about placement. */
function unplaced({ metadata = {}, spec }: PodTemplateSpec): unknown {
  const { nodeSelector: _selector, tolerations: _tolerations, schedulingGates: _gates, affinity, ...work } = spec;
  const { labels: _labels, annotations: _annotations, ...others } = metadata;
  const { nodeAffinity: _nodes, ...neighbours } = affinity ?? {};
  return { ...others, ...work, affinity: Object.keys(neighbours).length === 0 ? undefined : neighbours };
}
