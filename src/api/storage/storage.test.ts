import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '#base/deep-freeze';
import { create, newMeta, texts, updateErrors } from '#test/builders/kinds';
import type { ApiObject } from '../object.ts';
import type { ResourceDefinition } from '../resource.ts';
import { CSIDriver } from './csi-driver.ts';
import { CSINode } from './csi-node.ts';
import { CSIStorageCapacity } from './csi-storage-capacity.ts';
import { StorageClass } from './storage-class.ts';
import { VolumeAttachment } from './volume-attachment.ts';
import { VolumeAttributesClass } from './volume-attributes-class.ts';

const NOW_MS = Date.parse('2026-01-01T00:05:00Z');

const cellsOf = <T extends ApiObject>(definition: ResourceDefinition<T>, object: T): readonly unknown[] =>
  definition.columns.map(({ cell }) => cell(object, NOW_MS));
const namesOf = <T extends ApiObject>(definition: ResourceDefinition<T>): readonly string[] =>
  definition.columns.map(({ name }) => name);

type Head = 'apiVersion' | 'kind' | 'metadata';

/** An object of a kind as a client sends it. */
const anObject = <T extends ApiObject>({ apiVersion, kind }: ResourceDefinition<T>, rest: Omit<T, Head>): T =>
  ({ apiVersion, kind, metadata: newMeta('fast'), ...rest }) as unknown as T;

const aClass = (rest: Partial<StorageClass> = {}): StorageClass =>
  anObject(StorageClass, { provisioner: 'example.com/disk', ...rest });

