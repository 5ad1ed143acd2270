import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '#base/deep-freeze';
import { create, newMeta, texts, updateErrors } from '#test/builders/kinds';
import { aTemplate } from '#test/builders/workloads';
import type { StatefulSetSpec, StatefulSetStatus } from '../types/apps-v1.ts';
import type { PersistentVolumeClaim } from '../types/core-v1.ts';
import { StatefulSet } from './stateful-set.ts';

const NOW_MS = Date.parse('2026-01-01T00:05:00Z');
const SPEC: StatefulSetSpec = { selector: { matchLabels: { app: 'web' } }, template: aTemplate(), serviceName: 'web' };
const CLAIM: PersistentVolumeClaim = {
  apiVersion: '',
  kind: '',
  metadata: { name: 'data' } as PersistentVolumeClaim['metadata'],
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};

const aStatefulSet = (spec: Partial<StatefulSetSpec> = {}): StatefulSet => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: newMeta('web'),
  spec: { ...SPEC, ...spec },
});
const stored = (spec: Partial<StatefulSetSpec> = {}): StatefulSet => {
  const { object } = create(StatefulSet, aStatefulSet(spec));
  return deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: '1' } });
};

test('[WRK5] a stateful set gets what its author left open', () => {
  const { template, selector: _, ...spec } = stored().spec;
  assert.deepEqual(spec, {
    replicas: 1,
    serviceName: 'web',
    podManagementPolicy: 'OrderedReady',
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    revisionHistoryLimit: 10,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  });
  assert.equal(template.spec.restartPolicy, 'Always');
  assert.deepEqual(stored().status, { replicas: 0, availableReplicas: 0 });
  assert.deepEqual(StatefulSet.applyDefaults(stored()), stored());
});

test('[WRK5] a strategy that is named gets no more than it says', () => {
  const strategy = (updateStrategy: StatefulSetSpec['updateStrategy'] & object): unknown =>
    stored({ updateStrategy }).spec.updateStrategy;
  assert.deepEqual(strategy({ type: 'RollingUpdate' }), { type: 'RollingUpdate' });
  assert.deepEqual(strategy({ type: 'OnDelete' }), { type: 'OnDelete' });
  assert.deepEqual(strategy({ rollingUpdate: { maxUnavailable: 2 } }), {
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: 2, partition: 0 },
  });
});

test('[WRK5] claims get the defaults of claims', () => {
  const [claim] = stored({ volumeClaimTemplates: [CLAIM] }).spec.volumeClaimTemplates ?? [];
  assert.deepEqual(
    [claim?.apiVersion, claim?.kind, claim?.spec.volumeMode, claim?.status],
    ['v1', 'PersistentVolumeClaim', 'Filesystem', { phase: 'Pending' }],
  );
});

