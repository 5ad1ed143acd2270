/** Programs that have a say in where pods go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { podCondition } from '#api/core/pod-state';
import { isJsonObject } from '#api/meta/json-value';
import { refOf } from '#api/object';
import { PodGroup } from '#api/scheduling/pod-group';
import { PriorityClass } from '#api/scheduling/priority-class';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { schedulerConfig } from '../config/scheduler-config.ts';
import { runScheduler } from '../scheduler.ts';
import type { ExtenderCall } from './extender.ts';

const HEAD = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration' };
const namespace = 'default';
const URL = 'http://extender.test/scheduler';

type Answer = (body: Readonly<Record<string, unknown>>, cluster: TestCluster) => unknown;

/** What the extender answers, by verb. */
async function extended(config: object, answers: Readonly<Record<string, Answer>>) {
  const cluster = await aCluster();
  const { client, world } = cluster;
  const calls: ExtenderCall[] = [];
  await client.create(PriorityClass, { metadata: { name: 'high' }, value: 100 });
  const verbs = Object.fromEntries(Object.keys(answers).map((verb) => [`${verb}Verb`, verb]));
  const extender = { urlPrefix: `${URL}/`, weight: 1, ...verbs, ...config };
  cluster.run((signal) =>
    runScheduler({
      ...cluster,
      config: schedulerConfig({ ...HEAD, extenders: [extender] }),
      callExtender: async (call) => {
        calls.push(call);
        assert.ok(isJsonObject(call.body));
        return await answers[call.url.replace(`${URL}/`, '')]?.(call.body, cluster);
      },
      signal,
    }),
  );
  return {
    cluster,
    calls,
    async node(name: string, resources: Readonly<Record<string, string>> = {}) {
      const { metadata } = await client.create(Node, { metadata: { name }, spec: {} });
      const allocatable = { cpu: '4', memory: '8Gi', pods: '110', ...resources };
      const node = { apiVersion: 'v1', kind: 'Node', metadata, spec: {}, status: { allocatable } };
      await client.update(Node, node, { subresource: 'status' });
      await world.settle();
    },
    async pod(
      name: string,
      spec: Partial<Pod['spec']> = {},
      requests: Readonly<Record<string, string>> = { cpu: '1' },
    ) {
      await client.create(Pod, {
        metadata: { name, namespace },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'main', image: 'i', resources: { requests, limits: requests } }],
          ...spec,
        },
      });
      await world.settle();
    },
    async placeOf(name: string) {
      const pod = await client.get(Pod, { namespace, name });
      const { reason = '', message = '' } = podCondition(pod, 'PodScheduled') ?? {};
      return pod.spec.nodeName ?? `${reason}: ${message.replace(/ preemption: .*/, '')}`;
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

test('[SCE1] an extender leaves nodes out, by name or as a whole, and its reasons are told', async () => {
  await using here = await extended(
    { nodeCacheCapable: true },
    {
      filter: ({ NodeNames }) => ({
        NodeNames: (NodeNames as string[]).filter((name) => name === 'b'),
        FailedNodes: { a: 'too warm' },
      }),
    },
  );
  await here.node('a');
  await here.node('c', { cpu: '0' });
  await here.pod('nowhere');
  assert.equal(
    await here.placeOf('nowhere'),
    'Unschedulable: 0/2 nodes are available: 1 Insufficient cpu, 1 too warm.',
  );
  await here.node('b');
  await here.cluster.world.advance(10_000);
  assert.equal(await here.placeOf('nowhere'), 'b');
  await using whole = await extended(
    {},
    {
      filter: ({ Nodes }) => ({
        nodes: { items: (Nodes as { items: Node[] }).items.filter(({ metadata }) => metadata.name === 'b') },
      }),
    },
  );
  for (const name of ['a', 'b']) await whole.node(name);
  await whole.pod('somewhere');
  assert.equal(await whole.placeOf('somewhere'), 'b');
});

test('[SCE2] its opinion is added to that of the plugins, ten times its weight', async () => {
  await using here = await extended(
    { weight: 5 },
    {
      prioritize: () => [
        { Host: 'a', Score: 10 },
        { Host: 'b', Score: 0 },
      ],
    },
  );
  for (const name of ['a', 'b']) await here.node(name);
  for (const name of ['p1', 'p2', 'p3']) await here.pod(name);
  assert.deepEqual(await Promise.all(['p1', 'p2', 'p3'].map(here.placeOf)), ['a', 'a', 'a']);
});

test('[SCE3] it is asked about pods that want what it manages, and counts that alone if it says so', async () => {
  const managedResources = [{ name: 'example.com/gpu', ignoredByScheduler: true }];
  await using here = await extended(
    { managedResources, nodeCacheCapable: true },
    {
      filter: () => ({ NodeNames: ['b'] }),
    },
  );
  for (const name of ['a', 'b']) await here.node(name);
  await here.pod('plain');
  assert.equal(here.calls.length, 0);
  await here.pod('special', {}, { 'example.com/gpu': '1' });
  assert.deepEqual([await here.placeOf('special'), here.calls.length], ['b', 1]);
});

test('[SCE4] a pod waits when an extender fails, and is tried again; one that is ignorable holds nobody up', async () => {
  let isUp = false;
  const filter: Answer = ({ NodeNames }) => {
    if (!isUp) throw new Error('code 500');
    return { NodeNames };
  };
  await using here = await extended({ nodeCacheCapable: true, httpTimeout: '2s' }, { filter });
  await here.node('a');
  await here.pod('p');
  assert.equal(await here.placeOf('p'), `SchedulerError: failed filter with extender at URL ${URL}/filter: code 500`);
  isUp = true;
  await here.cluster.world.advance(10_000);
  assert.deepEqual([await here.placeOf('p'), here.calls[0]?.timeoutMs], ['a', 2000]);
  isUp = false;
  await using ignoring = await extended({ nodeCacheCapable: true, ignorable: true }, { filter });
  await ignoring.node('a');
  await ignoring.pod('p');
  assert.equal(await ignoring.placeOf('p'), 'a');
});

test('[SCE5] it binds the pod instead of the scheduler', async () => {
  await using here = await extended(
    {},
    {
      bind: async ({ PodName, PodNamespace, Node: node }, { client }) => {
        const pod = await client.get(Pod, { namespace: String(PodNamespace), name: String(PodName) });
        const { name, uid } = pod.metadata;
        await client.createSubresource(Pod, {
          ref: refOf(pod),
          subresource: 'binding',
          body: { metadata: { name, namespace, uid }, target: { kind: 'Node', name: node } },
        });
        return {};
      },
    },
  );
  await here.node('a');
  await here.pod('p');
  assert.deepEqual([await here.placeOf('p'), here.calls.length], ['a', 1]);
});

test('[SCE6] it decides which nodes may be cleared', async () => {
  await using here = await extended(
    { nodeCacheCapable: true },
    {
      preempt: ({ NodeNameToMetaVictims: victims }) => ({
        NodeNameToMetaVictims: { b: (victims as Record<string, unknown>)['b'] },
      }),
    },
  );
  for (const name of ['a', 'b']) {
    await here.node(name, { cpu: '1' });
    await here.pod(`low-${name}`);
  }
  const onB = (await here.placeOf('low-b')) === 'b' ? 'low-b' : 'low-a';
  await here.pod('high', { priorityClassName: 'high' });
  await here.cluster.world.advance(10_000);
  assert.equal(await here.placeOf('high'), 'b');
  await assert.rejects(here.cluster.client.get(Pod, { namespace, name: onB }));
});

test('[SCE1] a node that it was not asked about is an error', async () => {
  await using here = await extended({ nodeCacheCapable: true }, { filter: () => ({ NodeNames: ['x'] }) });
  await here.node('a');
  await here.pod('p');
  assert.equal(
    await here.placeOf('p'),
    `SchedulerError: extender "${URL}/" claims a filtered node "x" which is not found in the input node list`,
  );
});

test('[SCE8] it is asked about pods of a gang, each after those before it', async () => {
  const taken: string[] = [];
  await using here = await extended(
    { nodeCacheCapable: true },
    {
      // Each node once.
      filter: ({ NodeNames }) => {
        const free = (NodeNames as string[]).filter((name) => !taken.includes(name)).toSorted();
        taken.push(...free.slice(0, 1));
        return { NodeNames: free.slice(0, 1), FailedNodes: {} };
      },
    },
  );
  const { client, world } = here.cluster;
  for (const name of ['a', 'b', 'c']) await here.node(name);
  await client.create(PodGroup, {
    metadata: { namespace, name: 'g' },
    spec: { schedulingPolicy: { gang: { minCount: 3 } } },
  });
  const group = { schedulingGroup: { podGroupName: 'g' } };
  for (const name of ['p1', 'p2', 'p3']) await here.pod(name, group);
  await world.settle();
  assert.deepEqual(await Promise.all(['p1', 'p2', 'p3'].map(here.placeOf)), ['a', 'b', 'c']);
  assert.equal(here.calls.length, 3);
});

test('[SCE8] a gang for which an extender leaves too few nodes takes none', async () => {
  const filter: Answer = ({ NodeNames }) => ({ NodeNames: (NodeNames as string[]).filter((name) => name === 'a') });
  await using here = await extended({ nodeCacheCapable: true }, { filter });
  const { client, world } = here.cluster;
  for (const name of ['a', 'b']) await here.node(name, { cpu: '1' });
  await client.create(PodGroup, {
    metadata: { namespace, name: 'g' },
    spec: { schedulingPolicy: { gang: { minCount: 2 } } },
  });
  const group = { schedulingGroup: { podGroupName: 'g' } };
  for (const name of ['p1', 'p2']) await here.pod(name, group);
  await world.settle();
  const places = await Promise.all(['p1', 'p2'].map(here.placeOf));
  assert.ok(places.every((place) => place.startsWith('Unschedulable')));
  await here.pod('single');
  assert.equal(await here.placeOf('single'), 'a');
});

test('[SCE8] a gang waits when an extender fails, and its group says so', async () => {
  let isUp = false;
  const filter: Answer = ({ NodeNames }) => {
    if (!isUp) throw new Error('code 500');
    return { NodeNames };
  };
  await using here = await extended({ nodeCacheCapable: true }, { filter });
  const { client, world } = here.cluster;
  await here.node('a');
  await client.create(PodGroup, {
    metadata: { namespace, name: 'g' },
    spec: { schedulingPolicy: { gang: { minCount: 2 } } },
  });
  const group = { schedulingGroup: { podGroupName: 'g' } };
  for (const name of ['p1', 'p2']) await here.pod(name, group);
  const why = `failed filter with extender at URL ${URL}/filter: code 500`;
  assert.deepEqual(await Promise.all(['p1', 'p2'].map(here.placeOf)), Array(2).fill(`SchedulerError: ${why}`));
  const { status } = await client.get(PodGroup, { namespace, name: 'g' });
  const [{ reason, message } = {}] = status?.conditions ?? [];
  assert.deepEqual([reason, message], ['SchedulerError', why]);
  isUp = true;
  await world.advance(20_000);
  assert.deepEqual(await Promise.all(['p1', 'p2'].map(here.placeOf)), ['a', 'a']);
});
