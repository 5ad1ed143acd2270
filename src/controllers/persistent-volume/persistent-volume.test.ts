import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event } from '#api/core/event';
import { Node } from '#api/core/node';
import { PersistentVolume } from '#api/core/persistent-volume';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { Pod } from '#api/core/pod';
import { SELECTED_NODE } from '#api/core/volume/annotations';
import { HOSTNAME_LABEL, LOCAL_PROVISIONER, VOLUMES_DIRECTORY } from '#api/core/volume/local-volumes';
import { StorageClass } from '#api/storage/storage-class';
import type { ObjectMeta } from '#api/types/meta-v1';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { runControllers } from '../run-controllers.ts';

const NAMESPACE = 'shop';

type Storage = AsyncDisposable & {
  readonly cluster: TestCluster;
  volume(name: string, spec?: PersistentVolume['spec'], metadata?: Partial<ObjectMeta>): Promise<void>;
  claim(name: string, spec?: PersistentVolumeClaim['spec'], metadata?: Partial<ObjectMeta>): Promise<void>;
  storageClass(name: string, rest?: Partial<StorageClass>): Promise<void>;
  settle(): Promise<void>;
  /** `Bound pv1`. */
  claimState(name: string): Promise<string>;
  /** `Bound shop/data`. */
  volumeState(name: string): Promise<string>;
  /** Reason and message of each event about a claim or a volume. */
  told(name: string): Promise<readonly string[]>;
};

