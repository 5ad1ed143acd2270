import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '#base/deep-freeze';
import { create, newMeta, texts, updateErrors } from '#test/builders/kinds';
import type { ObjectMeta } from '../types/meta-v1.ts';
import { PersistentVolumeClaim } from './persistent-volume-claim.ts';

type Spec = PersistentVolumeClaim['spec'];
type Status = NonNullable<PersistentVolumeClaim['status']>;

const SPEC: Spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };

const aClaim = (spec: Spec = {}, metadata: Partial<ObjectMeta> = {}, status?: Status): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { ...newMeta('data'), ...metadata },
  spec: { ...SPEC, ...spec },
  ...(status === undefined ? {} : { status }),
});

const aStored = (spec: Spec = {}, metadata: Partial<ObjectMeta> = {}, status: Status = {}): PersistentVolumeClaim =>
  deepFreeze({
    ...create(PersistentVolumeClaim, aClaim(spec, metadata)).object,
    status: { phase: 'Pending', ...status },
  });

test('[STG1] a new claim is pending and asks for a file system, whatever status it came with', () => {
  const { object, errors } = create(PersistentVolumeClaim, aClaim({}, {}, { phase: 'Bound' }));
  assert.deepEqual([errors, object.status, object.spec.volumeMode], [[], { phase: 'Pending' }, 'Filesystem']);
  assert.deepEqual(PersistentVolumeClaim.applyDefaults(object), object);
});

test('[STG1] a new claim has both fields of a data source, and drops an old one of another kind', () => {
  const source = { kind: 'PersistentVolumeClaim', name: 'from' };
  const sources = (spec: Spec): unknown => {
    const { dataSource, dataSourceRef } = create(PersistentVolumeClaim, aClaim(spec)).object.spec;
    return [dataSource, dataSourceRef];
  };
  assert.deepEqual(sources({ dataSource: source }), [source, source]);
  assert.deepEqual(sources({ dataSourceRef: source }), [source, source]);
  const elsewhere = { ...source, namespace: 'other' };
  assert.deepEqual(sources({ dataSourceRef: elsewhere }), [undefined, elsewhere]);
  assert.deepEqual(sources({ dataSource: { kind: 'ConfigMap', name: 'x' } }), [undefined, undefined]);
});

const REFUSALS: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['no modes', { accessModes: [] }, ['spec.accessModes: Required value: at least 1 access mode is required']],
  [
    'an unknown mode',
    { accessModes: ['Sometimes'] },
    [
      'spec.accessModes: Unsupported value: "Sometimes": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    ],
  ],
  [
    'one pod and many',
    { accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] },
    ['spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes'],
  ],
  ['no storage', { resources: {} }, ['spec.resources[storage]: Required value']],
  [
    'no bytes',
    { resources: { requests: { storage: '0' } } },
    ['spec.resources[storage]: Invalid value: "0": must be greater than zero'],
  ],
  [
    'an unknown volume mode',
    { volumeMode: 'Tape' },
    ['spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"'],
  ],
  [
    'sources that differ',
    {
      dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
      dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b' },
    },
    ['spec: Invalid value: "spec.dataSource": must match dataSourceRef'],
  ],
];

for (const [what, spec, expected] of REFUSALS)
  test(`[STG2] a claim with ${what} is refused`, () => {
    assert.deepEqual(create(PersistentVolumeClaim, aClaim(spec)).errors, expected);
  });

test('[STG2] the class of a claim is a name', () => {
  const { errors } = create(PersistentVolumeClaim, aClaim({ storageClassName: 'Fast!' }));
  assert.match(errors.join(), /^spec\.storageClassName: Invalid value: "Fast!": a lowercase RFC 1123 subdomain/);
});

const change = (stored: PersistentVolumeClaim, spec: Spec, metadata: Partial<ObjectMeta> = {}): readonly string[] =>
  updateErrors(PersistentVolumeClaim, {
    stored,
    next: { ...stored, metadata: { ...stored.metadata, ...metadata }, spec: { ...stored.spec, ...spec } },
  });

const IMMUTABLE = [
  'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
  '  PersistentVolumeClaimSpec{',
];

test('[STG3] a claim takes a volume once', () => {
  assert.deepEqual(change(aStored(), { volumeName: 'pv1' }), []);
  assert.deepEqual(change(aStored({ volumeName: 'pv1' }), { volumeName: 'pv2' }), [
    [...IMMUTABLE, '-   volumeName: "pv1"', '+   volumeName: "pv2"', '  }'].join('\n'),
  ]);
});

