/** What becomes of pods in a cluster with a scheduler. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Namespace } from '#api/core/namespace';
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { podCondition } from '#api/core/pod-state';
import { Service } from '#api/core/service';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { defaultConfig, schedulerConfig } from './config/scheduler-config.ts';
import { runScheduler } from './scheduler.ts';

const HEAD = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration' };
const ZONE = 'topology.kubernetes.io/zone';

type Scheduling = AsyncDisposable & {
  readonly cluster: TestCluster;
  node(name: string, labels?: Readonly<Record<string, string>>, cpu?: string): Promise<void>;
  pod(name: string, spec?: Partial<Pod['spec']>, metadata?: Partial<Pod['metadata']>): Promise<void>;
  placeOf(name: string, namespace?: string): Promise<string>;
};

async function scheduling(config?: object): Promise<Scheduling> {
  const cluster = await aCluster({ namespaces: ['default', 'other'] });
  const { client, world } = cluster;
  const given = config === undefined ? {} : { config: schedulerConfig({ ...HEAD, ...config }) };
  cluster.run((signal) => runScheduler({ ...cluster, ...given, signal }));
  return {
    cluster,
    async node(name, labels = {}, cpu = '4') {
      const { metadata } = await client.create(Node, { metadata: { name, labels }, spec: {} });
      const allocatable = { cpu, memory: '8Gi', pods: '110' };
      const node = { apiVersion: 'v1', kind: 'Node', metadata, spec: {}, status: { allocatable } };
      await client.update(Node, node, { subresource: 'status' });
      await world.settle();
    },
    async pod(name, spec = {}, metadata = {}) {
      await client.create(Pod, {
        metadata: { name, namespace: 'default', ...metadata },
        spec: { containers: [{ name: 'main', image: 'i', resources: { requests: { cpu: '1' } } }], ...spec },
      });
      await world.advance(10);
    },
    async placeOf(name, namespace = 'default') {
      const pod = await client.get(Pod, { namespace, name });
      const condition = podCondition(pod, 'PodScheduled');
      return pod.spec.nodeName ?? condition?.message?.replace(/ preemption: .*/, '') ?? '';
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

test('[SCF9] each profile places the pods that name it, in its own way; pods of nobody are left alone', async () => {
  const most = { name: 'NodeResourcesFit', args: { scoringStrategy: { type: 'MostAllocated' } } };
  await using here = await scheduling({
    profiles: [
      { schedulerName: 'default-scheduler' },
      {
        schedulerName: 'packing',
        plugins: { score: { disabled: [{ name: '*' }], enabled: [{ name: 'NodeResourcesFit', weight: 1 }] } },
        pluginConfig: [most],
      },
    ],
  });
  await here.node('a');
  await here.node('b');
  await here.pod('first', { schedulerName: 'packing' });
  const first = await here.placeOf('first');
  await here.pod('packed', { schedulerName: 'packing' });
  await here.pod('spread');
  await here.pod('nobody', { schedulerName: 'someone-else' });
  assert.equal(await here.placeOf('packed'), first);
  assert.equal(await here.placeOf('spread'), first === 'a' ? 'b' : 'a');
  assert.equal(await here.placeOf('nobody'), '');
});

test('[SCF9] what a profile does without is not done for its pods', async () => {
  await using here = await scheduling({
    profiles: [
      { plugins: { filter: { disabled: [{ name: 'NodeResourcesFit' }] }, preEnqueue: { disabled: [{ name: '*' }] } } },
    ],
  });
  await here.node('a', {}, '500m');
  await here.pod('too-large');
  await here.pod('of-no-group', { schedulingGroup: { podGroupName: 'nowhere' } });
  assert.deepEqual([await here.placeOf('too-large'), await here.placeOf('of-no-group')], ['a', 'a']);
});