async function someStorage(): Promise<Storage> {
  const cluster = await aCluster({ namespaces: [NAMESPACE, 'default'] });
  const { client, world } = cluster;
  cluster.run((signal) => runControllers({ ...cluster, signal }));
  const settle = (): Promise<void> => world.advance(5_000);
  return {
    cluster,
    settle,
    async volume(name, spec = {}, metadata = {}) {
      const usual = {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        hostPath: { path: `/srv/${name}` },
      };
      await client.create(PersistentVolume, { metadata: { ...metadata, name }, spec: { ...usual, ...spec } });
      await settle();
    },
    async claim(name, spec = {}, metadata = {}) {
      const usual = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
      await client.create(PersistentVolumeClaim, {
        metadata: { ...metadata, namespace: NAMESPACE, name },
        spec: { ...usual, storageClassName: '', ...spec },
      });
      await settle();
    },
    async storageClass(name, rest = {}) {
      await client.create(StorageClass, { metadata: { name }, provisioner: 'example.com/disk', ...rest });
      await settle();
    },
    async claimState(name) {
      const { spec, status } = await client.get(PersistentVolumeClaim, { namespace: NAMESPACE, name });
      return `${status?.phase} ${spec.volumeName ?? ''}`.trim();
    },
    async volumeState(name) {
      const { spec, status } = await client.get(PersistentVolume, { name });
      const { claimRef } = spec;
      return `${status?.phase} ${claimRef === undefined ? '' : `${claimRef.namespace}/${claimRef.name}`}`.trim();
    },
    async told(name) {
      const { items } = await client.list(Event);
      const about = items.filter(({ involvedObject }) => involvedObject.name === name);
      return about.map(({ reason, message }) => `${reason}: ${message}`);
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

test('[STG40] a claim gets the smallest volume that fits, and both say so', async () => {
  await using storage = await someStorage();
  await storage.volume('large', { capacity: { storage: '5Gi' } });
  await storage.volume('small', { capacity: { storage: '512Mi' } });
  await storage.volume('right', { capacity: { storage: '2Gi' }, accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] });
  await storage.volume('other', { storageClassName: 'fast' });
  assert.equal(await storage.volumeState('right'), 'Available');
  await storage.claim('data');
  assert.deepEqual(
    [await storage.claimState('data'), await storage.volumeState('right'), await storage.volumeState('large')],
    ['Bound right', 'Bound shop/data', 'Available'],
  );
  const { status, metadata } = await storage.cluster.client.get(PersistentVolumeClaim, {
    namespace: NAMESPACE,
    name: 'data',
  });
  assert.deepEqual([status?.accessModes, status?.capacity], [['ReadWriteOnce', 'ReadOnlyMany'], { storage: '2Gi' }]);
  assert.deepEqual(metadata.annotations, {
    'pv.kubernetes.io/bind-completed': 'yes',
    'pv.kubernetes.io/bound-by-controller': 'yes',
  });
});

test('[STG40] a volume that is kept for a claim goes to that claim, and one with other labels to none that selects', async () => {
  await using storage = await someStorage();
  await storage.volume('kept', { claimRef: { namespace: NAMESPACE, name: 'second' } });
  await storage.volume('labelled', {}, { labels: { disk: 'ssd' } });
  const selector = { matchLabels: { disk: 'hdd' } };
  await storage.claim('picky', { selector });
  await storage.claim('first');
  await storage.claim('second');
  assert.deepEqual(
    [await storage.claimState('picky'), await storage.claimState('first'), await storage.claimState('second')],
    ['Pending', 'Bound labelled', 'Bound kept'],
  );
});

test('[STG40] a claim that waits gets the volume that comes later', async () => {
  await using storage = await someStorage();
  await storage.claim('data');
  assert.equal(await storage.claimState('data'), 'Pending');
  await storage.volume('late');
  assert.equal(await storage.claimState('data'), 'Bound late');
});

test('[STG41] a claim that names a volume gets that one or hears why not', async () => {
  await using storage = await someStorage();
  await storage.volume('a', { claimRef: { namespace: NAMESPACE, name: 'owner' } });
  await storage.volume('b', { storageClassName: 'fast' });
  await storage.volume('c');
  await storage.claim('one', { volumeName: 'a' });
  await storage.claim('two', { volumeName: 'b' });
  await storage.claim('three', { volumeName: 'c' });
  assert.deepEqual(await storage.told('one'), ['FailedBinding: volume "a" already bound to a different claim.']);
  assert.deepEqual(await storage.told('two'), [
    'VolumeMismatch: Cannot bind to requested volume "b": storageClassName does not match',
  ]);
  assert.equal(await storage.claimState('three'), 'Bound c');
});

test('[STG42] a claim whose class waits for a consumer gets nothing before it', async () => {
  await using storage = await someStorage();
  await storage.storageClass('later', { volumeBindingMode: 'WaitForFirstConsumer' });
  await storage.volume('a', { storageClassName: 'later' });
  await storage.claim('data', { storageClassName: 'later' });
  assert.equal(await storage.claimState('data'), 'Pending');
  assert.deepEqual(await storage.told('data'), [
    'WaitForFirstConsumer: waiting for first consumer to be created before binding',
  ]);
});

test('[STG43] a claim without a volume hears what it waits for', async () => {
  await using storage = await someStorage();
  await storage.storageClass('fast');
  await storage.storageClass('manual', { provisioner: 'kubernetes.io/no-provisioner' });
  await storage.claim('plain');
  await storage.claim('lost', { storageClassName: 'missing' });
  await storage.claim('external', { storageClassName: 'fast' });
  await storage.claim('manual', { storageClassName: 'manual' });
  assert.deepEqual(await storage.told('plain'), [
    'FailedBinding: no persistent volumes available for this claim and no storage class is set',
  ]);
  assert.deepEqual(await storage.told('lost'), ['ProvisioningFailed: storageclass.storage.k8s.io "missing" not found']);
  assert.match(
    (await storage.told('external')).join(),
    /^ExternalProvisioning: Waiting for a volume to be created either by the external provisioner 'example\.com\/disk'/,
  );
  assert.match((await storage.told('manual')).join(), /^FailedBinding/);
  const { metadata } = await storage.cluster.client.get(PersistentVolumeClaim, {
    namespace: NAMESPACE,
    name: 'external',
  });
  assert.equal(metadata.annotations?.['volume.kubernetes.io/storage-provisioner'], 'example.com/disk');
});

test('[STG44] a bound claim whose volume is gone is lost', async () => {
  await using storage = await someStorage();
  const { client } = storage.cluster;
  await storage.volume('a');
  await storage.claim('data');
  const volume = await client.get(PersistentVolume, { name: 'a' });
  await client.delete(PersistentVolume, { name: 'a' });
  const held = await client.get(PersistentVolume, { name: 'a' });
  assert.deepEqual(held.metadata.finalizers, ['kubernetes.io/pv-protection']);
  await client.update(PersistentVolume, { ...held, metadata: { ...held.metadata, finalizers: [] } });
  await storage.settle();
  assert.equal(await storage.claimState('data'), `Lost ${volume.metadata.name}`);
  assert.deepEqual(await storage.told('data'), [
    'ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!',
  ]);
});

test('[STG45] a volume whose claim is gone is released, or has failed if nobody can delete it', async () => {
  await using storage = await someStorage();
  const { client } = storage.cluster;
  for (const policy of ['Retain', 'Delete', 'Recycle'] as const) {
    const name = policy.toLowerCase();
    await storage.volume(name, { persistentVolumeReclaimPolicy: policy });
    await storage.claim(name, { volumeName: name });
    await client.delete(PersistentVolumeClaim, { namespace: NAMESPACE, name });
    await storage.settle();
  }
  assert.deepEqual(
    [await storage.volumeState('retain'), await storage.volumeState('delete'), await storage.volumeState('recycle')],
    ['Released shop/retain', 'Failed shop/delete', 'Failed shop/recycle'],
  );
  assert.deepEqual(await storage.told('delete'), [
    'VolumeFailedDelete: error getting deleter volume plugin for volume "delete": no deletable volume plugin matched',
  ]);
  await storage.claim('next');
  assert.equal(await storage.claimState('next'), 'Pending');
});

test('[STG46] a volume whose claim has another one is free again', async () => {
  await using storage = await someStorage();
  const { client } = storage.cluster;
  await storage.volume('a');
  await storage.claim('data');
  const { metadata } = await client.get(PersistentVolumeClaim, { namespace: NAMESPACE, name: 'data' });
  await storage.volume('b', { claimRef: { namespace: NAMESPACE, name: 'data', uid: metadata.uid } });
  assert.equal(await storage.volumeState('b'), 'Available shop/data');
  assert.equal(await storage.claimState('data'), 'Bound a');
});

test('[STG47] a claim stays while a pod uses it, and its volume while the claim is bound', async () => {
  await using storage = await someStorage();
  const { client } = storage.cluster;
  await storage.volume('a');
  await storage.claim('data');
  const pod = { namespace: NAMESPACE, name: 'web' };
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  await client.create(Node, { metadata: { name: 'n1' }, spec: {} });
  const spec = { nodeName: 'n1', containers: [{ name: 'main', image: 'nginx:1' }], volumes };
  await client.create(Pod, { metadata: pod, spec });
  await client.delete(PersistentVolumeClaim, { namespace: NAMESPACE, name: 'data' });
  await client.delete(PersistentVolume, { name: 'a' });
  await storage.settle();
  assert.deepEqual([await storage.claimState('data'), await storage.volumeState('a')], ['Bound a', 'Bound shop/data']);
  await client.delete(Pod, pod, { gracePeriodSeconds: 0 });
  await storage.settle();
  await assert.rejects(storage.claimState('data'), { reason: 'NotFound' });
  await assert.rejects(storage.volumeState('a'), { reason: 'NotFound' });
});

test('[STG48] a claim of a local class gets a directory on the node of its pod', async () => {
  await using storage = await someStorage();
  const { client } = storage.cluster;
  await storage.storageClass('local', { provisioner: LOCAL_PROVISIONER, volumeBindingMode: 'WaitForFirstConsumer' });
  const annotations = { [VOLUMES_DIRECTORY]: '/data/volumes' };
  await client.create(Node, {
    metadata: { name: 'n1', annotations, labels: { [HOSTNAME_LABEL]: 'host-1' } },
    spec: {},
  });
  await client.create(Node, { metadata: { name: 'n2' }, spec: {} });
  const local = { storageClassName: 'local' };
  await storage.claim('data', local, { annotations: { [SELECTED_NODE]: 'n1' } });
  await storage.claim('elsewhere', local, { annotations: { [SELECTED_NODE]: 'n2' } });
  await storage.claim('device', { ...local, volumeMode: 'Block' }, { annotations: { [SELECTED_NODE]: 'n1' } });
  const { metadata } = await client.get(PersistentVolumeClaim, { namespace: NAMESPACE, name: 'data' });
  const name = `pvc-${metadata.uid}`;
  assert.equal(await storage.claimState('data'), `Bound ${name}`);
  const { spec } = await client.get(PersistentVolume, { name });
  assert.deepEqual(
    [spec.hostPath, spec.nodeAffinity?.required?.nodeSelectorTerms, spec.persistentVolumeReclaimPolicy],
    [
      { path: `/data/volumes/${name}`, type: 'DirectoryOrCreate' },
      [{ matchExpressions: [{ key: HOSTNAME_LABEL, operator: 'In', values: ['host-1'] }] }],
      'Delete',
    ],
  );
  assert.match((await storage.told('elsewhere')).join(), /node "n2" keeps no local volumes/);
  const elsewhere = await client.get(PersistentVolumeClaim, { namespace: NAMESPACE, name: 'elsewhere' });
  assert.equal(elsewhere.metadata.annotations?.[SELECTED_NODE], undefined);
  assert.match((await storage.told('device')).join(), /local volumes are directories: they cannot be devices$/);
});