const CASES: readonly (readonly [string, Partial<StatefulSetSpec>, readonly string[]])[] = [
  [
    'an unknown order',
    { podManagementPolicy: 'Random' },
    ["spec.podManagementPolicy: Invalid value: \"Random\": must be 'OrderedReady' or 'Parallel'"],
  ],
  [
    'an unknown strategy',
    { updateStrategy: { type: 'Recreate' } },
    ['spec.updateStrategy: Invalid value: {"type":"Recreate"}: must be \'RollingUpdate\' or \'OnDelete\''],
  ],
  [
    'steps without rolling',
    { updateStrategy: { type: 'OnDelete', rollingUpdate: {} } },
    ["spec.updateStrategy.rollingUpdate: Invalid value: {}: only allowed for updateStrategy 'RollingUpdate'"],
  ],
  [
    'a roll that cannot go on',
    { updateStrategy: { rollingUpdate: { partition: -1, maxUnavailable: 0 } } },
    [
      'spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0',
      'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0',
    ],
  ],
  [
    'unknown retention',
    { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Maybe' } },
    [
      'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Maybe": supported values: "Delete", "Retain"',
    ],
  ],
  [
    'claims to nothing',
    { volumeClaimTemplates: [{ ...CLAIM, spec: { resources: {} } }] },
    [
      'spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required',
      'spec.volumeClaimTemplates[0].spec.resources[storage]: Required value',
    ],
  ],
  [
    'negative counts',
    { replicas: -1, minReadySeconds: -1, ordinals: { start: -1 } },
    [
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'a selector of everything',
    { selector: {} },
    ['spec.selector: Invalid value: {}: empty selector is invalid for statefulset'],
  ],
  [
    'a selector of other labels',
    { selector: { matchLabels: { app: 'api' } } },
    ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
  ],
  [
    'pods that end',
    {
      template: { ...SPEC.template, spec: { ...SPEC.template.spec, restartPolicy: 'Never', activeDeadlineSeconds: 5 } },
    },
    [
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported',
    ],
  ],
];

for (const [what, spec, errors] of CASES) {
  test(`[WRK6] a stateful set with ${what} is refused`, () => {
    assert.deepEqual(create(StatefulSet, aStatefulSet(spec)).errors, errors);
  });
}

test('[WRK6] a new service name makes a host name; one that is stored stays', () => {
  const [error] = create(StatefulSet, aStatefulSet({ serviceName: 'a.b' })).errors;
  assert.match(error ?? '', /^spec\.serviceName: Invalid value: "a\.b": must not contain dots/);
  assert.deepEqual(texts(StatefulSet.validate(stored({ serviceName: 'a.b' }))), []);
  assert.deepEqual(StatefulSet.validateName('a.b'), ['must not contain dots']);
});

test('[WRK6] containers may mount the claims of their pod', () => {
  const mounts = (name: string): Partial<StatefulSetSpec> => ({
    volumeClaimTemplates: [CLAIM],
    template: {
      ...SPEC.template,
      spec: { containers: [{ name: 'web', image: 'i', volumeMounts: [{ name, mountPath: '/data' }] }] },
    },
  });
  assert.deepEqual(create(StatefulSet, aStatefulSet(mounts('data'))).errors, []);
  assert.deepEqual(create(StatefulSet, aStatefulSet(mounts('other'))).errors, [
    'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "other"',
  ]);
});

test('[WRK7] of a stateful set only some fields change', () => {
  const before = stored();
  const change = (spec: Partial<StatefulSetSpec>): readonly string[] =>
    updateErrors(StatefulSet, { stored: before, next: { ...before, spec: { ...before.spec, ...spec } } });
  assert.deepEqual(change({ replicas: 3, minReadySeconds: 1, ordinals: { start: 1 }, revisionHistoryLimit: 2 }), []);
  assert.deepEqual(change({ template: aTemplate('nginx:2'), updateStrategy: { type: 'OnDelete' } }), []);
  const refusal = [
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
  ];
  assert.deepEqual(change({ serviceName: 'other' }), refusal);
  assert.deepEqual(change({ podManagementPolicy: 'Parallel' }), refusal);
});

test('[WRK8] counts in a status fit each other', () => {
  const before: StatefulSet = { ...stored(), status: { replicas: 0, collisionCount: 1 } };
  const status: StatefulSetStatus = { replicas: 1, readyReplicas: 1, availableReplicas: 2, currentReplicas: -1 };
  assert.deepEqual(texts(StatefulSet.validateStatusUpdate({ ...before, status }, before)), [
    'status.currentReplicas: Invalid value: -1: must be greater than or equal to 0',
    'status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas',
    'status.collisionCount: Invalid value: 0: cannot be decremented',
  ]);
});

test('[WRK9] the table shows how many are ready, and scale sets how many there are to be', () => {
  const object: StatefulSet = { ...stored({ replicas: 3 }), status: { replicas: 2, readyReplicas: 1 } };
  assert.deepEqual(
    StatefulSet.columns.map(({ name, priority, cell }) => [name, priority, cell(object, NOW_MS)]),
    [
      ['Name', 0, 'web'],
      ['Ready', 0, '1/3'],
      ['Age', 0, '5m'],
      ['Containers', 1, 'web'],
      ['Images', 1, 'nginx:1'],
    ],
  );
  const { scale } = StatefulSet;
  assert.deepEqual(
    [scale?.specReplicas(object), scale?.statusReplicas(object), scale?.selector(object)],
    [3, 2, 'app=web'],
  );
  assert.equal(scale?.withReplicas(object, 7).spec.replicas, 7);
});

test('[WRK17] a history without end is worth a warning', () => {
  assert.deepEqual(create(StatefulSet, aStatefulSet({ revisionHistoryLimit: -1 })).warnings, [
    'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
  ]);
});

test('[WRK6] the claims of a set that is stored stay as they are', () => {
  const set = stored({ volumeClaimTemplates: [{ ...CLAIM, spec: {} }] });
  assert.deepEqual(
    updateErrors(StatefulSet, { stored: set, next: { ...set, spec: { ...set.spec, replicas: 2 } } }),
    [],
  );
});

test('[WRK17] claims to fractions of a byte are worth a warning', () => {
  const claim = { ...CLAIM, spec: { ...CLAIM.spec, resources: { requests: { storage: '1500m' } } } };
  assert.deepEqual(create(StatefulSet, aStatefulSet({ volumeClaimTemplates: [claim] })).warnings, [
    'spec.volumeClaimTemplates[0].resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
  ]);
});
