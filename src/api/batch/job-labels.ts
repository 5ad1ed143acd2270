/** The labels that tell a job's pods from all others, and the selector that is made of them. */
import type { FieldError } from '../meta/field-error.ts';
import { invalid, required } from '../meta/field-error.ts';
import { matchesLabels } from '../meta/label-selector.ts';
import type { Job } from '../types/batch-v1.ts';
import { parseSelector } from '../workload/template.ts';

const CONTROLLER_UID = 'batch.kubernetes.io/controller-uid';
const JOB_NAME = 'batch.kubernetes.io/job-name';
// What the two were called before labels had prefixes; clients still look for them.
const OLD_CONTROLLER_UID = 'controller-uid';
const OLD_JOB_NAME = 'job-name';

type Labels = Readonly<Record<string, string>>;

function generatedLabels({ metadata: { name, uid } }: Job): Labels {
  return { [OLD_CONTROLLER_UID]: uid, [OLD_JOB_NAME]: name, [CONTROLLER_UID]: uid, [JOB_NAME]: name };
}

/** The job with a selector and labels of its own, unless its author wants to choose them. What the author set stays, and is refused if it contradicts. */
export function withGeneratedSelector(job: Job): Job {
  const { spec, metadata } = job;
  if (spec.manualSelector === true) return job;
  const { template, selector } = spec;
  const labels = { ...generatedLabels(job), ...template.metadata?.labels };
  const matchLabels = { [CONTROLLER_UID]: metadata.uid, ...selector?.matchLabels };
  const isUnlabelled = Object.keys(metadata.labels ?? {}).length === 0 || metadata.labels === template.metadata?.labels;
  return {
    ...job,
    // Labels that were taken over from the template are all of the template's.
    metadata: isUnlabelled ? { ...metadata, labels } : metadata,
    spec: {
      ...spec,
      selector: { ...selector, matchLabels },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

export function* validateGeneratedSelector(job: Job): Generator<FieldError> {
  const { selector, manualSelector, template } = job.spec;
  if (manualSelector === true || selector === undefined) return;
  const expected = generatedLabels(job);
  const labels = template.metadata?.labels ?? {};
  for (const [key, value] of Object.entries(expected)) {
    const field = `spec.template.metadata.labels[${key}]`;
    if (!Object.hasOwn(labels, key)) yield required(field, `must be '${value}'`);
    else if (labels[key] !== value) yield invalid(field, labels, `must be '${value}'`);
  }
  const parsed = parseSelector(selector);
  if (parsed !== undefined && !matchesLabels(parsed, expected))
    yield invalid('spec.selector', selector, '`selector` not auto-generated');
}
