/** A stateful set: keeps pods that have names, storage and an order of their own. */
import { PersistentVolumeClaim } from '../core/persistent-volume-claim.ts';
import { claimSpecWarnings } from '../core/persistent-volume-claim/warnings.ts';
import { AGE_COLUMN, NAME_COLUMN, column } from '../meta/columns.ts';
import type { FieldError } from '../meta/field-error.ts';
import { forbidden, invalid } from '../meta/field-error.ts';
import { checkDnsLabel } from '../meta/names.ts';
import { semanticEqual } from '../meta/semantic-equal.ts';
import { defineResource } from '../resource.ts';
import type * as apps from '../types/apps-v1.ts';
import type * as core from '../types/core-v1.ts';
import { validateCollisions, validateCounts } from '../workload/counts.ts';
import { defaultTemplate, selectorText, TEMPLATE_COLUMNS, templateWarnings } from '../workload/template.ts';
import { validateServiceName, validateStatefulSetSpec } from './stateful-set-spec.ts';

export type StatefulSet = apps.StatefulSet;

export const StatefulSet = defineResource<StatefulSet>(
  {
    group: 'apps',
    version: 'v1',
    kind: 'StatefulSet',
    plural: 'statefulsets',
    namespaced: true,
  },
  {
    shortNames: ['sts'],
    categories: ['all'],
    hasStatus: true,
    scale: {
      specReplicas: ({ spec }) => spec.replicas ?? 0,
      statusReplicas: ({ status }) => status?.replicas ?? 0,
      selector: ({ spec }) => selectorText(spec.selector),
      withReplicas: (set, replicas) => ({ ...set, spec: { ...set.spec, replicas } }),
    },
    applyDefaults,
    prepareForCreate: (set) => ({ ...set, status: { replicas: 0, availableReplicas: 0 } }),
    validateName: checkDnsLabel,
    validate: (set) => [
      ...validateStatefulSetSpec(set.spec, isStored(set) ? 'stored' : 'new'),
      ...(isStored(set) ? [] : validateServiceName(set.spec)),
    ],
    validateUpdate: (next, stored) => [...validateUpdate(next.spec, stored.spec)],
    validateStatusUpdate: (next, stored) => [...validateStatus(next.status ?? {}, stored.status ?? {})],
    warnings,
    columns: [
      NAME_COLUMN,
      column(
        'Ready',
        'How many pods are ready, out of how many there are to be.',
        ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
      ),
      AGE_COLUMN,
      ...TEMPLATE_COLUMNS.filter(({ name }) => name !== 'Selector'),
    ],
  },
);

const REVISION_HISTORY_LIMIT = 10;

const isStored = ({ metadata }: StatefulSet): boolean => Boolean(metadata.resourceVersion);

function applyDefaults(set: StatefulSet): StatefulSet {
  const { spec } = set;
  const { whenDeleted, whenScaled } = spec.persistentVolumeClaimRetentionPolicy ?? {};
  const { volumeClaimTemplates } = spec;
  return {
    ...set,
    spec: {
      ...spec,
      replicas: spec.replicas ?? 1,
      template: defaultTemplate(spec.template),
      serviceName: spec.serviceName ?? '',
      ...(volumeClaimTemplates === undefined ? {} : { volumeClaimTemplates: volumeClaimTemplates.map(defaultClaim) }),
      podManagementPolicy: spec.podManagementPolicy || 'OrderedReady',
      updateStrategy: defaultStrategy(spec.updateStrategy ?? {}),
      revisionHistoryLimit: spec.revisionHistoryLimit ?? REVISION_HISTORY_LIMIT,
      persistentVolumeClaimRetentionPolicy: {
        whenDeleted: whenDeleted || 'Retain',
        whenScaled: whenScaled || 'Retain',
      },
    },
  };
}

function defaultClaim(claim: core.PersistentVolumeClaim): core.PersistentVolumeClaim {
  const { apiVersion, kind } = PersistentVolumeClaim;
  return { ...PersistentVolumeClaim.applyDefaults(claim), apiVersion, kind };
}

/** Who says nothing gets a partition of nothing; who says only the type gets nothing more. */
function defaultStrategy(strategy: apps.StatefulSetUpdateStrategy): apps.StatefulSetUpdateStrategy {
  const type = strategy.type || 'RollingUpdate';
  const rollingUpdate = strategy.rollingUpdate ?? (strategy.type ? undefined : {});
  if (type !== 'RollingUpdate' || rollingUpdate === undefined) return { ...strategy, type };
  return { type, rollingUpdate: { ...rollingUpdate, partition: rollingUpdate.partition ?? 0 } };
}

function warnings({ spec }: StatefulSet): readonly string[] {
  const ofParts = [
    ...templateWarnings(spec.template, 'spec.template'),
    ...(spec.volumeClaimTemplates ?? []).flatMap((claim, index) => [
      ...claimSpecWarnings(claim.spec, `spec.volumeClaimTemplates[${index}]`),
    ]),
  ];
  if ((spec.revisionHistoryLimit ?? 0) >= 0) return ofParts;
  return [
    ...ofParts,
    'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
  ];
}

const CHANGEABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const satisfies readonly (keyof apps.StatefulSetSpec)[];

function* validateUpdate(next: apps.StatefulSetSpec, stored: apps.StatefulSetSpec): Generator<FieldError> {
  if (semanticEqual(fixedPart(next), fixedPart(stored))) return;
  yield forbidden(
    'spec',
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
  );
}

function fixedPart(spec: apps.StatefulSetSpec): Partial<apps.StatefulSetSpec> {
  const changeable = new Set<string>(CHANGEABLE);
  return Object.fromEntries(Object.entries(spec).filter(([key]) => !changeable.has(key)));
}

const COUNTS = [
  'replicas',
  'readyReplicas',
  'currentReplicas',
  'updatedReplicas',
  'availableReplicas',
  'observedGeneration',
  'collisionCount',
] as const satisfies readonly (keyof apps.StatefulSetStatus)[];

const PARTS = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'] as const;

type Status = Partial<apps.StatefulSetStatus>;

function* validateStatus(next: Status, stored: Status): Generator<FieldError> {
  yield* validateCounts(next, COUNTS, 'status');
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = next;
  for (const key of PARTS)
    if ((next[key] ?? 0) > replicas)
      yield invalid(`status.${key}`, next[key], 'cannot be greater than status.replicas');
  if (availableReplicas > readyReplicas)
    yield invalid('status.availableReplicas', availableReplicas, 'cannot be greater than status.readyReplicas');
  yield* validateCollisions(next, stored);
}
