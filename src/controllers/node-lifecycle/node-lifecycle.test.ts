import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lease } from '#api/coordination/lease';
import { Event } from '#api/core/event';
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { formatMicroTime } from '#api/meta/time';
import type { Toleration } from '#api/types/core-v1';
import type { Clock } from '#base/world';
import { createEventRecorder } from '#client/event-recorder';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { aNode } from '#test/builders/nodes';
import { readyStatus, aTemplate } from '#test/builders/workloads';
import type { Controller } from '../framework/controller.ts';
import { runController } from '../framework/run-controller.ts';
import { podGarbage } from '../pod-garbage/controller.ts';
import { taintEviction } from '../taint-eviction/controller.ts';
import { nodeLifecycle } from './controller.ts';
import { planTaints } from './plan.ts';
import { Zones } from './zones.ts';

const LEASES = 'kube-node-lease';

/** `aheadMs`: how far the controllers' clock is ahead. */
async function aWatchedCluster(aheadMs = () => 0): Promise<TestCluster> {
  const cluster = await aCluster({ namespaces: ['default', LEASES] });
  const { clock, random, newId } = cluster.world;
  const ahead: Clock = {
    now: () => clock.now() + aheadMs(),
    setTimer: (delayMs, fire) => clock.setTimer(delayMs, fire),
    sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
    nextTurn: () => clock.nextTurn(),
  };
  const world = { clock: ahead, random, newId };
  const run = (controller: Controller): void =>
    cluster.run(async (signal) => {
      const events = createEventRecorder({ ...cluster, world, signal, component: controller.name });
      await runController(controller, { ...cluster, world, signal, events });
    });
  for (const controller of [nodeLifecycle(), taintEviction(), podGarbage()]) run(controller);
  await cluster.world.settle();
  return cluster;
}

const aConditioned = (name: string) => ({
  metadata: { name },
  spec: {},
  status: { conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }] },
});

/** A node whose agent renews its lease every 10 s until it is stopped. */
async function aLiveNode(cluster: TestCluster, name: string): Promise<{ stop(): void }> {
  const { client, world } = cluster;
  await client.create(Node, aConditioned(name));
  const node = await client.get(Node, { name });
  await client.update(Node, { ...node, status: aConditioned(name).status }, { subresource: 'status' });
  let lease = await client.create(Lease, { metadata: { namespace: LEASES, name }, spec: { holderIdentity: name } });
  let live = true;
  const beat = async (): Promise<void> => {
    if (!live || cluster.signal.aborted) return;
    lease = await client.update(Lease, {
      ...lease,
      spec: { ...lease.spec, renewTime: formatMicroTime(world.clock.now()) },
    });
    world.clock.setTimer(10_000, () => void beat());
  };
  await beat();
  return { stop: () => void (live = false) };
}

async function aPodOn(cluster: TestCluster, node: string, tolerations: readonly Toleration[] = []): Promise<Pod> {
  const metadata = { namespace: 'default', name: `on-${node}` };
  const pod = await cluster.client.create(Pod, {
    metadata,
    spec: { ...aTemplate().spec, nodeName: node, tolerations },
  });
  return await cluster.client.update(Pod, { ...pod, status: readyStatus() }, { subresource: 'status' });
}

const tainted = (node: Node): readonly string[] =>
  (node.spec.taints ?? []).map(({ key, effect }) => `${key.split('/')[1]}:${effect}`).toSorted();

test('[CTL50] a node that is not heard of for 40 s is unknown and unreachable, and its pods count as not ready', async () => {
  await using cluster = await aWatchedCluster();
  const { client, world } = cluster;
  await aLiveNode(cluster, 'healthy');
  const agent = await aLiveNode(cluster, 'silent');
  await aPodOn(cluster, 'silent');
  await world.advance(60_000);
  assert.deepEqual(tainted(await client.get(Node, { name: 'silent' })), []);
  agent.stop();
  await world.advance(35_000);
  assert.deepEqual(tainted(await client.get(Node, { name: 'silent' })), []);
  await world.advance(16_000);
  const node = await client.get(Node, { name: 'silent' });
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  assert.deepEqual(
    [ready?.status, ready?.reason, ready?.message],
    ['Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.'],
  );
  assert.deepEqual(tainted(node), ['unreachable:NoExecute', 'unreachable:NoSchedule']);
  const pod = await client.get(Pod, { namespace: 'default', name: 'on-silent' });
  assert.deepEqual(pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status, 'False');
  assert.deepEqual(tainted(await client.get(Node, { name: 'healthy' })), []);
  const messages = (await client.list(Event)).items.map(({ message }) => message);
  assert.ok(messages.includes('Node silent status is now: NodeNotReady'));
});