test('[STG3] a bound claim may ask for more, and for less again down to what there is', () => {
  const storage = (amount: string): Spec => ({ resources: { requests: { storage: amount } } });
  assert.deepEqual(change(aStored(), storage('2Gi')), [
    [
      ...IMMUTABLE,
      '-   resources: {"requests":{"storage":"1Gi"}}',
      '+   resources: {"requests":{"storage":"2Gi"}}',
      '  }',
    ].join('\n'),
  ]);
  const bound: Status = { phase: 'Bound', capacity: { storage: '1Gi' } };
  assert.deepEqual(change(aStored({}, {}, bound), storage('2Gi')), []);
  assert.deepEqual(change(aStored(storage('3Gi'), {}, bound), storage('2Gi')), []);
  assert.deepEqual(change(aStored(storage('3Gi'), {}, bound), storage('1Gi')), [
    'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
  ]);
});

test('[STG3] a claim gains the class it did not have, from the annotation too, and keeps it', () => {
  assert.deepEqual(change(aStored(), { storageClassName: 'fast' }), []);
  assert.match(change(aStored({ storageClassName: 'slow' }), { storageClassName: 'fast' }).join(), /^spec: Forbidden/);
  const key = 'volume.beta.kubernetes.io/storage-class';
  const annotated = aStored({}, { annotations: { [key]: 'fast' } });
  assert.deepEqual(change(annotated, { storageClassName: 'fast' }, { annotations: {} }), []);
  assert.deepEqual(change(annotated, {}, { annotations: { [key]: 'slow' } }), [
    `metadata.annotations[${key}]: Invalid value: "slow": field is immutable`,
  ]);
});

test('[STG3] the attributes class of a claim changes but does not go', () => {
  assert.deepEqual(change(aStored(), { volumeAttributesClassName: 'gold' }), []);
  const gold = aStored({ volumeAttributesClassName: 'gold' });
  assert.deepEqual(change(gold, { volumeAttributesClassName: 'silver' }), []);
  const { volumeAttributesClassName: _gone, ...spec } = gold.spec;
  assert.deepEqual(updateErrors(PersistentVolumeClaim, { stored: gold, next: { ...gold, spec } }), [
    'spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden',
  ]);
});

test('[STG4] reported amounts are not negative and of known resources', () => {
  const report = (status: Status): readonly string[] =>
    texts(PersistentVolumeClaim.validateStatusUpdate(aStored({}, {}, status), aStored()));
  assert.deepEqual(report({ capacity: { storage: '-1' } }), [
    'status.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
  ]);
  assert.deepEqual(report({ allocatedResources: { cpu: '1' } }), [
    'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
  ]);
  assert.deepEqual(report({ allocatedResourceStatuses: { storage: 'NodeResizePending' } }), []);
});

test('[STG5] the table shows capacity and modes of a bound claim', () => {
  const row = (claim: PersistentVolumeClaim): readonly unknown[] =>
    PersistentVolumeClaim.columns.map(({ cell }) => cell(claim, Date.parse('2026-01-01T00:05:00Z')));
  const names = PersistentVolumeClaim.columns.map(({ name, priority }) => (priority === 1 ? `(${name})` : name));
  assert.deepEqual(names, [
    'Name',
    'Status',
    'Volume',
    'Capacity',
    'Access Modes',
    'StorageClass',
    'VolumeAttributesClass',
    'Age',
    '(VolumeMode)',
  ]);
  assert.deepEqual(row(aStored()), ['data', 'Pending', '', '', '', '', '<unset>', '5m', 'Filesystem']);
  const status: Status = {
    phase: 'Bound',
    capacity: { storage: '1024Mi' },
    accessModes: ['ReadOnlyMany', 'ReadWriteOnce'],
  };
  const bound = aStored({ volumeName: 'pv1', storageClassName: 'fast' }, {}, status);
  assert.deepEqual(row(bound), ['data', 'Bound', 'pv1', '1Gi', 'RWO,ROX', 'fast', '<unset>', '5m', 'Filesystem']);
  assert.equal(row(aStored({}, { deletionTimestamp: '2026-01-01T00:01:00Z' }))[1], 'Terminating');
});

test('[STG6] a claim that names its class by annotation or asks for a part of a byte is told', () => {
  const key = 'volume.beta.kubernetes.io/storage-class';
  const claim = aClaim({ resources: { requests: { storage: '1500m' } } }, { annotations: { [key]: 'fast' } });
  assert.deepEqual(create(PersistentVolumeClaim, claim).warnings, [
    `metadata.annotations[${key}]: deprecated since v1.8; use "storageClassName" attribute instead`,
    'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
  ]);
});
