/** A deployment: rolls a pod template forward and back through replica sets. */
import { AGE_COLUMN, NAME_COLUMN, column } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { invalid } from '../meta/field-error.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { defineResource } from '../resource.ts';
import type * as apps from '../types/apps-v1.ts';
import { validateCollisions, validateCounts, validateReplicaCounts } from '../workload/counts.ts';
import {
  defaultTemplate,
  selectorText,
  TEMPLATE_COLUMNS,
  validateReplicas,
  workloadWarnings,
} from '../workload/template.ts';
import { defaultStrategy, validateStrategy } from './deployment-strategy.ts';

export type Deployment = apps.Deployment;

export const Deployment = defineResource<Deployment>(
  {
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
    plural: 'deployments',
    namespaced: true,
  },
  {
    shortNames: ['deploy'],
    categories: ['all'],
    hasStatus: true,
    scale: {
      specReplicas: ({ spec }) => spec.replicas ?? 0,
      statusReplicas: ({ status }) => status?.replicas ?? 0,
      selector: ({ spec }) => selectorText(spec.selector),
      withReplicas: (deployment, replicas) => ({ ...deployment, spec: { ...deployment.spec, replicas } }),
    },
    applyDefaults,
    prepareForCreate: (deployment) => ({ ...deployment, status: {} }),
    validateName: checkDnsSubdomain,
    validate: (deployment) => [...validate(deployment)],
    validateUpdate: (next, stored) => [...validateUpdate(next, stored)],
    validateStatusUpdate: (next, stored) => [...validateStatus(next.status ?? {}, stored.status ?? {})],
    warnings: workloadWarnings,
    columns: [
      NAME_COLUMN,
      column(
        'Ready',
        'How many replicas are ready, out of how many there are to be.',
        ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
      ),
      column(
        'Up-to-date',
        'How many replicas are of the present template.',
        ({ status }) => status?.updatedReplicas ?? 0,
      ),
      column(
        'Available',
        'How many replicas have been ready long enough to count.',
        ({ status }) => status?.availableReplicas ?? 0,
      ),
      AGE_COLUMN,
      ...TEMPLATE_COLUMNS,
    ],
  },
);

const REVISION_HISTORY_LIMIT = 10;
const PROGRESS_DEADLINE_SECONDS = 600;

function applyDefaults(deployment: Deployment): Deployment {
  const { spec } = deployment;
  return {
    ...deployment,
    spec: {
      ...spec,
      replicas: spec.replicas ?? 1,
      template: defaultTemplate(spec.template),
      strategy: defaultStrategy(spec.strategy),
      revisionHistoryLimit: spec.revisionHistoryLimit ?? REVISION_HISTORY_LIMIT,
      progressDeadlineSeconds: spec.progressDeadlineSeconds ?? PROGRESS_DEADLINE_SECONDS,
    },
  };
}

function* validate({ spec }: Deployment): Generator<FieldError> {
  yield* validateCounts(spec, ['replicas'], 'spec');
  yield* validateReplicas(spec);
  yield* validateStrategy(spec.strategy ?? {}, 'spec.strategy');
  yield* validateCounts(spec, ['minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds'], 'spec');
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  if (deadline !== undefined && deadline <= minReadySeconds)
    yield invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds');
}

function* validateUpdate(next: Deployment, stored: Deployment): Generator<FieldError> {
  if (!semanticEqual(next.spec.selector, stored.spec.selector))
    yield invalid('spec.selector', next.spec.selector, 'field is immutable');
}

const COUNTS = [
  'observedGeneration',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'collisionCount',
] as const satisfies readonly (keyof apps.DeploymentStatus)[];

function* validateStatus(next: apps.DeploymentStatus, stored: apps.DeploymentStatus): Generator<FieldError> {
  yield* validateCounts(next, COUNTS, 'status');
  yield* validateReplicaCounts(next, 'updatedReplicas');
  yield* validateCollisions(next, stored);
}
