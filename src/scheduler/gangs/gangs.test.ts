/** Pods that are placed together or not at all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node } from '#api/core/node';
import { PersistentVolume } from '#api/core/persistent-volume';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { Pod } from '#api/core/pod';
import { podCondition } from '#api/core/pod-state';
import { BIND_COMPLETED } from '#api/core/volume/annotations';
import { findCondition } from '#api/meta/conditions';
import { PodGroup } from '#api/scheduling/pod-group';
import { PriorityClass } from '#api/scheduling/priority-class';
import { StorageClass } from '#api/storage/storage-class';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { schedulerConfig } from '../config/scheduler-config.ts';
import type { ExtenderCall } from '../extenders/extender.ts';
import { runScheduler } from '../scheduler.ts';
import { SCHEDULE_TIMEOUT } from './schedule-timeout.ts';

const HEAD = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration' };
const namespace = 'default';

type Ganging = AsyncDisposable & {
  readonly cluster: TestCluster;
  node(name: string, cpu: string): Promise<void>;
  group(name: string, minCount: number, timeoutSeconds?: number): Promise<void>;
  pod(name: string, group?: string, spec?: Partial<Pod['spec']>): Promise<void>;
  /** Of each: its node, or why it has none. */
  places(...names: readonly string[]): Promise<readonly string[]>;
  condition(group: string): Promise<string>;
};

