import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node } from '#api/core/node';
import { PersistentVolume } from '#api/core/persistent-volume';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { Pod } from '#api/core/pod';
import { podCondition } from '#api/core/pod-state';
import { BIND_COMPLETED, SELECTED_NODE } from '#api/core/volume/annotations';
import { HOSTNAME_LABEL, LOCAL_PROVISIONER, VOLUMES_DIRECTORY } from '#api/core/volume/local-volumes';
import { PodGroup } from '#api/scheduling/pod-group';
import { CSIDriver } from '#api/storage/csi-driver';
import { CSIStorageCapacity } from '#api/storage/csi-storage-capacity';
import { StorageClass } from '#api/storage/storage-class';
import type { ObjectMeta } from '#api/types/meta-v1';
import { errorMessage } from '#base/errors';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { heldInformers } from '#test/fakes/held-informers';
import { isOutdated } from '../binding.ts';
import { defaultConfig, schedulerConfig } from '../config/scheduler-config.ts';
import { runScheduler } from '../scheduler.ts';
import { VolumeBinder } from './volume-binder.ts';

const NAMESPACE = 'default';

type Scheduling = AsyncDisposable & {
  readonly cluster: TestCluster;
  node(name: string, annotations?: Readonly<Record<string, string>>): Promise<void>;
  claim(name: string, spec?: PersistentVolumeClaim['spec'], metadata?: Partial<ObjectMeta>): Promise<void>;
  volume(name: string, spec: PersistentVolume['spec']): Promise<void>;
  /** What a binder would do. */
  bind(claim: string, volume: string): Promise<void>;
  pod(name: string, claim: string, group?: string): Promise<void>;
  /** The node, or why there is none. */
  placeOf(name: string): Promise<string>;
};

const onNode = (name: string) => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: HOSTNAME_LABEL, operator: 'In', values: [name] }] }] },
});

