/** A daemon set: keeps one pod of a template on every node that suits it. */
import { AGE_COLUMN, NAME_COLUMN, column, countColumn, formatLabels } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { invalid } from '../meta/field-error.ts';
import { matchesLabels } from '../meta/label-selector.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { validateLabelSelector } from '../meta/validate-labels.ts';
import { validatePodTemplate } from '../core/pod/template.ts';
import { defineResource } from '../resource.ts';
import type * as apps from '../types/apps-v1.ts';
import { validateCollisions, validateCounts } from '../workload/counts.ts';
import {
  defaultTemplate,
  parseSelector,
  TEMPLATE_COLUMNS,
  templateWarnings,
  validateLasting,
} from '../workload/template.ts';
import { defaultUpdateStrategy, validateUpdateStrategy } from './daemon-set-strategy.ts';

export type DaemonSet = apps.DaemonSet;

export const DaemonSet = defineResource<DaemonSet>(
  {
    group: 'apps',
    version: 'v1',
    kind: 'DaemonSet',
    plural: 'daemonsets',
    namespaced: true,
  },
  {
    shortNames: ['ds'],
    categories: ['all'],
    hasStatus: true,
    applyDefaults,
    prepareForCreate: (set) => ({ ...withTemplateGeneration(set, templateGeneration(set)), status: NEW_STATUS }),
    prepareForUpdate,
    validateName: checkDnsSubdomain,
    validate: ({ spec }) => [...validate(spec)],
    validateUpdate: (next, stored) => [...validateUpdate(next, stored)],
    validateStatusUpdate: (next, stored) => [...validateStatus(next.status, stored.status)],
    warnings: ({ spec }) => templateWarnings(spec.template, 'spec.template'),
    columns: [
      NAME_COLUMN,
      countColumn('Desired', 'How many nodes are to have a pod.', counted('desiredNumberScheduled')),
      countColumn('Current', 'How many of those nodes have one.', counted('currentNumberScheduled')),
      countColumn('Ready', 'On how many of those nodes a pod is ready.', counted('numberReady')),
      countColumn(
        'Up-to-date',
        'How many nodes have a pod of the present template.',
        counted('updatedNumberScheduled'),
      ),
      countColumn('Available', 'On how many nodes a pod has been ready long enough.', counted('numberAvailable')),
      column('Node Selector', 'The labels that a node must have.', ({ spec }) =>
        formatLabels(spec.template.spec.nodeSelector),
      ),
      AGE_COLUMN,
      ...TEMPLATE_COLUMNS,
    ],
  },
);

const REVISION_HISTORY_LIMIT = 10;
const NEW_STATUS: apps.DaemonSetStatus = {
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
};

function counted(key: Exclude<keyof apps.DaemonSetStatus, 'conditions'>): (set: DaemonSet) => number {
  return ({ status }) => status?.[key] ?? 0;
}

function applyDefaults(set: DaemonSet): DaemonSet {
  const { spec } = set;
  return {
    ...set,
    spec: {
      ...spec,
      template: defaultTemplate(spec.template),
      updateStrategy: defaultUpdateStrategy(spec.updateStrategy),
      revisionHistoryLimit: spec.revisionHistoryLimit ?? REVISION_HISTORY_LIMIT,
    },
  };
}

/** How often the template has changed. Upstream counted it in the spec once; clients still find it in this annotation. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

function templateGeneration({ metadata }: DaemonSet): number {
  const counted = Number(metadata.annotations?.[TEMPLATE_GENERATION]);
  return Number.isSafeInteger(counted) && counted > 0 ? counted : 1;
}

function withTemplateGeneration(set: DaemonSet, generation: number): DaemonSet {
  const annotations = { ...set.metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
  return { ...set, metadata: { ...set.metadata, annotations } };
}

function prepareForUpdate(next: DaemonSet, stored: DaemonSet): DaemonSet {
  const changes = semanticEqual(next.spec.template, stored.spec.template) ? 0 : 1;
  return withTemplateGeneration(next, templateGeneration(stored) + changes);
}

function* validate(spec: apps.DaemonSetSpec): Generator<FieldError> {
  const { selector, template } = spec;
  yield* validateLabelSelector(selector, 'spec.selector');
  const parsed = parseSelector(selector);
  const labels = template.metadata?.labels;
  if (parsed !== undefined && !matchesLabels(parsed, labels))
    yield invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`');
  if (selector !== undefined && parsed?.requirements.length === 0)
    yield invalid('spec.selector', selector, 'empty selector is invalid for daemonset');
  yield* validatePodTemplate(template, 'spec.template');
  yield* validateLasting(template.spec, 'spec.template.spec', 'DaemonSet');
  yield* validateCounts(spec, ['minReadySeconds'], 'spec');
  yield* validateUpdateStrategy(spec.updateStrategy ?? {}, 'spec.updateStrategy');
  yield* validateCounts(spec, ['revisionHistoryLimit'], 'spec');
}

function* validateUpdate(next: DaemonSet, stored: DaemonSet): Generator<FieldError> {
  if (!semanticEqual(next.spec.selector, stored.spec.selector))
    yield invalid('spec.selector', next.spec.selector, 'field is immutable');
}

const COUNTS = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
] as const satisfies readonly (keyof apps.DaemonSetStatus)[];

function* validateStatus(
  next: Partial<apps.DaemonSetStatus> = {},
  stored: Partial<apps.DaemonSetStatus> = {},
): Generator<FieldError> {
  yield* validateCounts(next, COUNTS, 'status');
  yield* validateCollisions(next, stored);
}
