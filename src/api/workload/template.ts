/** The template that replicas are made from: its defaults, its rules, its warnings and its columns. */
import { containerImages, containerNames } from '../core/pod/columns.ts';
import { defaultPodSpec } from '../core/pod/defaults.ts';
import { validatePodTemplate } from '../core/pod/template.ts';
import { podWarnings } from '../core/pod/warnings.ts';
import { wideColumn } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../meta/field-error.ts';
import { formatSelector, matchesLabels, NOTHING, SelectorError, selectorFrom } from '../meta/label-selector.ts';
import type { Selector } from '../meta/label-selector.ts';
import { checkDnsLabel } from '../meta/names.ts';
import { validateLabelSelector } from '../meta/validate-labels.ts';
import type { ApiObject } from '../object.ts';
import type { Column } from '../resource.ts';
import type { PodSpec, PodTemplateSpec } from '../types/core-v1.ts';
import type { LabelSelector } from '../types/meta-v1.ts';

/** A kind that keeps replicas of a template: the parts the rules here look at. */
export type Workload = ApiObject & {
  readonly spec: { readonly selector: LabelSelector; readonly template: PodTemplateSpec };
};

// Every revision of a workload keeps its template by reference.
const defaulted = new WeakMap<PodTemplateSpec, PodTemplateSpec>();

export function defaultTemplate(template: PodTemplateSpec): PodTemplateSpec {
  const known = defaulted.get(template);
  if (known !== undefined) return known;
  const result = { ...template, metadata: template.metadata ?? {}, spec: defaultPodSpec(template.spec) };
  defaulted.set(template, result);
  defaulted.set(result, result);
  return result;
}

/** Validates the selector, the template, and that the one selects what comes of the other. */
export function* validateReplicas({ selector, template }: Workload['spec']): Generator<FieldError> {
  yield* validateSelector(selector);
  const parsed = parseSelector(selector);
  if (parsed === undefined) yield invalid('spec.selector', selector, 'invalid label selector');
  else yield* validateReplicaTemplate(parsed, template);
}

function* validateSelector(selector: LabelSelector | undefined): Generator<FieldError> {
  if (selector === undefined) {
    yield required('spec.selector');
    return;
  }
  yield* validateLabelSelector(selector, 'spec.selector');
  if (Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0)
    yield invalid('spec.selector', selector, 'empty selector is invalid for deployment');
}

function* validateReplicaTemplate(selector: Selector, template: PodTemplateSpec): Generator<FieldError> {
  const field = 'spec.template';
  const labels = template.metadata?.labels;
  const isEmpty = selector.requirements.length === 0 && selector.nothing !== true;
  if (!isEmpty && !matchesLabels(selector, labels))
    yield invalid(`${field}.metadata.labels`, labels, '`selector` does not match template `labels`');
  yield* validatePodTemplate(template, field);
  yield* validateLasting(template.spec, `${field}.spec`, 'ReplicaSet');
}

/** Pods that are replaced when they end must not end by themselves. `kind`: whose pods they are. */
export function* validateLasting(spec: PodSpec, field: string, kind: string): Generator<FieldError> {
  const { restartPolicy = '', activeDeadlineSeconds } = spec;
  if (restartPolicy !== 'Always') yield notSupported(`${field}.restartPolicy`, restartPolicy, ['Always']);
  if (activeDeadlineSeconds !== undefined)
    yield forbidden(`${field}.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`);
}

/** Undefined when it cannot be read. */
export function parseSelector(selector: LabelSelector | undefined): Selector | undefined {
  try {
    return selectorFrom(selector);
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}

export function workloadWarnings({ metadata, spec: { template } }: Workload): readonly string[] {
  return [...nameWarnings(metadata.name), ...templateWarnings(template, 'spec.template')];
}

export function nameWarnings(name: string): readonly string[] {
  const problems = checkDnsLabel(name);
  if (problems.length === 0) return [];
  return [
    `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${problems.join(' ')}]`,
  ];
}

export function templateWarnings({ metadata, spec }: PodTemplateSpec, field: string): readonly string[] {
  return podWarnings({ spec, annotations: metadata?.annotations ?? {}, prefix: `${field}.` });
}

/** The selector in the form that lists take. */
export function selectorText(selector: LabelSelector | undefined): string {
  return formatSelector(parseSelector(selector) ?? NOTHING);
}

export const TEMPLATE_COLUMNS: readonly Column<Workload>[] = [
  wideColumn('Containers', 'The names of the containers in the template.', ({ spec }) =>
    containerNames(spec.template.spec.containers),
  ),
  wideColumn('Images', 'The images of the containers in the template.', ({ spec }) =>
    containerImages(spec.template.spec.containers),
  ),
  wideColumn('Selector', 'Which pods count as replicas.', ({ spec }) => selectorText(spec.selector)),
];