/** `bind`: an extender that binds pods in the scheduler's stead. */
async function ganging(bind?: (pod: string, bound: () => Promise<object>) => Promise<object>): Promise<Ganging> {
  const cluster = await aCluster();
  const { client, world } = cluster;
  await client.create(PriorityClass, { metadata: { name: 'high' }, value: 100 });
  const bindingByOthers = bind && {
    config: schedulerConfig({ ...HEAD, extenders: [{ urlPrefix: 'http://binder.test', bindVerb: 'bind' }] }),
    callExtender: async ({ body }: ExtenderCall) => {
      const { PodName, Node: node } = body as { PodName: string; Node: string };
      return await bind(PodName, async () => {
        await client.createSubresource(Pod, {
          ref: { namespace, name: PodName },
          subresource: 'binding',
          body: { metadata: { name: PodName, namespace }, target: { kind: 'Node', name: node } },
        });
        return {};
      });
    },
  };
  cluster.run((signal) => runScheduler({ ...cluster, ...bindingByOthers, signal }));
  return {
    cluster,
    async node(name, cpu) {
      const { metadata } = await client.create(Node, { metadata: { name }, spec: {} });
      const allocatable = { cpu, memory: '8Gi', pods: '110' };
      const node = { apiVersion: 'v1', kind: 'Node', metadata, spec: {}, status: { allocatable } };
      await client.update(Node, node, { subresource: 'status' });
      await world.settle();
    },
    async group(name, minCount, timeoutSeconds) {
      const annotations = timeoutSeconds === undefined ? {} : { [SCHEDULE_TIMEOUT]: String(timeoutSeconds) };
      await client.create(PodGroup, {
        metadata: { name, namespace, annotations },
        spec: { schedulingPolicy: { gang: { minCount } } },
      });
      await world.settle();
    },
    async pod(name, group, spec = {}) {
      await client.create(Pod, {
        metadata: { name, namespace },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'main', image: 'i', resources: { requests: { cpu: '1' } } }],
          ...(group === undefined ? {} : { schedulingGroup: { podGroupName: group } }),
          ...spec,
        },
      });
      await world.settle();
    },
    async places(...names) {
      return await Promise.all(
        names.map(async (name) => {
          const pod = await client.get(Pod, { namespace, name });
          const { message = '' } = podCondition(pod, 'PodScheduled') ?? {};
          return pod.spec.nodeName ?? message.replace(/ preemption: .*/, '');
        }),
      );
    },
    async condition(name) {
      const { status } = await client.get(PodGroup, { namespace, name });
      const found = findCondition(status?.conditions, 'PodGroupInitiallyScheduled');
      return `${found?.status} ${found?.reason} ${found?.message}`;
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

const SHORT = 'pod group is unschedulable, minCount (3) cannot be satisfied: 2 scheduled, 0 remaining';

test('[GNG1] pods wait for their group, and those of a gang until there are enough of them', async () => {
  await using here = await ganging();
  await here.node('a', '4');
  await here.pod('p1', 'g');
  await here.group('g', 2);
  assert.deepEqual(await here.places('p1'), ['']);
  await here.pod('p2', 'g');
  assert.deepEqual(await here.places('p1', 'p2'), ['a', 'a']);
  assert.equal(await here.condition('g'), 'True Scheduled ');
  await here.pod('p3', 'g');
  assert.deepEqual(await here.places('p3'), ['a']);
});

test('[GNG2] a gang for which there is no room holds nothing; it is placed when there is', async () => {
  await using here = await ganging();
  await here.node('a', '2');
  await here.group('g', 3);
  for (const name of ['p1', 'p2', 'p3']) await here.pod(name, 'g');
  const places = await here.places('p1', 'p2', 'p3');
  assert.deepEqual(places.toSorted(), ['0/1 nodes are available: 1 Insufficient cpu.', SHORT, SHORT]);
  assert.equal(await here.condition('g'), `False Unschedulable ${SHORT}`);
  await here.pod('other');
  assert.deepEqual(await here.places('other'), ['a']);
  await here.node('b', '2');
  await here.cluster.world.advance(20_000);
  assert.deepEqual((await here.places('p1', 'p2', 'p3')).toSorted(), ['a', 'b', 'b']);
  assert.equal(await here.condition('g'), 'True Scheduled ');
});

test('[GNG3] two gangs for which there is room for one do not keep each other out', async () => {
  await using here = await ganging();
  await here.node('a', '3');
  await here.group('left', 3);
  await here.group('right', 3);
  for (const number of [1, 2, 3]) {
    await here.pod(`left-${number}`, 'left');
    await here.pod(`right-${number}`, 'right');
  }
  assert.deepEqual(await here.places('left-1', 'left-2', 'left-3'), ['a', 'a', 'a']);
  for (const number of [1, 2, 3])
    await here.cluster.client.delete(Pod, { namespace, name: `left-${number}` }, { gracePeriodSeconds: 0 });
  await here.cluster.world.advance(20_000);
  assert.deepEqual(await here.places('right-1', 'right-2', 'right-3'), ['a', 'a', 'a']);
});

test('[GNG4] a gang that needs fewer pods than before is tried again', async () => {
  await using here = await ganging();
  await here.node('a', '2');
  await here.group('g', 3);
  for (const name of ['p1', 'p2']) await here.pod(name, 'g');
  assert.deepEqual(await here.places('p1', 'p2'), ['', '']);
  const group = await here.cluster.client.get(PodGroup, { namespace, name: 'g' });
  await here.cluster.client.update(PodGroup, {
    ...group,
    spec: { ...group.spec, schedulingPolicy: { gang: { minCount: 2 } } },
  });
  await here.cluster.world.settle();
  assert.deepEqual(await here.places('p1', 'p2'), ['a', 'a']);
});

test('[GNG5] a gang drives others off only when that makes room for enough of it', async () => {
  await using here = await ganging();
  await here.node('a', '2');
  await here.node('b', '2');
  for (const name of ['low-1', 'low-2', 'low-3', 'low-4']) await here.pod(name);
  const high = { priorityClassName: 'high' };
  await here.group('huge', 5);
  for (const number of [1, 2, 3, 4, 5]) await here.pod(`huge-${number}`, 'huge', high);
  assert.equal((await here.cluster.client.list(Pod, { namespace })).items.length, 9);
  await here.group('g', 3);
  for (const name of ['p1', 'p2', 'p3']) await here.pod(name, 'g', high);
  await here.cluster.world.advance(20_000);
  assert.deepEqual(
    (await here.places('p1', 'p2', 'p3')).map((place) => place.length),
    [1, 1, 1],
  );
  const { items } = await here.cluster.client.list(Pod, { namespace });
  assert.equal(items.filter(({ metadata }) => metadata.name.startsWith('low')).length, 1);
});

test('[GNG6] pods of a group without a gang are placed each for itself', async () => {
  await using here = await ganging();
  await here.node('a', '1');
  await here.cluster.client.create(PodGroup, {
    metadata: { name: 'g', namespace },
    spec: { schedulingPolicy: { basic: {} } },
  });
  for (const name of ['p1', 'p2']) await here.pod(name, 'g');
  assert.deepEqual(await here.places('p1', 'p2'), ['a', '0/1 nodes are available: 1 Insufficient cpu.']);
});

/** Two pods, of which one has a claim whose volume somebody else makes. */
async function aGangThatWaitsForAVolume(here: Ganging, timeoutSeconds: number): Promise<void> {
  const { client } = here.cluster;
  await client.create(StorageClass, {
    metadata: { name: 'made' },
    provisioner: 'example.com/maker',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  await client.create(PersistentVolumeClaim, {
    metadata: { name: 'data', namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'made' },
  });
  await here.group('g', 2, timeoutSeconds);
  await here.pod('p1', 'g');
  await here.pod('p2', 'g', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] });
}

/** What a provisioner would do. */
async function makeTheVolume({ cluster: { client, world } }: Ganging): Promise<void> {
  await client.create(PersistentVolume, {
    metadata: { name: 'pv' },
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/srv' } },
  });
  const claim = await client.get(PersistentVolumeClaim, { namespace, name: 'data' });
  const annotations = { ...claim.metadata.annotations, [BIND_COMPLETED]: 'yes' };
  const metadata = { ...claim.metadata, annotations };
  await client.update(PersistentVolumeClaim, { ...claim, metadata, spec: { ...claim.spec, volumeName: 'pv' } });
  await world.settle();
}

test('[GNG7] no pod of a gang is bound before all have what they claim', async () => {
  await using here = await ganging();
  await here.node('a', '2');
  await aGangThatWaitsForAVolume(here, 60);
  await here.pod('other');
  assert.deepEqual(await here.places('p1', 'p2', 'other'), ['', '', '0/1 nodes are available: 1 Insufficient cpu.']);
  await makeTheVolume(here);
  assert.deepEqual(await here.places('p1', 'p2'), ['a', 'a']);
  assert.equal(await here.condition('g'), 'True Scheduled ');
});

test('[GNG8] a gang that is not bound in its time lets go of all, says so, and is tried again as a whole', async () => {
  await using here = await ganging();
  const { world } = here.cluster;
  await here.node('a', '2');
  await aGangThatWaitsForAVolume(here, 60);
  await here.pod('other');
  await world.advance(59_000);
  assert.equal((await here.places('other'))[0]?.length, 44);
  await world.advance(1500);
  const why = 'pods of the gang were not bound within 60s';
  assert.deepEqual(await here.places('p1', 'p2', 'other'), [why, why, 'a']);
  assert.equal(
    await here.condition('g'),
    `False SchedulerError pod group is unschedulable, minCount (2) cannot be satisfied: 0 bound: ${why}`,
  );
  await here.cluster.client.delete(Pod, { namespace, name: 'other' }, { gracePeriodSeconds: 0 });
  await world.advance(20_000);
  await makeTheVolume(here);
  assert.deepEqual(await here.places('p1', 'p2'), ['a', 'a']);
  assert.equal(await here.condition('g'), 'True Scheduled ');
});

test('[GNG9] a binding that fails is tried again while the gang has time, and nobody takes its place meanwhile', async () => {
  let isUp = false;
  await using here = await ganging(async (pod, bound) => {
    if (pod === 'p2' && !isUp) throw new Error('code 500');
    return await bound();
  });
  const { world } = here.cluster;
  await here.node('a', '2');
  await here.group('g', 2, 30);
  for (const name of ['p1', 'p2']) await here.pod(name, 'g');
  await here.pod('other');
  await world.advance(10_000);
  const full = '0/1 nodes are available: 1 Insufficient cpu.';
  assert.deepEqual(await here.places('p1', 'p2', 'other'), ['a', '', full]);
  await world.advance(21_000);
  const why = 'failed bind with extender at URL http://binder.test/bind: code 500';
  assert.equal(
    await here.condition('g'),
    `False SchedulerError pod group is unschedulable, minCount (2) cannot be satisfied: 1 bound: ${why}`,
  );
  isUp = true;
  await world.advance(60_000);
  assert.deepEqual(await here.places('p1', 'p2', 'other'), ['a', 'a', full]);
  assert.equal(await here.condition('g'), 'True Scheduled ');
});

test('[GNG10] a gang that lacks pods when its time has passed says so', async () => {
  await using here = await ganging();
  await here.node('a', '4');
  await here.group('g', 3, 120);
  for (const name of ['p1', 'p2']) await here.pod(name, 'g');
  await here.cluster.world.advance(119_000);
  assert.equal(await here.condition('g'), 'undefined undefined undefined');
  await here.cluster.world.advance(2000);
  const waits = 'waiting for minCount pods from a gang to appear in scheduling queue';
  assert.equal(
    await here.condition('g'),
    `False Unschedulable pod group is unschedulable, ${waits}: minCount (3) cannot be satisfied: 2 after 120s`,
  );
  await here.pod('p3', 'g');
  assert.equal(await here.condition('g'), 'True Scheduled ');
});
