import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node } from '#api/core/node';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { Pod } from '#api/core/pod';
import { podCondition } from '#api/core/pod-state';
import { DeviceClass } from '#api/resource/device-class';
import { ResourceClaim } from '#api/resource/resource-claim';
import { ResourceSlice } from '#api/resource/resource-slice';
import { PodGroup } from '#api/scheduling/pod-group';
import { StorageClass } from '#api/storage/storage-class';
import type { DeviceRequest, ResourceClaimStatus } from '#api/types/resource-v1';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { defaultConfig, schedulerConfig } from '../config/scheduler-config.ts';
import { SCHEDULE_TIMEOUT } from '../gangs/schedule-timeout.ts';
import { runScheduler } from '../scheduler.ts';

const namespace = 'default';
const allocatable = { cpu: '4', memory: '8Gi', pods: '110' };

type Scheduling = {
  readonly cluster: TestCluster;
  node(name: string, gpus: number): Promise<void>;
  claim(name: string, request?: Partial<NonNullable<DeviceRequest['exactly']>>): Promise<void>;
  pod(name: string, ...claims: readonly string[]): Promise<Pod>;
  settle(): Promise<void>;
  /** The node, or why there is none. */
  placeOf(name: string): Promise<string>;
  statusOf(claim: string): Promise<ResourceClaimStatus>;
};

async function aScheduling(config = defaultConfig()): Promise<Scheduling> {
  const cluster = await aCluster();
  const { client, world } = cluster;
  cluster.run((signal) => runScheduler({ ...cluster, signal, config }));
  await client.create(DeviceClass, {
    metadata: { name: 'gpu' },
    spec: { selectors: [{ cel: { expression: 'device.driver == "gpu.example.com"' } }] },
  });
  const settle = (): Promise<void> => world.advance(15_000);
  return {
    cluster,
    settle,
    async node(name, gpus) {
      const made = await client.create(Node, { metadata: { name }, spec: {} });
      await client.update(Node, { ...made, status: { allocatable, capacity: allocatable } }, { subresource: 'status' });
      const devices = Array.from({ length: gpus }, (_, index) => ({
        name: `gpu-${index}`,
        attributes: { index: { int: index } },
        capacity: { memory: { value: `${10 * (index + 1)}Gi` } },
      }));
      const pool = { name, generation: 1, resourceSliceCount: 1 };
      const spec = { driver: 'gpu.example.com', nodeName: name, pool, devices };
      await client.create(ResourceSlice, { metadata: { name: `${name}-gpus` }, spec });
      await settle();
    },
    async claim(name, request = {}) {
      const requests = [{ name: 'gpu', exactly: { deviceClassName: 'gpu', ...request } }];
      await client.create(ResourceClaim, { metadata: { namespace, name }, spec: { devices: { requests } } });
    },
    async pod(name, ...claims) {
      const resourceClaims = claims.map((resourceClaimName) => ({ name: resourceClaimName, resourceClaimName }));
      const containers = [{ name: 'a', image: 'busybox' }];
      const pod = await client.create(Pod, { metadata: { namespace, name }, spec: { containers, resourceClaims } });
      await settle();
      return pod;
    },
    async placeOf(name) {
      const pod = await client.get(Pod, { namespace, name });
      return pod.spec.nodeName ?? podCondition(pod, 'PodScheduled')?.message ?? 'waits';
    },
    statusOf: async (name) => (await client.get(ResourceClaim, { namespace, name })).status ?? {},
  };
}

const devicesOf = ({ allocation }: ResourceClaimStatus): readonly string[] =>
  (allocation?.devices?.results ?? []).map(({ pool, device }) => `${pool}/${device}`);
const usersOf = ({ reservedFor = [] }: ResourceClaimStatus): readonly string[] => reservedFor.map(({ name }) => name);

test('[DRA42] a pod is placed where its devices are, and its claim says which they are and who uses them', async () => {
  const { cluster, node, claim, pod, placeOf, statusOf } = await aScheduling();
  await using _cluster = cluster;
  await node('empty', 0);
  await node('n1', 2);
  await claim('mine', { count: 2 });
  await pod('web', 'mine');
  assert.equal(await placeOf('web'), 'n1');
  const status = await statusOf('mine');
  assert.deepEqual([devicesOf(status), usersOf(status)], [['n1/gpu-0', 'n1/gpu-1'], ['web']]);
  const { metadata } = await cluster.client.get(ResourceClaim, { namespace, name: 'mine' });
  assert.deepEqual(metadata.finalizers, ['resource.kubernetes.io/delete-protection']);
});