test('[SCH18] a gated pod says so, and is placed when its gates are gone', async () => {
  await using here = await scheduling();
  await here.node('a');
  await here.pod('gated', { schedulingGates: [{ name: 'example.com/wait' }] });
  assert.equal(await here.placeOf('gated'), 'Scheduling is blocked due to non-empty scheduling gates');
  const pod = await here.cluster.client.get(Pod, { namespace: 'default', name: 'gated' });
  await here.cluster.client.update(Pod, { ...pod, spec: { ...pod.spec, schedulingGates: [] } });
  await here.cluster.world.settle();
  assert.equal(await here.placeOf('gated'), 'a');
});

test('[SCH22] a pod that cannot be thought about says so and holds up no other', async () => {
  await using cluster = await aCluster();
  const [first] = defaultConfig().profiles;
  assert.ok(first);
  // No file can say this.
  const broken = { addedAffinity: { requiredDuringSchedulingIgnoredDuringExecution: JSON.parse('{}') } };
  const profiles = [first, { ...first, schedulerName: 'broken', args: { ...first.args, NodeAffinity: broken } }];
  cluster.run((signal) => runScheduler({ ...cluster, config: { ...defaultConfig(), profiles }, signal }));
  const { metadata } = await cluster.client.create(Node, { metadata: { name: 'a' }, spec: {} });
  const status = { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } };
  await cluster.client.update(
    Node,
    { apiVersion: 'v1', kind: 'Node', metadata, spec: {}, status },
    { subresource: 'status' },
  );
  const places: (string | undefined)[] = [];
  for (const schedulerName of ['broken', 'default-scheduler']) {
    const ref = { namespace: 'default', name: schedulerName };
    const spec = { schedulerName, containers: [{ name: 'main', image: 'i' }] };
    await cluster.client.create(Pod, { metadata: ref, spec });
    await cluster.world.settle();
    const pod = await cluster.client.get(Pod, ref);
    places.push(pod.spec.nodeName ?? podCondition(pod, 'PodScheduled')?.reason);
  }
  assert.deepEqual(places, ['SchedulerError', 'a']);
});

test('[SCH20] labels of namespaces count as they are now', async () => {
  await using here = await scheduling();
  await here.node('a', { [ZONE]: 'one' });
  await here.pod('friend', {}, { namespace: 'other', labels: { app: 'friend' } });
  assert.equal(await here.placeOf('friend', 'other'), 'a');
  const podAffinity = {
    requiredDuringSchedulingIgnoredDuringExecution: [
      {
        topologyKey: ZONE,
        labelSelector: { matchLabels: { app: 'friend' } },
        namespaceSelector: { matchLabels: { team: 'blue' } },
      },
    ],
  };
  await here.pod('seeker', { affinity: { podAffinity } });
  assert.equal(await here.placeOf('seeker'), "0/1 nodes are available: 1 node(s) didn't match pod affinity rules.");
  const namespace = await here.cluster.client.get(Namespace, { name: 'other' });
  await here.cluster.client.update(Namespace, {
    ...namespace,
    metadata: { ...namespace.metadata, labels: { ...namespace.metadata.labels, team: 'blue' } },
  });
  await here.cluster.world.advance(2000);
  assert.equal(await here.placeOf('seeker'), 'a');
});

test('[SCH21] pods of a service are spread over zones even if they do not say so', async () => {
  await using here = await scheduling();
  await here.cluster.client.create(Service, {
    metadata: { namespace: 'default', name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  await here.node('big', { [ZONE]: 'one', 'kubernetes.io/hostname': 'big' }, '64');
  await here.node('small', { [ZONE]: 'two', 'kubernetes.io/hostname': 'small' }, '8');
  for (const name of ['w1', 'w2', 'w3', 'w4']) await here.pod(name, {}, { labels: { app: 'web' } });
  const places = await Promise.all(['w1', 'w2', 'w3', 'w4'].map((name) => here.placeOf(name)));
  assert.deepEqual(places.toSorted(), ['big', 'big', 'small', 'small']);
});