test('[STG20] a class deletes and binds at once unless it says otherwise, and stays as it is', () => {
  const { object, errors } = create(StorageClass, aClass());
  assert.deepEqual([errors, object.reclaimPolicy, object.volumeBindingMode], [[], 'Delete', 'Immediate']);
  assert.deepEqual(StorageClass.applyDefaults(object), object);
  const next = aClass({
    provisioner: 'example.com/other',
    parameters: { a: 'b' },
    reclaimPolicy: 'Retain',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  assert.deepEqual(updateErrors(StorageClass, { stored: deepFreeze(object), next }), [
    'parameters: Forbidden: updates to parameters are forbidden.',
    'provisioner: Forbidden: updates to provisioner are forbidden.',
    'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.',
    'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
  ]);
  assert.deepEqual(
    updateErrors(StorageClass, { stored: object, next: aClass({ allowVolumeExpansion: true, mountOptions: ['ro'] }) }),
    [],
  );
});

const inZones = (...values: readonly string[]) => ({ matchLabelExpressions: [{ key: 'zone', values }] });

const CLASSES: readonly (readonly [string, Partial<StorageClass>, readonly string[]])[] = [
  ['no provisioner', { provisioner: '' }, ['provisioner: Required value']],
  [
    'a policy of volumes only',
    { reclaimPolicy: 'Recycle' },
    ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"'],
  ],
  [
    'another mode',
    { volumeBindingMode: 'Later' },
    ['volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"'],
  ],
  ['an empty parameter', { parameters: { '': 'x' } }, ['parameters: Invalid value: "": field can not be empty.']],
  [
    'too many parameters',
    { parameters: Object.fromEntries(Array.from({ length: 513 }, (_, index) => [`p${index}`, ''])) },
    ['parameters: Too long: may not be more than 512 bytes'],
  ],
  [
    'too long parameters',
    { parameters: { p: 'x'.repeat(256 * 1024) } },
    ['parameters: Too long: may not be more than 262144 bytes'],
  ],
  [
    'a topology of nothing',
    { allowedTopologies: [{}] },
    ['allowedTopologies[0].matchLabelExpressions: Required value'],
  ],
  [
    'a topology without values',
    { allowedTopologies: [inZones()] },
    ['allowedTopologies[0].matchLabelExpressions[0].values: Required value'],
  ],
  [
    'a value twice',
    { allowedTopologies: [inZones('a', 'a')] },
    ['allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"'],
  ],
  [
    'a topology twice',
    { allowedTopologies: [inZones('a', 'b'), inZones('b', 'a')] },
    ['allowedTopologies[1].matchLabelExpressions: Duplicate value: ""'],
  ],
];

for (const [what, rest, expected] of CLASSES)
  test(`[STG21] a class with ${what} is refused`, () => {
    assert.deepEqual(create(StorageClass, aClass(rest)).errors, expected);
  });

test('[STG22] the table marks the default class', () => {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const marked = { ...create(StorageClass, aClass()).object, metadata: { ...newMeta('fast'), annotations } };
  assert.deepEqual(namesOf(StorageClass), [
    'Name',
    'Provisioner',
    'ReclaimPolicy',
    'VolumeBindingMode',
    'AllowVolumeExpansion',
    'Age',
  ]);
  assert.deepEqual(cellsOf(StorageClass, marked), [
    'fast (default)',
    'example.com/disk',
    'Delete',
    'Immediate',
    false,
    '5m',
  ]);
});

test('[STG22] the author of a class hears of outdated labels', () => {
  const allowedTopologies = [
    { matchLabelExpressions: [{ key: 'failure-domain.beta.kubernetes.io/zone', values: ['a'] }] },
  ];
  assert.deepEqual(create(StorageClass, aClass({ allowedTopologies })).warnings, [
    'allowedTopologies[0].matchLabelExpressions[0].key: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  ]);
});

const someAttributes = (rest: Partial<VolumeAttributesClass> = {}): VolumeAttributesClass =>
  anObject(VolumeAttributesClass, { driverName: 'disk.example.com', parameters: { iops: '100' }, ...rest });

test('[STG24] an attributes class has settings for a driver and keeps both', () => {
  const { object, errors } = create(VolumeAttributesClass, someAttributes());
  assert.deepEqual(errors, []);
  assert.deepEqual(create(VolumeAttributesClass, someAttributes({ parameters: {}, driverName: '' })).errors, [
    'driverName: Required value',
    'parameters: Required value: must contain at least one key/value pair',
  ]);
  const next = someAttributes({ driverName: 'other.example.com', parameters: { iops: '200' } });
  assert.deepEqual(updateErrors(VolumeAttributesClass, { stored: object, next }), [
    'driverName: Forbidden: updates to driverName are forbidden.',
    'parameters: Forbidden: updates to parameters are forbidden.',
  ]);
  assert.deepEqual(cellsOf(VolumeAttributesClass, object), ['fast', 'disk.example.com', '5m']);
});

const aDriver = (spec: CSIDriver['spec'] = {}): CSIDriver => anObject(CSIDriver, { spec });

test('[STG25] a driver attaches and mounts persistent volumes unless it says otherwise', () => {
  const { object, errors } = create(CSIDriver, aDriver());
  assert.deepEqual(errors, []);
  assert.deepEqual(object.spec, {
    attachRequired: true,
    podInfoOnMount: false,
    storageCapacity: false,
    fsGroupPolicy: 'ReadWriteOnceWithFSType',
    volumeLifecycleModes: ['Persistent'],
    requiresRepublish: false,
    seLinuxMount: false,
  });
  const next = aDriver({ attachRequired: false, volumeLifecycleModes: ['Ephemeral'], podInfoOnMount: true });
  assert.deepEqual(updateErrors(CSIDriver, { stored: object, next }), [
    'spec.attachedRequired: Invalid value: false: field is immutable',
    'spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable',
  ]);
});

test('[STG25] what a driver asks for is well-formed', () => {
  const spec: CSIDriver['spec'] = {
    fsGroupPolicy: 'Sometimes',
    volumeLifecycleModes: ['Eternal'],
    nodeAllocatableUpdatePeriodSeconds: 5,
    tokenRequests: [
      { audience: '', expirationSeconds: 10 },
      { audience: '' },
      { audience: 'a', expirationSeconds: 2 ** 33 },
    ],
  };
  assert.deepEqual(create(CSIDriver, aDriver(spec)).errors, [
    'spec.fsGroupPolicy: Unsupported value: "Sometimes": supported values: "File", "None", "ReadWriteOnceWithFSType"',
    'spec.tokenRequests[0].expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes',
    'spec.tokenRequests[1].audience: Duplicate value: ""',
    'spec.tokenRequests[2].expirationSeconds: Invalid value: 8589934592: may not specify a duration larger than 2^32 seconds',
    'spec.volumeLifecycleModes: Unsupported value: "Eternal": supported values: "Persistent", "Ephemeral"',
    'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 5: must be greater than or equal to 10 seconds',
  ]);
});

const DRIVER = { name: 'disk.example.com', nodeID: 'n1' };
const aNode = (...drivers: CSINode['spec']['drivers']): CSINode => anObject(CSINode, { spec: { drivers } });

test('[STG26] the drivers of a node are well-formed and stay', () => {
  const { object, errors } = create(CSINode, aNode({ ...DRIVER, topologyKeys: ['zone'] }));
  assert.deepEqual(errors, []);
  const wrong = aNode(
    { ...DRIVER, nodeID: '', allocatable: { count: -1 } },
    { ...DRIVER, nodeID: 'x'.repeat(257), topologyKeys: ['zone', 'zone'] },
  );
  assert.deepEqual(create(CSINode, wrong).errors, [
    'spec.drivers[0].nodeID: Required value',
    'spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
    `spec.drivers[1].nodeID: Invalid value: "${'x'.repeat(257)}": must be 256 characters or less`,
    'spec.drivers[1].name: Duplicate value: "disk.example.com"',
    'spec.drivers[1]: Duplicate value: "zone"',
  ]);
  const change = (driver: object): readonly string[] =>
    updateErrors(CSINode, { stored: object, next: aNode({ ...DRIVER, topologyKeys: ['zone'], ...driver }) });
  assert.deepEqual(change({ allocatable: { count: 3 } }), []);
  assert.deepEqual(change({ nodeID: 'n2' }), [
    'spec.drivers: Invalid value: {"name":"disk.example.com","nodeID":"n2","topologyKeys":["zone"]}: field is immutable',
  ]);
});

const aCapacity = (rest: Partial<CSIStorageCapacity> = {}): CSIStorageCapacity =>
  anObject(CSIStorageCapacity, { storageClassName: 'fast', ...rest });

test('[STG27] a capacity is of one class in one place, and not negative', () => {
  const stored = create(CSIStorageCapacity, aCapacity({ capacity: '1024Mi' })).object;
  assert.deepEqual(create(CSIStorageCapacity, aCapacity({ capacity: '-1' })).errors, [
    'capacity: Invalid value: "-1": must be greater than or equal to 0',
  ]);
  const nodeTopology = { matchLabels: { 'beta.kubernetes.io/os': 'linux' } };
  const moved = aCapacity({ storageClassName: 'slow', nodeTopology });
  assert.deepEqual(updateErrors(CSIStorageCapacity, { stored, next: moved }), [
    'nodeTopology: Invalid value: {"matchLabels":{"beta.kubernetes.io/os":"linux"}}: field is immutable',
    'storageClassName: Invalid value: "slow": field is immutable',
  ]);
  assert.deepEqual(create(CSIStorageCapacity, moved).warnings, [
    'nodeTopology.matchLabels.beta.kubernetes.io/os: deprecated since v1.14; use "kubernetes.io/os" instead',
  ]);
  assert.deepEqual(updateErrors(CSIStorageCapacity, { stored, next: aCapacity({ capacity: '1' }) }), []);
});

const SPEC: VolumeAttachment['spec'] = {
  attacher: 'disk.example.com',
  nodeName: 'n1',
  source: { persistentVolumeName: 'pv1' },
};
const anAttachment = (spec: Partial<VolumeAttachment['spec']> = {}): VolumeAttachment =>
  anObject(VolumeAttachment, { spec: { ...SPEC, ...spec } });

const INLINE = { accessModes: ['ReadWriteOnce'], csi: { driver: 'disk.example.com', volumeHandle: '1' } };

test('[STG28] an attachment starts detached and never changes', () => {
  const sent: VolumeAttachment = { ...anAttachment(), status: { attached: true } };
  const { object, errors } = create(VolumeAttachment, sent);
  assert.deepEqual([errors, object.status], [[], { attached: false }]);
  const next = anAttachment({ nodeName: 'n2' });
  assert.deepEqual(updateErrors(VolumeAttachment, { stored: deepFreeze(object), next }), [
    `spec: Invalid value: ${JSON.stringify(next.spec)}: field is immutable`,
  ]);
});

test('[STG28] an attachment names one volume or describes one without a claim', () => {
  const refusals = (spec: Partial<VolumeAttachment['spec']>): readonly string[] =>
    create(VolumeAttachment, anAttachment(spec)).errors;
  const one = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  assert.deepEqual(refusals({ source: {} }), [`spec.source: Required value: ${one}`]);
  assert.deepEqual(refusals({ source: { persistentVolumeName: 'a', inlineVolumeSpec: INLINE } }), [
    `spec.source: Forbidden: ${one}`,
  ]);
  assert.deepEqual(refusals({ source: { persistentVolumeName: '' } }), [
    'spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName',
  ]);
  assert.deepEqual(refusals({ source: { inlineVolumeSpec: INLINE } }), []);
  const claimed = {
    accessModes: ['ReadWriteOnce'],
    hostPath: { path: '/a' },
    capacity: { storage: '1' },
    claimRef: { name: 'a' },
    volumeMode: 'Block',
    persistentVolumeReclaimPolicy: 'Delete',
  };
  const field = 'spec.source.inlineVolumeSpec';
  const why = 'in the context of inline volumes';
  assert.deepEqual(refusals({ source: { inlineVolumeSpec: claimed } }), [
    `${field}.claimRef: Forbidden: may not be specified ${why}`,
    `${field}.capacity: Forbidden: may not be specified ${why}`,
    `${field}.csi: Required value: has to be specified ${why}`,
    `${field}.persistentVolumeReclaimPolicy: Forbidden: may only be Retain ${why}`,
    `${field}.volumeMode: Forbidden: may not specify volumeMode other than Filesystem ${why}`,
  ]);
});

test('[STG28] what is reported of an attachment is not endless', () => {
  const { object } = create(VolumeAttachment, anAttachment());
  const status = { attached: false, attachError: { message: 'x'.repeat(1025), errorCode: -1 } };
  assert.deepEqual(texts(VolumeAttachment.validateStatusUpdate({ ...object, status }, object)), [
    'status.attachError.message: Too long: may not be more than 262144 bytes',
    'status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ]);
});

test('[STG29] tables show drivers, nodes, capacities and attachments', () => {
  const { object: driver } = create(CSIDriver, aDriver({ tokenRequests: [{ audience: 'a' }, { audience: 'b' }] }));
  assert.deepEqual(namesOf(CSIDriver), [
    'Name',
    'AttachRequired',
    'PodInfoOnMount',
    'StorageCapacity',
    'TokenRequests',
    'RequiresRepublish',
    'Modes',
    'Age',
  ]);
  assert.deepEqual(cellsOf(CSIDriver, driver), ['fast', true, false, false, 'a,b', false, 'Persistent', '5m']);
  assert.deepEqual(cellsOf(CSIDriver, create(CSIDriver, aDriver()).object)[4], '<unset>');
  assert.deepEqual(cellsOf(CSINode, aNode(DRIVER)), ['fast', 1, '5m']);
  assert.deepEqual(namesOf(CSIStorageCapacity), ['Name', 'StorageClassName', 'Capacity']);
  assert.deepEqual(cellsOf(CSIStorageCapacity, aCapacity({ capacity: '1024Mi' })), ['fast', 'fast', '1Gi']);
  assert.deepEqual(cellsOf(CSIStorageCapacity, aCapacity()), ['fast', 'fast', '<unset>']);
  assert.deepEqual(namesOf(VolumeAttachment), ['Name', 'Attacher', 'PV', 'Node', 'Attached', 'Age']);
  assert.deepEqual(cellsOf(VolumeAttachment, anAttachment()), ['fast', 'disk.example.com', 'pv1', 'n1', false, '5m']);
});
