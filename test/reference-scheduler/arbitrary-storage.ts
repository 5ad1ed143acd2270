/** Random storage, and pods that claim it, few enough of each for them to meet often. */
import fc from 'fast-check';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '#api/types/core-v1';
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass } from '#api/types/storage-v1';
import type { ObjectMeta } from '#api/types/meta-v1';
import { maybe } from './arbitrary-pods.ts';

export const NODES = ['n1', 'n2', 'n3', 'n4'];
const NAMESPACES = ['default', 'red'];
// The last is that of a volume of a pod's own.
const CLAIMS = ['c1', 'c2', 'c3', 'c4', 'incoming-volume-0'];
const VOLUMES = ['v1', 'v2', 'v3', 'v4', 'v5'];
const DRIVER = 'csi.example.com';
const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';

/** Without what chance left out. */
const dense = (all: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));

const meta = (name: string, namespace?: string): ObjectMeta => ({
  name,
  uid: `uid-of-${namespace ?? ''}-${name}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
  ...(namespace === undefined ? {} : { namespace }),
});

const madeIn = (...values: readonly string[]) => [{ matchLabelExpressions: [{ key: ZONE, values }] }];

export const CLASSES: readonly StorageClass[] = [
  { metadata: meta('now'), provisioner: DRIVER, volumeBindingMode: 'Immediate' },
  { metadata: meta('later'), provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' },
  { metadata: meta('made'), provisioner: DRIVER, volumeBindingMode: 'WaitForFirstConsumer' },
  {
    metadata: meta('made-in-a'),
    provisioner: DRIVER,
    volumeBindingMode: 'WaitForFirstConsumer',
    allowedTopologies: madeIn('a', 'z'),
  },
  {
    metadata: meta('made-nowhere'),
    provisioner: DRIVER,
    volumeBindingMode: 'WaitForFirstConsumer',
    allowedTopologies: [{}],
  },
].map((each) => ({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', ...each }) as StorageClass);

const storageClassName = fc.constantFrom('now', 'later', 'later', 'later', 'made', 'made-in-a', 'made-nowhere', '');

export const node: fc.Arbitrary<Node> = fc
  .record({
    name: fc.constantFrom(...NODES),
    zone: maybe(fc.constantFrom('a', 'b'), 80),
    region: maybe(fc.constantFrom('r', 's'), 25),
    isFull: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ name, zone, region, isFull }) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { ...meta(name), labels: dense({ 'kubernetes.io/hostname': name, [ZONE]: zone, [REGION]: region }) },
    spec: {},
    status: { allocatable: { cpu: isFull === 0 ? '0' : '8', memory: '8Gi', pods: '110' } },
  })) as unknown as fc.Arbitrary<Node>;

export const csiNode: fc.Arbitrary<CSINode> = fc
  .record({ name: fc.constantFrom(...NODES), count: maybe(fc.integer({ min: 0, max: 3 }), 80) })
  .map(({ name, count }) => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: meta(name),
    spec: { drivers: [{ name: DRIVER, nodeID: name, ...(count === undefined ? {} : { allocatable: { count } }) }] },
  }));

/** Drivers that keep count, and say so or not. */
export const driver: fc.Arbitrary<CSIDriver> = fc.boolean().map((storageCapacity) => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSIDriver',
  metadata: meta(DRIVER),
  spec: { storageCapacity },
}));

const place = fc.constantFrom(
  { matchLabels: { [ZONE]: 'a' } },
  { matchLabels: { [ZONE]: 'b' } },
  { matchLabels: { [ZONE]: 'a', [REGION]: 'r' } },
  { matchExpressions: [{ key: ZONE, operator: 'NotIn', values: ['a'] }] },
  { matchLabels: { 'kubernetes.io/hostname': 'n1' }, matchExpressions: [{ key: ZONE, operator: 'Exists' }] },
  {},
);

export const capacity: fc.Arbitrary<CSIStorageCapacity> = fc
  .record({
    name: fc.constantFrom('k1', 'k2', 'k3'),
    namespace: fc.constantFrom(...NAMESPACES),
    storageClassName: fc.constantFrom('made', 'made', 'made-in-a', 'now'),
    nodeTopology: maybe(place, 90),
    capacity: maybe(fc.constantFrom('1Gi', '2Gi', '2147483647500m', '3Gi'), 90),
    maximumVolumeSize: maybe(fc.constantFrom('0', '1Gi', '3Gi'), 30),
  })
  .map(({ name, namespace, ...all }) => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIStorageCapacity',
    metadata: meta(name, namespace),
    ...dense(all),
  })) as unknown as fc.Arbitrary<CSIStorageCapacity>;

const within = (key: string, ...values: readonly string[]) => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values }] }] },
});

const claimRef = fc
  .record({ name: fc.constantFrom(...CLAIMS), namespace: fc.constantFrom(...NAMESPACES), how: fc.nat({ max: 2 }) })
  .map(({ name, namespace, how }) => {
    if (how === 0) return { name, namespace };
    return { name, namespace, uid: how === 1 ? `uid-of-${namespace}-${name}` : 'uid-of-another' };
  });

export const volume: fc.Arbitrary<PersistentVolume> = fc
  .record({
    name: fc.constantFrom(...VOLUMES),
    storage: fc.constantFrom('1Gi', '2Gi', '3Gi'),
    storageClassName,
    nodeAffinity: maybe(
      fc.constantFrom(within(ZONE, 'a'), within(ZONE, 'b'), within('kubernetes.io/hostname', 'n1', 'n2')),
      60,
    ),
    zone: maybe(fc.constantFrom('a', 'b', 'a__b'), 40),
    region: maybe(fc.constantFrom('r', 's'), 15),
    tier: maybe(fc.constant('fast')),
    claimRef: maybe(claimRef, 30),
    phase: fc.constantFrom('Available', 'Available', 'Available', 'Bound', 'Released'),
    isCsi: fc.boolean(),
    isGoing: fc.integer({ min: 0, max: 9 }),
    volumeMode: fc.constantFrom('Filesystem', 'Filesystem', 'Filesystem', 'Block'),
  })
  .map((all) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      ...meta(all.name),
      labels: dense({ [ZONE]: all.zone, [REGION]: all.region, tier: all.tier }),
      ...(all.isGoing === 0 ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: dense({
      accessModes: ['ReadWriteOnce', 'ReadWriteOncePod'],
      capacity: { storage: all.storage },
      storageClassName: all.storageClassName,
      nodeAffinity: all.nodeAffinity,
      claimRef: all.claimRef,
      volumeMode: all.volumeMode,
      ...(all.isCsi ? { csi: { driver: DRIVER, volumeHandle: all.name } } : { hostPath: { path: '/srv' } }),
    }),
    status: { phase: all.phase },
  })) as unknown as fc.Arbitrary<PersistentVolume>;

const claimStates = ['open', 'open', 'open', 'bound', 'bound', 'bound', 'prebound', 'told', 'lost', 'going'] as const;

export const claim: fc.Arbitrary<PersistentVolumeClaim> = fc
  .record({
    name: fc.constantFrom(...CLAIMS),
    namespace: fc.constantFrom(...NAMESPACES),
    storage: fc.constantFrom('1Gi', '2Gi', '3Gi'),
    storageClassName,
    mode: fc.constantFrom('ReadWriteOnce', 'ReadWriteOnce', 'ReadWriteOncePod'),
    state: fc.constantFrom(...claimStates),
    volumeName: fc.constantFrom(...VOLUMES),
    node: fc.constantFrom(...NODES),
    selector: maybe(fc.constant({ matchLabels: { tier: 'fast' } }), 25),
    volumeMode: fc.constantFrom('Filesystem', 'Filesystem', 'Filesystem', 'Block'),
    owner: maybe(fc.constantFrom('uid-of-incoming', 'uid-of-another'), 70),
  })
  .map(({ state, owner, ...all }) => {
    const isNamed = state === 'bound' || state === 'prebound' || state === 'lost';
    const annotations = dense({
      'pv.kubernetes.io/bind-completed': state === 'bound' ? 'yes' : undefined,
      'volume.kubernetes.io/selected-node': state === 'told' ? all.node : undefined,
    });
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        ...meta(all.name, all.namespace),
        annotations,
        ...(owner === undefined ? {} : { ownerReferences: [{ kind: 'Pod', name: 'p', uid: owner, controller: true }] }),
        ...(state === 'going' ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
      },
      spec: dense({
        accessModes: [all.mode],
        resources: { requests: { storage: all.storage } },
        storageClassName: all.storageClassName,
        volumeName: isNamed ? all.volumeName : undefined,
        selector: all.selector,
        volumeMode: all.volumeMode,
      }),
      status: { phase: state === 'lost' ? 'Lost' : 'Pending' },
    };
  }) as unknown as fc.Arbitrary<PersistentVolumeClaim>;

const readOnly = fc.boolean();
const disk = fc.oneof(
  fc.constantFrom('d1', 'd2').map((volumeID) => ({ awsElasticBlockStore: { volumeID } })),
  fc.record({ pdName: fc.constantFrom('d1', 'd2'), readOnly }).map((gcePersistentDisk) => ({ gcePersistentDisk })),
  fc
    .record({ iqn: fc.constantFrom('q1', 'q2'), targetPortal: fc.constant('p'), lun: fc.constant(0), readOnly })
    .map((iscsi) => ({ iscsi })),
  fc
    .record({
      monitors: fc.subarray(['m1', 'm2', 'm3'], { minLength: 1 }),
      image: fc.constantFrom('i1', 'i2'),
      pool: fc.constant('rbd'),
      readOnly,
    })
    .map((rbd) => ({ rbd })),
);
const claimed = fc.constantFrom(...CLAIMS).map((claimName) => ({ persistentVolumeClaim: { claimName } }));
const own = fc.constant({ ephemeral: { volumeClaimTemplate: { spec: {} } } });

/** Its name and node are given by whoever uses it. */
export const podWithVolumes: fc.Arbitrary<Pod> = fc
  .record({
    namespace: fc.constantFrom(...NAMESPACES),
    volumes: fc.array(
      fc.oneof({ weight: 6, arbitrary: claimed }, { weight: 2, arbitrary: disk }, { weight: 1, arbitrary: own }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ namespace, volumes }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...meta('incoming', namespace), uid: 'uid-of-incoming' },
    spec: {
      containers: [{ name: 'main', image: 'i', resources: { requests: { cpu: '1' } } }],
      volumes: volumes.map((each, index): Volume => ({ name: `volume-${index}`, ...each })),
    },
  }));