test('[DRA43] what is given to one is not given to another, who is refused until it is given back', async () => {
  const { cluster, node, claim, pod, placeOf, statusOf, settle } = await aScheduling();
  await using _cluster = cluster;
  const { client } = cluster;
  await node('n1', 1);
  for (const name of ['first', 'second']) await claim(name);
  await pod('one', 'first');
  await pod('two', 'second');
  assert.equal(await placeOf('one'), 'n1');
  assert.equal(
    await placeOf('two'),
    '0/1 nodes are available: 1 cannot allocate all claims. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
  );
  assert.deepEqual(await statusOf('second'), {});
  // As the controller does it when the pod is done.
  const held = await client.get(ResourceClaim, { namespace, name: 'first' });
  await client.update(ResourceClaim, { ...held, status: {} }, { subresource: 'status' });
  await settle();
  assert.equal(await placeOf('two'), 'n1');
});

test('[DRA43] pods that come together share the devices among them', async () => {
  const { cluster, node, claim, placeOf, statusOf, settle } = await aScheduling();
  await using _cluster = cluster;
  await node('n1', 2);
  await node('n2', 2);
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) await claim(name);
  const containers = [{ name: 'a', image: 'busybox' }];
  await Promise.all(
    names.map((name) =>
      cluster.client.create(Pod, {
        metadata: { namespace, name },
        spec: { containers, resourceClaims: [{ name, resourceClaimName: name }] },
      }),
    ),
  );
  await settle();
  const given = (await Promise.all(names.map(statusOf))).flatMap(devicesOf).toSorted();
  assert.deepEqual(given, ['n1/gpu-0', 'n1/gpu-1', 'n2/gpu-0', 'n2/gpu-1']);
  const places = await Promise.all(names.map(placeOf));
  assert.deepEqual(
    places.filter((place) => place.length > 2),
    [
      '0/2 nodes are available: 2 cannot allocate all claims. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
    ],
  );
});

test('[DRA44] pods that share a claim go where its devices are', async () => {
  const { cluster, node, claim, pod, placeOf, statusOf } = await aScheduling();
  await using _cluster = cluster;
  await node('n1', 1);
  await claim('shared');
  await pod('one', 'shared');
  await node('n2', 1);
  for (const name of ['two', 'three']) await pod(name, 'shared');
  assert.deepEqual(await Promise.all(['one', 'two', 'three'].map(placeOf)), ['n1', 'n1', 'n1']);
  assert.deepEqual(usersOf(await statusOf('shared')), ['one', 'two', 'three']);
});

test('[DRA45] a pod whose claim is not there waits untried, and is placed when the claim comes', async () => {
  const { cluster, node, claim, pod, placeOf, settle } = await aScheduling();
  await using _cluster = cluster;
  await node('n1', 1);
  await pod('web', 'late');
  assert.equal(await placeOf('web'), 'waits');
  await claim('late');
  await settle();
  assert.equal(await placeOf('web'), 'n1');
});

test('[DRA46] a claim that nobody else uses gives back devices that no node reaches any more, and gets others', async () => {
  const { cluster, node, claim, pod, placeOf, statusOf, settle } = await aScheduling();
  await using _cluster = cluster;
  const { client } = cluster;
  await claim('mine');
  const results = [{ request: 'gpu', driver: 'gpu.example.com', pool: 'gone', device: 'gpu-0' }];
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['gone'] }];
  const allocation = { devices: { results }, nodeSelector: { nodeSelectorTerms: [{ matchFields }] } };
  const made = await client.get(ResourceClaim, { namespace, name: 'mine' });
  await client.update(ResourceClaim, { ...made, status: { allocation } }, { subresource: 'status' });
  await node('n1', 1);
  await pod('web', 'mine');
  await settle();
  assert.equal(await placeOf('web'), 'n1');
  assert.deepEqual(devicesOf(await statusOf('mine')), ['n1/gpu-0']);
});

test('[DRA47] a profile without the plugin places pods whatever they claim', async () => {
  const config = schedulerConfig({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    profiles: [{ plugins: { multiPoint: { disabled: [{ name: 'DynamicResources' }] } } }],
  });
  const { cluster, node, claim, pod, placeOf, statusOf } = await aScheduling(config);
  await using _cluster = cluster;
  await node('n1', 0);
  await claim('mine');
  await pod('web', 'mine');
  assert.equal(await placeOf('web'), 'n1');
  assert.deepEqual(await statusOf('mine'), {});
});