async function aScheduling(profile?: object): Promise<Scheduling> {
  const cluster = await aCluster();
  const { client, world } = cluster;
  const kind = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration' };
  const config = profile === undefined ? defaultConfig() : schedulerConfig({ ...kind, profiles: [profile] });
  cluster.run((signal) => runScheduler({ ...cluster, config, signal }));
  const settle = (): Promise<void> => world.advance(15_000);
  const claimRef = (name: string) => ({ namespace: NAMESPACE, name });
  await client.create(StorageClass, {
    metadata: { name: 'later' },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  await client.create(StorageClass, {
    metadata: { name: 'local' },
    provisioner: LOCAL_PROVISIONER,
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  return {
    cluster,
    async node(name, annotations = {}) {
      const allocatable = { cpu: '4', memory: '8Gi', pods: '10' };
      const made = await client.create(Node, {
        metadata: { name, annotations, labels: { [HOSTNAME_LABEL]: name } },
        spec: {},
      });
      await client.update(Node, { ...made, status: { allocatable, capacity: allocatable } }, { subresource: 'status' });
      await settle();
    },
    async claim(name, spec = {}, metadata = {}) {
      const usual = {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
        storageClassName: '',
      };
      await client.create(PersistentVolumeClaim, {
        metadata: { ...metadata, namespace: NAMESPACE, name },
        spec: { ...usual, ...spec },
      });
    },
    async volume(name, spec) {
      const usual = {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        hostPath: { path: `/srv/${name}` },
      };
      const made = await client.create(PersistentVolume, { metadata: { name }, spec: { ...usual, ...spec } });
      await client.update(PersistentVolume, { ...made, status: { phase: 'Available' } }, { subresource: 'status' });
    },
    async bind(name, volumeName) {
      const claim = await client.get(PersistentVolumeClaim, claimRef(name));
      const annotations = { ...claim.metadata.annotations, [BIND_COMPLETED]: 'yes' };
      const metadata = { ...claim.metadata, annotations };
      await client.update(PersistentVolumeClaim, { ...claim, metadata, spec: { ...claim.spec, volumeName } });
      await settle();
    },
    async pod(name, claim, group) {
      const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: claim } }];
      const gang = group === undefined ? {} : { schedulingGroup: { podGroupName: group } };
      const spec = { containers: [{ name: 'main', image: 'nginx:1' }], volumes, ...gang };
      await client.create(Pod, { metadata: { namespace: NAMESPACE, name }, spec });
      await settle();
    },
    async placeOf(name) {
      const pod = await client.get(Pod, { namespace: NAMESPACE, name });
      const message = podCondition(pod, 'PodScheduled')?.message ?? '';
      return pod.spec.nodeName ?? message.replace(/ preemption: .*/, '');
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

test('[STG60] a pod waits for claims that are missing, unbound or going, with the reason', async () => {
  await using scheduling = await aScheduling();
  await scheduling.node('n1');
  await scheduling.pod('early', 'data');
  assert.equal(await scheduling.placeOf('early'), '0/1 nodes are available: persistentvolumeclaim "data" not found.');
  await scheduling.claim('data');
  await scheduling.pod('late', 'data');
  assert.equal(
    await scheduling.placeOf('late'),
    '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.',
  );
  await scheduling.volume('pv1', {});
  await scheduling.bind('data', 'pv1');
  assert.deepEqual([await scheduling.placeOf('early'), await scheduling.placeOf('late')], ['n1', 'n1']);
  await scheduling.cluster.client.delete(PersistentVolumeClaim, { namespace: NAMESPACE, name: 'data' });
  await scheduling.pod('last', 'data');
  assert.equal(
    await scheduling.placeOf('last'),
    '0/1 nodes are available: persistentvolumeclaim "data" is being deleted.',
  );
});

test('[STG61] a pod goes where the volumes of its claims are', async () => {
  await using scheduling = await aScheduling();
  await scheduling.node('n1');
  await scheduling.claim('data');
  await scheduling.volume('pv1', { nodeAffinity: onNode('n2') });
  await scheduling.bind('data', 'pv1');
  await scheduling.pod('web', 'data');
  assert.equal(
    await scheduling.placeOf('web'),
    "0/1 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity.",
  );
  await scheduling.node('n2');
  assert.equal(await scheduling.placeOf('web'), 'n2');
});

test('[STG61] a claim of one pod only keeps others away', async () => {
  await using scheduling = await aScheduling();
  await scheduling.node('n1');
  await scheduling.claim('data', { accessModes: ['ReadWriteOncePod'] });
  await scheduling.volume('pv1', { accessModes: ['ReadWriteOncePod'] });
  await scheduling.bind('data', 'pv1');
  await scheduling.pod('first', 'data');
  await scheduling.pod('second', 'data');
  assert.equal(await scheduling.placeOf('first'), 'n1');
  assert.equal(
    await scheduling.placeOf('second'),
    '0/1 nodes are available: 1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode.',
  );
  const first = { namespace: NAMESPACE, name: 'first' };
  await scheduling.cluster.client.delete(Pod, first, { gracePeriodSeconds: 0 });
  await scheduling.cluster.world.advance(15_000);
  assert.equal(await scheduling.placeOf('second'), 'n1');
});

test('[STG62] a claim that waits for its pod gets a volume of the node the pod goes to, before the pod goes there', async () => {
  await using scheduling = await aScheduling();
  const { client } = scheduling.cluster;
  await scheduling.node('n1');
  await scheduling.claim('data', { storageClassName: 'later' });
  await scheduling.pod('web', 'data');
  assert.equal(
    await scheduling.placeOf('web'),
    "0/1 nodes are available: 1 node(s) didn't find available persistent volumes to bind.",
  );
  await scheduling.volume('pv1', { storageClassName: 'later', nodeAffinity: onNode('n1') });
  await scheduling.cluster.world.advance(15_000);
  const volume = await client.get(PersistentVolume, { name: 'pv1' });
  assert.equal(volume.spec.claimRef?.name, 'data');
  const pod = await client.get(Pod, { namespace: NAMESPACE, name: 'web' });
  assert.equal(pod.spec.nodeName, undefined);
  await scheduling.bind('data', 'pv1');
  assert.equal(await scheduling.placeOf('web'), 'n1');
});

test('[STG62] a claim whose volume is made for it is told the node, one that keeps local volumes', async () => {
  await using scheduling = await aScheduling();
  const { client } = scheduling.cluster;
  await scheduling.node('n1');
  await scheduling.node('n2', { [VOLUMES_DIRECTORY]: '/data/volumes' });
  await scheduling.claim('data', { storageClassName: 'local' });
  await scheduling.pod('web', 'data');
  const claim = await client.get(PersistentVolumeClaim, { namespace: NAMESPACE, name: 'data' });
  assert.equal(claim.metadata.annotations?.[SELECTED_NODE], 'n2');
  await scheduling.volume('pv1', { storageClassName: 'local', nodeAffinity: onNode('n2') });
  await scheduling.bind('data', 'pv1');
  assert.equal(await scheduling.placeOf('web'), 'n2');
});

test('[STG62] a claim that is given back because no volume can be made on the node is tried elsewhere', async () => {
  await using scheduling = await aScheduling();
  const { client, world } = scheduling.cluster;
  await scheduling.node('n1', { [VOLUMES_DIRECTORY]: '/data/volumes' });
  await scheduling.claim('data', { storageClassName: 'local' });
  await scheduling.pod('web', 'data');
  await client.delete(Node, { name: 'n1' });
  const ref = { namespace: NAMESPACE, name: 'data' };
  const claim = await client.get(PersistentVolumeClaim, ref);
  await client.update(PersistentVolumeClaim, { ...claim, metadata: { ...claim.metadata, annotations: {} } });
  await scheduling.node('n2', { [VOLUMES_DIRECTORY]: '/data/volumes' });
  await world.advance(30_000);
  const { metadata } = await client.get(PersistentVolumeClaim, ref);
  assert.equal(metadata.annotations?.[SELECTED_NODE], 'n2');
});

test('[STG62] a scheduler that ends while it waits for a claim leaves nothing behind', async () => {
  const scheduling = await aScheduling();
  await scheduling.node('n1', { [VOLUMES_DIRECTORY]: '/data/volumes' });
  await scheduling.claim('data', { storageClassName: 'local' });
  await scheduling.pod('web', 'data');
  const { world } = scheduling.cluster;
  await scheduling[Symbol.asyncDispose]();
  assert.equal(world.pendingTimers(), 0);
});

test('[STG62] a claim that is not bound in time is told of by its pod, which is tried again', async () => {
  const args = { bindTimeoutSeconds: 30 };
  await using scheduling = await aScheduling({ pluginConfig: [{ name: 'VolumeBinding', args }] });
  await scheduling.node('n1', { [VOLUMES_DIRECTORY]: '/data/volumes' });
  await scheduling.claim('data', { storageClassName: 'local' });
  await scheduling.pod('web', 'data');
  await scheduling.cluster.world.advance(10_000);
  assert.equal(await scheduling.placeOf('web'), '');
  await scheduling.cluster.world.advance(6000);
  const late = 'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded';
  assert.equal(await scheduling.placeOf('web'), late);
  await scheduling.volume('pv1', { storageClassName: 'local', nodeAffinity: onNode('n1') });
  await scheduling.bind('data', 'pv1');
  assert.equal(await scheduling.placeOf('web'), 'n1');
});

test('[STG63] a volume is made only where its driver has room for it', async () => {
  await using scheduling = await aScheduling();
  const { client } = scheduling.cluster;
  await scheduling.node('n1');
  await scheduling.node('n2');
  await counted(scheduling, { 'left-on-n1': { on: 'n1', capacity: '512Mi' }, nowhere: { capacity: '9Gi' } });
  await scheduling.claim('data', { storageClassName: 'counted' });
  await scheduling.pod('web', 'data');
  assert.equal(await scheduling.placeOf('web'), '0/2 nodes are available: 2 node(s) did not have enough free storage.');
  await counted(scheduling, { 'left-on-n2': { on: 'n2', capacity: '1Gi' } });
  await scheduling.cluster.world.advance(15_000);
  const claim = await client.get(PersistentVolumeClaim, { namespace: NAMESPACE, name: 'data' });
  assert.equal(claim.metadata.annotations?.[SELECTED_NODE], 'n2');
});

test('[STG63] the largest volume that can be made counts for more than what there is in all', async () => {
  await using scheduling = await aScheduling();
  await scheduling.node('n1');
  await counted(scheduling, { left: { on: 'n1', capacity: '9Gi', maximumVolumeSize: '512Mi' } });
  await scheduling.claim('data', { storageClassName: 'counted' });
  await scheduling.pod('web', 'data');
  const refused = '0/1 nodes are available: 1 node(s) did not have enough free storage.';
  assert.equal(await scheduling.placeOf('web'), refused);
});

test('[STG64] a driver that has room for more, or counts no more, lets pods be tried again', async () => {
  await using scheduling = await aScheduling();
  const { client, world } = scheduling.cluster;
  const events: string[] = [];
  const binder = new VolumeBinder({ ...scheduling.cluster, informers: scheduling.cluster.informers });
  using _following = await binder.follow(({ kind }) => events.push(kind));
  await counted(scheduling, { left: { on: 'n1', capacity: '2Gi' } });
  await world.settle();
  events.length = 0;
  const ref = { namespace: NAMESPACE, name: 'left' };
  const heard: Record<string, readonly string[]> = {};
  const seen = async (what: string, change: () => Promise<unknown>): Promise<void> => {
    await change();
    await world.settle();
    heard[what] = events.splice(0);
  };
  const set = async (parts: object) =>
    await client.update(CSIStorageCapacity, { ...(await client.get(CSIStorageCapacity, ref)), ...parts });
  await seen('less', () => set({ capacity: '1Gi' }));
  await seen('more', () => set({ capacity: '3Gi' }));
  await seen('more, in smaller volumes', () => set({ capacity: '9Gi', maximumVolumeSize: '2Gi' }));
  await seen('gone', () => client.delete(CSIStorageCapacity, ref));
  const driver = await client.get(CSIDriver, { name: DRIVER });
  await seen('counts no more', () => client.update(CSIDriver, { ...driver, spec: { storageCapacity: false } }));
  assert.deepEqual(heard, {
    less: [],
    more: ['StorageFreed'],
    'more, in smaller volumes': [],
    gone: [],
    'counts no more': ['StorageFreed'],
  });
});

const DRIVER = 'csi.example.com';

type Left = { readonly on?: string; readonly capacity: string; readonly maximumVolumeSize?: string };

/** What the driver of class `counted`, which is there from the first time on, has left. */
async function counted({ cluster: { client } }: Scheduling, all: Readonly<Record<string, Left>>): Promise<void> {
  if ((await client.list(CSIDriver)).items.length === 0) {
    await client.create(CSIDriver, { metadata: { name: DRIVER }, spec: { storageCapacity: true } });
    const volumeBindingMode = 'WaitForFirstConsumer';
    await client.create(StorageClass, { metadata: { name: 'counted' }, provisioner: DRIVER, volumeBindingMode });
  }
  for (const [name, { on, ...left }] of Object.entries(all))
    await client.create(CSIStorageCapacity, {
      metadata: { namespace: NAMESPACE, name },
      storageClassName: 'counted',
      ...(on === undefined ? {} : { nodeTopology: { matchLabels: { [HOSTNAME_LABEL]: on } } }),
      ...left,
    });
}

test('[STG65] a claim that was made anew under the same name, which the scheduler has not heard of, keeps the pod from its node', async () => {
  await using scheduling = await aScheduling();
  await scheduling.node('n1');
  await scheduling.claim('data');
  await scheduling.volume('pv1', {});
  await scheduling.bind('data', 'pv1');
  await scheduling.pod('web', 'data');
  const { client, world } = scheduling.cluster;
  const ref = { namespace: NAMESPACE, name: 'data' };
  const [node, pod, claim] = [
    await client.get(Node, { name: 'n1' }),
    await client.get(Pod, { namespace: NAMESPACE, name: 'web' }),
    await client.get(PersistentVolumeClaim, ref),
  ];
  const informers = heldInformers();
  informers.put(PersistentVolumeClaim, claim);
  informers.put(PersistentVolume, await client.get(PersistentVolume, { name: 'pv1' }));
  const binder = new VolumeBinder({ client, informers, world });
  const bind = async (): Promise<string> => {
    const volumes = binder.plan(pod);
    assert.ok(volumes !== undefined && volumes.refused === undefined);
    const bound = binder.bind(binder.reserve(pod, volumes, node), {
      timeoutMs: 1_000,
      signal: new AbortController().signal,
    });
    return await bound.then(
      () => 'bound',
      (error: unknown) => `${isOutdated(error) ? 'outdated: ' : ''}${errorMessage(error)}`,
    );
  };
  assert.equal(await bind(), 'bound');
  await client.delete(Pod, { namespace: NAMESPACE, name: 'web' }, { gracePeriodSeconds: 0 });
  const { finalizers: _finalizers, ...metadata } = (await client.get(PersistentVolumeClaim, ref)).metadata;
  await client.update(PersistentVolumeClaim, { ...claim, metadata });
  await client.delete(PersistentVolumeClaim, ref);
  assert.equal(await bind(), 'outdated: binding volumes: persistentvolumeclaims "data" not found');
  await scheduling.claim('data');
  assert.equal(
    await bind(),
    'outdated: binding volumes: Operation cannot be fulfilled on persistentvolumeclaims "data": it was made anew meanwhile',
  );
});

test('[SCF12] a profile without VolumeBinding places pods whatever they claim', async () => {
  for (const plugins of [
    { multiPoint: { disabled: [{ name: 'VolumeBinding' }] } },
    { filter: { disabled: [{ name: '*' }] } },
  ]) {
    await using scheduling = await aScheduling({ plugins });
    await scheduling.node('n1');
    await scheduling.pod('early', 'nowhere');
    await scheduling.claim('data', { storageClassName: 'later' });
    await scheduling.pod('web', 'data');
    assert.deepEqual([await scheduling.placeOf('early'), await scheduling.placeOf('web')], ['n1', 'n1']);
  }
});

test('[SCF12] a profile that binds nothing leaves claims that wait as they are', async () => {
  const preBind = { disabled: [{ name: 'VolumeBinding' }] };
  await using scheduling = await aScheduling({ plugins: { preBind } });
  await scheduling.node('n1', { [VOLUMES_DIRECTORY]: '/data/volumes' });
  await scheduling.claim('data', { storageClassName: 'local' });
  await scheduling.pod('web', 'data');
  assert.equal(await scheduling.placeOf('web'), 'n1');
  const claim = await scheduling.cluster.client.get(PersistentVolumeClaim, { namespace: NAMESPACE, name: 'data' });
  assert.equal(claim.metadata.annotations?.[SELECTED_NODE], undefined);
});

test('[GNG12] pods of a gang get volumes of their own, or go where that of the claim is that they share', async () => {
  await using scheduling = await aScheduling();
  const { client, world } = scheduling.cluster;
  for (const name of ['n1', 'n2']) {
    await scheduling.node(name);
    await scheduling.volume(`of-${name}`, { storageClassName: 'later', nodeAffinity: onNode(name) });
  }
  await client.create(PodGroup, {
    metadata: { namespace: NAMESPACE, name: 'g' },
    spec: { schedulingPolicy: { gang: { minCount: 3 } } },
  });
  for (const name of ['own', 'shared']) await scheduling.claim(name, { storageClassName: 'later' });
  await scheduling.pod('a', 'own', 'g');
  await scheduling.pod('b', 'shared', 'g');
  await scheduling.pod('c', 'shared', 'g');
  await world.advance(5000);
  const claimed: Record<string, string> = {};
  for (const name of ['of-n1', 'of-n2']) {
    const { spec } = await client.get(PersistentVolume, { name });
    claimed[spec.claimRef?.name ?? ''] = name;
  }
  assert.deepEqual(Object.keys(claimed).toSorted(), ['own', 'shared']);
  for (const [claim, volume] of Object.entries(claimed)) await scheduling.bind(claim, volume);
  const places = await Promise.all(['a', 'b', 'c'].map(scheduling.placeOf));
  const nodeOf = (claim: string): string => (claimed[claim] ?? '').replace('of-', '');
  assert.deepEqual(places, [nodeOf('own'), nodeOf('shared'), nodeOf('shared')]);
});
