import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '#base/deep-freeze';
import { create, newMeta, updateErrors } from '#test/builders/kinds';
import type { ObjectMeta } from '../types/meta-v1.ts';
import { PersistentVolume } from './persistent-volume.ts';

type Spec = PersistentVolume['spec'];

const SPEC: Spec = { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } };
const HOST_PATH: Spec = { hostPath: { path: '/srv/data' } };
const CSI = { driver: 'disk.example.com', volumeHandle: '1' };

const aVolume = (spec: Spec = HOST_PATH, metadata: Partial<ObjectMeta> = {}): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { ...newMeta('pv1'), ...metadata },
  spec: { ...SPEC, ...spec },
});

const aStored = (spec: Spec = HOST_PATH): PersistentVolume =>
  deepFreeze(create(PersistentVolume, aVolume(spec)).object);

test('[STG10] a new volume is pending, kept, a file system, and its source is complete', () => {
  const { object, errors } = create(PersistentVolume, { ...aVolume(), status: { phase: 'Bound' } });
  assert.deepEqual(errors, []);
  assert.deepEqual(object.status, {
    phase: 'Pending',
    lastPhaseTransitionTime: object.metadata.creationTimestamp,
  });
  const { persistentVolumeReclaimPolicy, volumeMode, hostPath } = object.spec;
  assert.deepEqual(
    [persistentVolumeReclaimPolicy, volumeMode, hostPath],
    ['Retain', 'Filesystem', { path: '/srv/data', type: '' }],
  );
  const defaulted = PersistentVolume.applyDefaults(object);
  assert.deepEqual(defaulted, object);
});

const NODE_TERMS = { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'Exists' }] }] } };

const REFUSALS: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['nothing', {}, ['spec: Required value: must specify a volume type']],
  ['no modes', { ...HOST_PATH, accessModes: [] }, ['spec.accessModes: Required value']],
  [
    'another capacity',
    { ...HOST_PATH, capacity: { cpu: '1' } },
    ['spec.capacity: Unsupported value: {"cpu":"1"}: supported values: "storage"'],
  ],
  [
    'no capacity',
    { ...HOST_PATH, capacity: {} },
    ['spec.capacity: Required value', 'spec.capacity: Unsupported value: {}: supported values: "storage"'],
  ],
  [
    'an empty capacity',
    { ...HOST_PATH, capacity: { storage: '0' } },
    ['spec.capacity[storage]: Invalid value: "0": must be greater than zero'],
  ],
  [
    'an unknown policy',
    { ...HOST_PATH, persistentVolumeReclaimPolicy: 'Sell' },
    ['spec.persistentVolumeReclaimPolicy: Unsupported value: "Sell": supported values: "Delete", "Recycle", "Retain"'],
  ],
  [
    'two sources',
    { ...HOST_PATH, nfs: { server: 'files', path: '/' } },
    ['spec.nfs: Forbidden: may not specify more than 1 volume type'],
  ],
  [
    'a path upwards',
    { hostPath: { path: '/a/../b' } },
    [`spec.hostPath.path: Invalid value: "/a/../b": must not contain '..'`],
  ],
  [
    'a local path on no node',
    { local: { path: '/disks/1' } },
    ['spec.nodeAffinity: Required value: Local volume requires node affinity'],
  ],
  [
    'an affinity without terms',
    { ...HOST_PATH, nodeAffinity: {} },
    ['spec.nodeAffinity.required: Required value: must specify required node constraints'],
  ],
  [
    'a root to recycle',
    { hostPath: { path: '//' }, persistentVolumeReclaimPolicy: 'Recycle' },
    ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
  ],
  [
    'a driver without a volume',
    {
      csi: {
        driver: 'disk.example.com',
        volumeHandle: '',
        nodeStageSecretRef: { name: 'x' },
        nodePublishSecretRef: {},
      },
    },
    [
      'spec.csi.volumeHandle: Required value',
      'spec.csi.nodePublishSecretRef.name: Required value',
      'spec.csi.nodePublishSecretRef.namespace: Required value',
    ],
  ],
  ['a disk without a name', { gcePersistentDisk: { pdName: '' } }, ['spec.persistentDisk.pdName: Required value']],
  [
    'an attributes class without a driver',
    { ...HOST_PATH, volumeAttributesClassName: 'gold' },
    ['spec.csi: Required value: has to be specified when using volumeAttributesClassName'],
  ],
];

