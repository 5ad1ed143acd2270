/** Which nodes a pod's volumes leave open. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim, Volume } from '#api/types/core-v1';
import type { StorageView } from '../snapshot/storage-view.ts';
import { aNode } from '#test/builders/nodes';
import { aClusterState, aPodOn, nodesFor, waiting } from '#test/builders/scheduling';
import { nodeVolumeLimits } from './node-volume-limits.ts';
import { volumeRestrictions } from './volume-restrictions.ts';
import { volumeZone } from './volume-zone.ts';

const ZONE = 'topology.kubernetes.io/zone';

type Stored = {
  readonly labels?: Readonly<Record<string, string>>;
  readonly handle?: string;
  readonly mode?: string;
  /** Without a volume yet. */
  readonly isOpen?: true;
};

/** Claims by name, each with a volume of the driver `csi`; the nodes take so many volumes. */
function aStorage(
  claims: Readonly<Record<string, Stored>>,
  limits: Readonly<Record<string, number>> = {},
): StorageView {
  return {
    claim: (namespace, name) => {
      const stored = claims[name];
      if (stored === undefined) return undefined;
      const { mode = 'ReadWriteOnce', isOpen } = stored;
      const spec = { accessModes: [mode], storageClassName: 'made', ...(isOpen ? {} : { volumeName: `pv-${name}` }) };
      const claim: PersistentVolumeClaim = {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name, namespace },
        spec,
      } as never;
      return claim;
    },
    volume: (name) => {
      const { labels = {}, handle = name } = claims[name.replace('pv-', '')] ?? {};
      const volume: PersistentVolume = {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name, labels },
        spec: { csi: { driver: 'csi', volumeHandle: handle } },
      } as never;
      return volume;
    },
    storageClass: (name) =>
      ({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name }, provisioner: 'csi' }) as never,
    csiNode: (name) =>
      limits[name] === undefined
        ? undefined
        : ({
            metadata: { name },
            spec: { drivers: [{ name: 'csi', nodeID: name, allocatable: { count: limits[name] } }] },
          } as never),
  };
}

const claiming = (...claims: readonly string[]) => ({
  volumes: claims.map((claimName): Volume => ({ name: claimName, persistentVolumeClaim: { claimName } })),
});
const nodes = [
  aNode({ name: 'a', labels: { [ZONE]: 'x' } }),
  aNode({ name: 'b', labels: { [ZONE]: 'y' } }),
  aNode({ name: 'c' }),
];

test('[PLG14] volumes keep pods in their zones; nodes that say nothing of theirs may be there', () => {
  const storage = aStorage({ data: { labels: { 'failure-domain.beta.kubernetes.io/zone': 'y__z' } }, free: {} });
  const state = aClusterState({ nodes, storage });
  assert.deepEqual(nodesFor(state, waiting(claiming('data')), [volumeZone]), ['b', 'c']);
  assert.deepEqual(nodesFor(state, waiting(claiming('free')), [volumeZone]), ['a', 'b', 'c']);
  assert.equal(
    nodesFor(aClusterState({ nodes: nodes.slice(0, 1), storage }), waiting(claiming('data')), [volumeZone]),
    '0/1 nodes are available: 1 node(s) had no available volume zone.',
  );
});

const using = (volume: Omit<Volume, 'name'>) => ({ volumes: [{ name: 'disk', ...volume }] });
const rbd = (monitors: readonly string[], readOnly: boolean) =>
  using({ rbd: { monitors, pool: 'p', image: 'i', readOnly } });
const iscsi = (readOnly: boolean) => using({ iscsi: { targetPortal: 't', iqn: 'q', lun: 0, readOnly } });

test('[PLG15] a disk in use keeps others away, unless both only read it', () => {
  const cases = [
    [
      using({ gcePersistentDisk: { pdName: 'd' } }),
      using({ gcePersistentDisk: { pdName: 'd', readOnly: true } }),
      false,
    ],
    [
      using({ gcePersistentDisk: { pdName: 'd', readOnly: true } }),
      using({ gcePersistentDisk: { pdName: 'd', readOnly: true } }),
      true,
    ],
    [
      using({ awsElasticBlockStore: { volumeID: 'v', readOnly: true } }),
      using({ awsElasticBlockStore: { volumeID: 'v', readOnly: true } }),
      false,
    ],
    [iscsi(true), iscsi(false), false],
    [iscsi(true), iscsi(true), true],
    [rbd(['m', 'n'], false), rbd(['n'], false), false],
    [rbd(['m'], false), rbd(['n'], false), true],
  ] as const;
  for (const [there, wanted, fits] of cases) {
    const state = aClusterState({ nodes: [aNode({ name: 'a' })], pods: [aPodOn('a', 'other', { spec: there })] });
    const expected = fits ? ['a'] : '0/1 nodes are available: 1 node(s) had no available disk.';
    assert.deepEqual(nodesFor(state, waiting(wanted), [volumeRestrictions]), expected);
  }
});

test('[PLG15] a claim that only one pod may have is free when that pod is gone', () => {
  const state = aClusterState({
    nodes,
    pods: [aPodOn('a', 'other', { spec: claiming('data') })],
    storage: aStorage({ data: { mode: 'ReadWriteOncePod' } }),
  });
  const pod = waiting(claiming('data'));
  assert.equal(
    nodesFor(state, pod, [volumeRestrictions]),
    '0/3 nodes are available: 3 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode.',
  );
  state.removePod('uid-of-other');
  assert.deepEqual(nodesFor(state, pod, [volumeRestrictions]), ['a', 'b', 'c']);
});

test('[PLG16] drivers attach so many volumes to a node, each of them once', () => {
  const storage = aStorage({ one: {}, two: {}, same: { handle: 'pv-one' }, later: { isOpen: true } }, { a: 1, b: 2 });
  const pods = [aPodOn('a', 'on-a', { spec: claiming('one') }), aPodOn('b', 'on-b', { spec: claiming('one') })];
  const state = aClusterState({ nodes: nodes.slice(0, 2), pods, storage });
  const tried = (...claims: readonly string[]) => nodesFor(state, waiting(claiming(...claims)), [nodeVolumeLimits]);
  assert.deepEqual(tried('one'), ['a', 'b']);
  assert.deepEqual(tried('same'), ['a', 'b']);
  assert.deepEqual(tried('two'), ['b']);
  assert.deepEqual(tried('later'), ['b']);
  assert.equal(tried('two', 'later'), '0/2 nodes are available: 2 node(s) exceed max volume count.');
});
