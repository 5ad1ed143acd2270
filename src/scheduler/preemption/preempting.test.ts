/** What becomes of pods and their victims in a cluster. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event } from '#api/core/event';
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { podCondition } from '#api/core/pod-state';
import { PriorityClass } from '#api/scheduling/priority-class';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { runScheduler } from '../scheduler.ts';

const NAMESPACE = 'default';

type Preempting = AsyncDisposable & {
  readonly cluster: TestCluster;
  node(name: string, cpu: string): Promise<void>;
  pod(name: string, parts?: { cpu?: string; class?: string; spec?: Partial<Pod['spec']> }): Promise<void>;
  get(name: string): Promise<Pod>;
  /** Where the pod is, where it is to be, or why it is nowhere. */
  placeOf(name: string): Promise<string>;
  events(reason: string): Promise<readonly string[]>;
};

async function preempting({ runs = true } = {}): Promise<Preempting> {
  const cluster = await aCluster();
  const { client, world } = cluster;
  for (const [name, value] of Object.entries({ low: 1, mid: 10, high: 100 }))
    await client.create(PriorityClass, { metadata: { name }, value });
  if (runs) cluster.run((signal) => runScheduler({ ...cluster, signal }));
  const get = (name: string): Promise<Pod> => client.get(Pod, { namespace: NAMESPACE, name });
  return {
    cluster,
    async node(name, cpu) {
      const { metadata } = await client.create(Node, { metadata: { name }, spec: {} });
      const allocatable = { cpu, memory: '8Gi', pods: '110' };
      await client.update(
        Node,
        { apiVersion: 'v1', kind: 'Node', metadata, spec: {}, status: { allocatable, capacity: allocatable } },
        { subresource: 'status' },
      );
    },
    async pod(name, { cpu = '1', class: priorityClassName = 'low', spec = {} } = {}) {
      await client.create(Pod, {
        metadata: { name, namespace: NAMESPACE },
        spec: {
          priorityClassName,
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'main', image: 'i', resources: { requests: { cpu } } }],
          ...spec,
        },
      });
      await world.settle();
    },
    get,
    async placeOf(name) {
      const { spec, status } = await get(name);
      if (spec.nodeName) return spec.nodeName;
      return status?.nominatedNodeName
        ? `to ${status.nominatedNodeName}`
        : (podCondition(await get(name), 'PodScheduled')?.message ?? '');
    },
    async events(reason) {
      await world.advance(2000);
      const { items } = await client.list(Event, { namespace: NAMESPACE });
      return items
        .filter((event) => event.reason === reason)
        .map(({ involvedObject, message = '' }) => `${involvedObject.name}: ${message}`);
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

test('[PRE8] a victim is told why, deleted with an event, and the pod goes to the node it was promised', async () => {
  await using here = await preempting();
  await here.node('a', '2');
  // A finalizer holds the victim, so that it can be looked at.
  await here.cluster.client.create(Pod, {
    metadata: { name: 'victim', namespace: NAMESPACE, finalizers: ['example.com/hold'] },
    spec: {
      priorityClassName: 'low',
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'i', resources: { requests: { cpu: '2' } } }],
    },
  });
  await here.cluster.world.settle();
  assert.equal(await here.placeOf('victim'), 'a');
  await here.pod('winner', { class: 'high' });
  assert.equal(await here.placeOf('winner'), 'to a');
  const victim = await here.get('victim');
  assert.notEqual(victim.metadata.deletionTimestamp, undefined);
  const { lastTransitionTime: _time, ...target } = podCondition(victim, 'DisruptionTarget') ?? {};
  assert.deepEqual(target, {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: 'default-scheduler: preempting to accommodate a higher priority pod',
  });
  const uid = (await here.get('winner')).metadata.uid;
  assert.deepEqual(await here.events('Preempted'), [`victim: Preempted by pod ${uid} on node a`]);
  assert.deepEqual(await here.events('FailedScheduling'), ['winner: 0/1 nodes are available: 1 Insufficient cpu.']);
  const { resourceVersion } = (await here.get('victim')).metadata;
  await here.cluster.client.update(Pod, {
    ...victim,
    metadata: { ...victim.metadata, resourceVersion, finalizers: [] },
  });
  await here.cluster.world.settle();
  assert.equal(await here.placeOf('winner'), 'a');
});

test('[PRE2] the message says what preemption found', async () => {
  await using here = await preempting();
  await here.node('a', '1');
  await here.pod('there', { class: 'high' });
  await here.pod('new', { class: 'high' });
  assert.equal(
    await here.placeOf('new'),
    '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
  );
});

test('[PRE9] what a pod was promised is not given to those that matter no more, and is to one that matters more', async () => {
  await using here = await preempting();
  await here.node('a', '2');
  await here.pod('low', { cpu: '2', spec: {} });
  const hold = await here.get('low');
  await here.cluster.client.update(Pod, {
    ...hold,
    metadata: { ...hold.metadata, finalizers: ['example.com/hold'] },
  });
  await here.pod('mid', { cpu: '2', class: 'mid' });
  assert.equal(await here.placeOf('mid'), 'to a');
  await here.pod('other', { cpu: '1', class: 'mid' });
  assert.match(await here.placeOf('other'), /^0\/1 nodes are available: 1 Insufficient cpu\. preemption: /);
  await here.pod('high', { cpu: '2', class: 'high' });
  assert.equal(await here.placeOf('high'), 'to a');
  assert.match(await here.placeOf('mid'), /^0\/1 nodes/);
  const victim = await here.get('low');
  await here.cluster.client.update(Pod, { ...victim, metadata: { ...victim.metadata, finalizers: [] } });
  await here.cluster.world.advance(20_000);
  assert.deepEqual([await here.placeOf('high'), (await here.get('mid')).spec.nodeName], ['a', undefined]);
});

test('[PRE10] a promise that stands in the status of a pod is kept by a new scheduler', async () => {
  await using here = await preempting({ runs: false });
  await here.node('a', '1');
  await here.pod('promised', { class: 'high' });
  const promised = await here.get('promised');
  const status = { ...promised.status, nominatedNodeName: 'a' };
  await here.cluster.client.update(Pod, { ...promised, status }, { subresource: 'status' });
  await here.pod('earlier', { class: 'low' });
  here.cluster.run((signal) => runScheduler({ ...here.cluster, signal }));
  await here.cluster.world.settle();
  assert.equal(await here.placeOf('promised'), 'a');
  assert.match(await here.placeOf('earlier'), /^0\/1 nodes are available: 1 Insufficient cpu\./);
});