for (const [what, spec, expected] of REFUSALS)
  test(`[STG11] a volume of ${what} is refused`, () => {
    assert.deepEqual(create(PersistentVolume, aVolume(spec)).errors, expected);
  });

test('[STG11] a local volume with its nodes is accepted', () => {
  const local: Spec = { local: { path: '/disks/1' }, nodeAffinity: NODE_TERMS };
  assert.deepEqual(create(PersistentVolume, aVolume(local)).errors, []);
});

const change = (stored: PersistentVolume, spec: Spec): readonly string[] =>
  updateErrors(PersistentVolume, { stored, next: { ...stored, spec: { ...stored.spec, ...spec } } });

test('[STG12] the source of a volume stays', () => {
  assert.deepEqual(change(aStored(), { hostPath: { path: '/srv/other' } }), [
    [
      'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
      '  PersistentVolumeSource{',
      '-   hostPath: {"path":"/srv/data","type":""}',
      '+   hostPath: {"path":"/srv/other","type":""}',
      '  }',
    ].join('\n'),
  ]);
  assert.deepEqual(change(aStored(), { persistentVolumeReclaimPolicy: 'Delete', claimRef: { name: 'data' } }), []);
});

test('[STG12] a volume gains nodes and a secret to be expanded with, and keeps nodes and mode', () => {
  assert.deepEqual(change(aStored(), { nodeAffinity: NODE_TERMS }), []);
  assert.deepEqual(change(aStored(), { volumeMode: 'Block' }), [
    'volumeMode: Invalid value: "Block": field is immutable',
  ]);
  const bound = aStored({ ...HOST_PATH, nodeAffinity: NODE_TERMS });
  const { nodeAffinity: _gone, ...spec } = bound.spec;
  assert.deepEqual(updateErrors(PersistentVolume, { stored: bound, next: { ...bound, spec } }), [
    'nodeAffinity: Invalid value: null: field is immutable',
  ]);
  const secret = { name: 'key', namespace: 'kube-system' };
  const withSecret = { csi: { ...CSI, controllerExpandSecretRef: secret } };
  assert.deepEqual(change(aStored({ csi: CSI }), withSecret), []);
  assert.match(change(aStored(withSecret), { csi: CSI }).join(), /^spec\.persistentvolumesource: Forbidden/);
});

test('[STG13] the table shows what a volume is and who has it', () => {
  const now = Date.parse('2026-01-01T00:05:00Z');
  const claimRef = { namespace: 'shop', name: 'data' };
  const volume: PersistentVolume = {
    ...aStored({ ...HOST_PATH, claimRef }),
    status: { phase: 'Bound', reason: 'why' },
  };
  assert.deepEqual(
    PersistentVolume.columns.map(({ name, cell, priority }) => [name, cell(volume, now), priority]),
    [
      ['Name', 'pv1', 0],
      ['Capacity', '1Gi', 0],
      ['Access Modes', 'RWO', 0],
      ['Reclaim Policy', 'Retain', 0],
      ['Status', 'Bound', 0],
      ['Claim', 'shop/data', 0],
      ['StorageClass', '', 0],
      ['VolumeAttributesClass', '<unset>', 0],
      ['Reason', 'why', 0],
      ['Age', '5m', 0],
      ['VolumeMode', 'Filesystem', 1],
    ],
  );
});

test('[STG14] the author of a volume hears what is outdated of it', () => {
  const key = 'volume.beta.kubernetes.io/storage-class';
  const nodeSelectorTerms = [{ matchExpressions: [{ key: 'beta.kubernetes.io/os', operator: 'Exists' }] }];
  const spec: Spec = {
    rbd: { monitors: ['m'], image: 'i' },
    persistentVolumeReclaimPolicy: 'Recycle',
    nodeAffinity: { required: { nodeSelectorTerms } },
  };
  assert.deepEqual(create(PersistentVolume, aVolume(spec, { annotations: { [key]: 'fast' } })).warnings, [
    `metadata.annotations[${key}]: deprecated since v1.8; use "storageClassName" attribute instead`,
    'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    'spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead',
    'spec.rbd: deprecated in v1.28, non-functional in v1.31+',
  ]);
});