test('[CTL50c] a clock that jumps makes no node look silent', async () => {
  let aheadMs = 0;
  await using cluster = await aWatchedCluster(() => aheadMs);
  const { client, world } = cluster;
  await aLiveNode(cluster, 'healthy');
  const agent = await aLiveNode(cluster, 'silent');
  await world.advance(60_000);
  agent.stop();
  await world.advance(20_000);
  for (const jumpMs of [600_000, -3_600_000]) {
    aheadMs += jumpMs;
    await world.advance(4_000);
  }
  assert.deepEqual(tainted(await client.get(Node, { name: 'silent' })), []);
  await world.advance(30_000);
  const nodes = ['healthy', 'silent'].map(async (name) => tainted(await client.get(Node, { name })).length);
  assert.deepEqual(await Promise.all(nodes), [0, 2]);
});

test('[CTL50d] an agent that is there after all says itself how its pods are', async () => {
  await using cluster = await aWatchedCluster();
  const { client, world } = cluster;
  await aLiveNode(cluster, 'healthy');
  const agent = await aLiveNode(cluster, 'silent');
  await aPodOn(cluster, 'silent');
  agent.stop();
  await world.advance(60_000);
  const ref = { namespace: 'default', name: 'on-silent' };
  const marked = await client.get(Pod, ref);
  await client.update(Pod, { ...marked, status: readyStatus() }, { subresource: 'status' });
  await world.advance(60_000);
  const { status } = await client.get(Pod, ref);
  const ready = [marked.status, status].map((each) => each?.conditions?.find(({ type }) => type === 'Ready')?.status);
  assert.deepEqual(ready, ['False', 'True']);
});

function pacesOf(nodes: readonly Node[]): ReadonlyMap<string, unknown> {
  const zones = new Zones();
  for (const after of nodes) zones.follow({ after });
  return zones.paces();
}

test('[CTL54b] nodes that are excluded from disruption say nothing about their zone', () => {
  const node = (zone: string, labels: Readonly<Record<string, string>>, status: string) =>
    aNode({
      labels: { 'topology.kubernetes.io/zone': zone, ...labels },
      status: { conditions: [{ type: 'Ready', status }] },
    });
  const excluded = { 'node.kubernetes.io/exclude-disruption': '' };
  const nodes = [node('z', {}, 'Unknown'), node('z', excluded, 'True'), node('y', excluded, 'Unknown')];
  assert.deepEqual(
    [...pacesOf(nodes)],
    [
      [':z', 'lift'],
      [':y', 10_000],
    ],
  );
});

test('[CTL50b] nodes that come and go are told in events about them', async () => {
  await using cluster = await aWatchedCluster();
  const { client, world } = cluster;
  const agent = await aLiveNode(cluster, 'guest');
  await world.advance(1_000);
  agent.stop();
  await client.delete(Node, { name: 'guest' });
  await world.advance(1_000);
  const { items } = await client.list(Event, { namespace: 'default' });
  const about = items.filter(({ involvedObject }) => involvedObject.kind === 'Node');
  assert.deepEqual(
    about.map(({ type, reason, message, source }) => [type, reason, message, source?.component]),
    [
      ['Normal', 'RegisteredNode', 'Node guest event: Registered Node guest in Controller', 'node-controller'],
      ['Normal', 'RemovingNode', 'Node guest event: Removing Node guest from Controller', 'node-controller'],
    ],
  );
});

test('[CTL51] a pod stays on an unreachable node as long as it tolerates it, then is marked and deleted', async () => {
  await using cluster = await aWatchedCluster();
  const { client, world } = cluster;
  await aLiveNode(cluster, 'healthy');
  const agent = await aLiveNode(cluster, 'silent');
  const toleration = {
    key: 'node.kubernetes.io/unreachable',
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  };
  await aPodOn(cluster, 'silent', [toleration]);
  agent.stop();
  await world.advance(51_000);
  const ref = { namespace: 'default', name: 'on-silent' };
  await world.advance(280_000);
  assert.equal((await client.get(Pod, ref)).metadata.deletionTimestamp, undefined);
  await world.advance(25_000);
  const pod = await client.get(Pod, ref);
  assert.notEqual(pod.metadata.deletionTimestamp, undefined);
  const target = pod.status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  assert.equal(target?.reason, 'DeletionByTaintManager');
});

test('[CTL52] a node that comes back loses its taints', async () => {
  await using cluster = await aWatchedCluster();
  const { client, world } = cluster;
  await aLiveNode(cluster, 'healthy');
  const agent = await aLiveNode(cluster, 'silent');
  agent.stop();
  await world.advance(60_000);
  const node = await client.get(Node, { name: 'silent' });
  assert.equal(tainted(node).length, 2);
  const Ready = {
    ...aConditioned('silent').status.conditions[0],
    type: 'Ready',
    status: 'True',
    lastHeartbeatTime: '2026-01-01T00:01:00Z',
  };
  await client.update(Node, { ...node, status: { conditions: [Ready] } }, { subresource: 'status' });
  await world.settle();
  assert.deepEqual(tainted(await client.get(Node, { name: 'silent' })), []);
});