test('[GNG12] pods of a gang get devices of their own, or those of the claim that they share', async () => {
  const { cluster, node, claim, placeOf, statusOf, settle } = await aScheduling();
  await using _cluster = cluster;
  const { client } = cluster;
  await node('n1', 2);
  await node('n2', 2);
  await client.create(PodGroup, {
    metadata: { namespace, name: 'g' },
    spec: { schedulingPolicy: { gang: { minCount: 5 } } },
  });
  const names = ['a', 'b', 'c'];
  for (const name of [...names, 'shared']) await claim(name);
  const containers = [{ name: 'a', image: 'busybox' }];
  const wanted = [...names.map((name) => [name, name]), ['d', 'shared'], ['e', 'shared']] as [string, string][];
  for (const [name, resourceClaimName] of wanted)
    await client.create(Pod, {
      metadata: { namespace, name },
      spec: {
        containers,
        schedulingGroup: { podGroupName: 'g' },
        resourceClaims: [{ name: 'gpu', resourceClaimName }],
      },
    });
  await settle();
  const given = (await Promise.all([...names, 'shared'].map(statusOf))).flatMap(devicesOf).toSorted();
  assert.deepEqual(given, ['n1/gpu-0', 'n1/gpu-1', 'n2/gpu-0', 'n2/gpu-1']);
  const [shared, ...places] = await Promise.all(
    ['shared', 'd', 'e'].map((name) => (name === 'shared' ? statusOf(name) : placeOf(name))),
  );
  assert.deepEqual(usersOf(shared as ResourceClaimStatus).toSorted(), ['d', 'e']);
  assert.equal(places[0], places[1]);
});

test('[GNG12] a gang for which there are not devices enough takes none', async () => {
  const { cluster, node, claim, placeOf, statusOf, settle } = await aScheduling();
  await using _cluster = cluster;
  const { client } = cluster;
  await node('n1', 1);
  await client.create(PodGroup, {
    metadata: { namespace, name: 'g' },
    spec: { schedulingPolicy: { gang: { minCount: 2 } } },
  });
  const containers = [{ name: 'a', image: 'busybox' }];
  for (const name of ['a', 'b', 'other']) {
    await claim(name);
    await client.create(Pod, {
      metadata: { namespace, name },
      spec: {
        containers,
        ...(name === 'other' ? {} : { schedulingGroup: { podGroupName: 'g' } }),
        resourceClaims: [{ name: 'gpu', resourceClaimName: name }],
      },
    });
  }
  await settle();
  assert.deepEqual(await Promise.all(['a', 'b', 'other'].map(async (name) => devicesOf(await statusOf(name)))), [
    [],
    [],
    ['n1/gpu-0'],
  ]);
  assert.equal(await placeOf('other'), 'n1');
});

test('[GNG8] devices that were written down for a gang are free again when it gives up', async () => {
  const { cluster, node, claim, statusOf, placeOf } = await aScheduling();
  await using _cluster = cluster;
  const { client, world } = cluster;
  await node('n1', 1);
  await client.create(StorageClass, {
    metadata: { name: 'made' },
    provisioner: 'example.com/maker',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  const resources = { requests: { storage: '1Gi' } };
  await client.create(PersistentVolumeClaim, {
    metadata: { name: 'data', namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources, storageClassName: 'made' },
  });
  await client.create(PodGroup, {
    metadata: { namespace, name: 'g', annotations: { [SCHEDULE_TIMEOUT]: '30' } },
    spec: { schedulingPolicy: { gang: { minCount: 2 } } },
  });
  for (const name of ['mine', 'other']) await claim(name);
  const common = { containers: [{ name: 'a', image: 'busybox' }] };
  const group = { schedulingGroup: { podGroupName: 'g' } };
  const claiming = (resourceClaimName: string) => ({ resourceClaims: [{ name: 'gpu', resourceClaimName }] });
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  const specs = { a: { ...group, ...claiming('mine') }, b: { ...group, volumes }, other: claiming('other') };
  for (const [name, spec] of Object.entries(specs))
    await client.create(Pod, { metadata: { namespace, name }, spec: { ...common, ...spec } });
  await world.advance(10_000);
  assert.deepEqual([devicesOf(await statusOf('mine')), await placeOf('a')], [['n1/gpu-0'], 'waits']);
  await world.advance(21_000);
  assert.deepEqual([devicesOf(await statusOf('mine')), devicesOf(await statusOf('other'))], [[], ['n1/gpu-0']]);
  assert.equal(await placeOf('other'), 'n1');
});

test('[SCF12] claims are given devices by profiles that bind them only', async () => {
  const config = schedulerConfig({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    profiles: [{ plugins: { preBind: { disabled: [{ name: '*' }] } } }],
  });
  const { cluster, node, claim, pod, placeOf, statusOf } = await aScheduling(config);
  await using _cluster = cluster;
  await node('empty', 0);
  await node('n1', 1);
  await claim('mine');
  await pod('web', 'mine');
  assert.deepEqual([await placeOf('web'), await statusOf('mine')], ['n1', {}]);
});
