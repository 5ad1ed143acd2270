/** A replica set: keeps a number of pods of one template alive. */
import { AGE_COLUMN, NAME_COLUMN, countColumn } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { invalid } from '../meta/field-error.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { defineResource } from '../resource.ts';
import type * as apps from '../types/apps-v1.ts';
import { validateCounts, validateSetStatus } from '../workload/counts.ts';
import {
  defaultTemplate,
  selectorText,
  TEMPLATE_COLUMNS,
  validateReplicas,
  workloadWarnings,
} from '../workload/template.ts';

export type ReplicaSet = apps.ReplicaSet;

export const ReplicaSet = defineResource<ReplicaSet>(
  {
    group: 'apps',
    version: 'v1',
    kind: 'ReplicaSet',
    plural: 'replicasets',
    namespaced: true,
  },
  {
    shortNames: ['rs'],
    categories: ['all'],
    hasStatus: true,
    scale: {
      specReplicas: ({ spec }) => spec.replicas ?? 0,
      statusReplicas: ({ status }) => status?.replicas ?? 0,
      selector: ({ spec }) => selectorText(spec.selector),
      withReplicas: (set, replicas) => ({ ...set, spec: { ...set.spec, replicas } }),
    },
    applyDefaults,
    prepareForCreate: (set) => ({ ...set, status: { replicas: 0 } }),
    validateName: checkDnsSubdomain,
    validate: (set) => [...validate(set)],
    validateUpdate: (next, stored) => [...validateUpdate(next, stored)],
    validateStatusUpdate: ({ status }) => [...validateSetStatus(status)],
    warnings: workloadWarnings,
    columns: [
      NAME_COLUMN,
      countColumn('Desired', 'How many replicas there are to be.', ({ spec }) => spec.replicas ?? 0),
      countColumn('Current', 'How many replicas there are.', ({ status }) => status?.replicas ?? 0),
      countColumn('Ready', 'How many replicas are ready.', ({ status }) => status?.readyReplicas ?? 0),
      AGE_COLUMN,
      ...TEMPLATE_COLUMNS,
    ],
    selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  },
);

function applyDefaults(set: ReplicaSet): ReplicaSet {
  const template = defaultTemplate(set.spec.template);
  if (template === set.spec.template && set.spec.replicas !== undefined) return set;
  return { ...set, spec: { ...set.spec, replicas: set.spec.replicas ?? 1, template } };
}

function* validate({ spec }: ReplicaSet): Generator<FieldError> {
  yield* validateCounts(spec, ['replicas', 'minReadySeconds'], 'spec');
  yield* validateReplicas(spec);
}

function* validateUpdate(next: ReplicaSet, stored: ReplicaSet): Generator<FieldError> {
  if (!semanticEqual(next.spec.selector, stored.spec.selector))
    yield invalid('spec.selector', next.spec.selector, 'field is immutable');
}