test('[CTL53] when no node answers, nobody is driven off, and it is lifted when it was begun', async () => {
  await using cluster = await aWatchedCluster();
  const { client, world } = cluster;
  const agents = [await aLiveNode(cluster, 'one'), await aLiveNode(cluster, 'two')];
  agents[0]?.stop();
  await world.advance(60_000);
  assert.ok(tainted(await client.get(Node, { name: 'one' })).includes('unreachable:NoExecute'));
  agents[1]?.stop();
  await world.advance(60_000);
  const taints = await Promise.all(['one', 'two'].map(async (name) => tainted(await client.get(Node, { name }))));
  assert.deepEqual(taints, [['unreachable:NoSchedule'], ['unreachable:NoSchedule']]);
});

test('[CTL54] zones lose nodes at their own pace: slowly when most of a large one is silent, not at all in a small one', () => {
  const nodes = (count: number, down: number) =>
    Array.from({ length: count }, (_each, at) =>
      aNode({
        name: `n${at}`,
        labels: { 'topology.kubernetes.io/zone': 'z' },
        status: { conditions: [{ type: 'Ready', status: at < down ? 'Unknown' : 'True' }] },
      }),
    );
  const pace = (count: number, down: number) => pacesOf(nodes(count, down)).get(':z');
  assert.deepEqual(
    [pace(10, 2), pace(10, 6), pace(60, 40), pace(3, 3), pace(2, 0)],
    [10_000, 'never', 100_000, 'lift', 10_000],
  );
});

test('[CTL54] when most of a small zone falls silent, no further node is driven empty and those begun with are not let off', async () => {
  await using cluster = await aWatchedCluster();
  const { client, world } = cluster;
  const agents = new Map<string, { stop(): void }>();
  for (const name of ['a', 'b', 'c', 'd', 'e']) agents.set(name, await aLiveNode(cluster, name));
  for (const name of ['a', 'b', 'c', 'd']) {
    agents.get(name)?.stop();
    await world.advance(60_000);
  }
  const driven = (await client.list(Node)).items.filter((node) => tainted(node).includes('unreachable:NoExecute'));
  assert.deepEqual(
    driven.map(({ metadata }) => metadata.name),
    ['a', 'b'],
  );
});

test('[CTL54] zones are counted as their nodes come, go, fall silent and change', () => {
  const zones = new Zones();
  const node = (zone: string, status: string) =>
    aNode({ labels: { 'topology.kubernetes.io/zone': zone }, status: { conditions: [{ type: 'Ready', status }] } });
  const [well, ill, moved] = [node('z', 'True'), node('z', 'Unknown'), node('y', 'Unknown')];
  const told = [
    zones.follow({ after: well }),
    zones.follow({ after: well }),
    zones.follow({ before: well, after: well }),
    zones.follow({ before: well, after: ill }),
    zones.follow({ before: well, after: ill }),
    zones.follow({ before: ill, after: moved }),
    zones.follow({ before: moved }),
    zones.follow({ before: ill }),
  ];
  assert.deepEqual(told, [true, false, false, false, true, true, true, true]);
  assert.deepEqual([...zones.paces()], []);
});

test('[CTL55] taints follow conditions and cordoning; those of others stay as they are', () => {
  const own = { key: 'example.com/gpu', effect: 'NoSchedule', value: 'yes' };
  const node = aNode({
    spec: { unschedulable: true, taints: [own, { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' }] },
    status: {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'MemoryPressure', status: 'True' },
      ],
    },
  });
  const timeAdded = '2026-01-01T00:00:00Z';
  assert.deepEqual(planTaints(node, { evicts: false, nowMs: Date.parse(timeAdded) }), [
    own,
    { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule', timeAdded },
    { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule', timeAdded },
  ]);
});

test('[CTL56] pods of a node that is gone are failed and removed after 40 s', async () => {
  await using cluster = await aWatchedCluster();
  const { client, world } = cluster;
  await aLiveNode(cluster, 'gone');
  await aPodOn(cluster, 'gone');
  await client.delete(Node, { name: 'gone' });
  await world.advance(39_000);
  assert.equal((await client.list(Pod)).items.length, 1);
  await world.advance(2000);
  assert.equal((await client.list(Pod)).items.length, 0);
});

test('[CTL57] a pod that was never placed and is being deleted is removed at once', async () => {
  await using cluster = await aWatchedCluster();
  const { client, world } = cluster;
  const metadata = { namespace: 'default', name: 'unplaced', finalizers: ['example.com/keep'] };
  const pod = await client.create(Pod, { metadata, spec: aTemplate().spec });
  await client.delete(Pod, { namespace: 'default', name: 'unplaced' }, { gracePeriodSeconds: 30 });
  await world.settle();
  const ending = await client.get(Pod, { namespace: 'default', name: pod.metadata.name });
  assert.equal(ending.status?.phase, 'Failed');
});
