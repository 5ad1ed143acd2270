import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lease } from '#api/coordination/lease';
import { Node } from '#api/core/node';
import { Event } from '#api/core/event';
import { createEventRecorder } from '#client/event-recorder';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { createHollowRuntime } from '../runtime/hollow/hollow-runtime.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import type { NodeStatus } from '#api/types/core-v1';
import type { HostFacts, HostPressure } from './host-facts.ts';
import { startNodeReporter } from './node-reporter.ts';
import { planNodeEvents } from './plan-node-events.ts';
import { planNodeStatus, type NodeStatusInput } from './plan-node-status.ts';

const GIBI = 1024 ** 3;
const HOST: HostFacts = {
  hostname: 'node-1',
  architecture: 'amd64',
  cpuMilli: 2_000,
  memoryBytes: 4 * GIBI,
  storageBytes: 100 * GIBI,
  kernelVersion: '6.1',
  osImage: 'Debian',
  machineId: 'm',
  systemUuid: 's',
  bootId: 'b',
};
const AT_EASE: HostPressure = {
  memoryAvailableBytes: 2 * GIBI,
  storageAvailableBytes: 50 * GIBI,
  storageInodesShare: 0.9,
  freePidsShare: 0.9,
};
const NOW = Date.parse('2026-01-01T00:00:00Z');

const planned = (changes: Partial<NodeStatusInput> = {}) =>
  planNodeStatus({
    host: HOST,
    pressure: AT_EASE,
    runtime: { name: 'containerd', version: '1.6.20', notReady: [] },
    images: [],
    addresses: ['198.18.0.1'],
    port: 10250,
    version: 'v1.35.0',
    maxPods: 110,
    old: undefined,
    now: NOW,
    ...changes,
  });

test('[NOD130] a node shows what it has, what it offers, where it is and what it runs', () => {
  const status = planned();
  assert.deepEqual(
    [
      status.capacity?.['cpu'],
      status.capacity?.['memory'],
      status.capacity?.['pods'],
      status.allocatable?.['memory'],
      status.allocatable?.['cpu'],
    ],
    ['2', '4194304Ki', '110', '4091904Ki', '2'],
  );
  assert.deepEqual(status.addresses, [
    { type: 'InternalIP', address: '198.18.0.1' },
    { type: 'Hostname', address: 'node-1' },
  ]);
  assert.deepEqual(
    [status.daemonEndpoints?.kubeletEndpoint?.Port, status.nodeInfo?.containerRuntimeVersion],
    [10250, 'containerd://1.6.20'],
  );
});

test('[NOD200] a node goes on offering what others have put into its capacity', () => {
  const old = { capacity: { 'example.com/gpu': '4', cpu: '9', 'unknown.kubernetes.io/x': '1' } };
  const { capacity, allocatable } = planned({ old });
  assert.deepEqual(
    [capacity?.['example.com/gpu'], allocatable?.['example.com/gpu'], capacity?.['cpu']],
    ['4', '4', '2'],
  );
});

const told = (changes: Partial<NodeStatusInput>) =>
  Object.fromEntries(
    (planned(changes).conditions ?? []).map(({ type, status, reason }) => [type, `${status} ${reason}`]),
  );

test('[NOD131] a node tells whether it is ready and what it lacks', () => {
  assert.deepEqual(told({}), {
    MemoryPressure: 'False KubeletHasSufficientMemory',
    DiskPressure: 'False KubeletHasNoDiskPressure',
    PIDPressure: 'False KubeletHasSufficientPID',
    Ready: 'True KubeletReady',
  });
  const pressure = { memoryAvailableBytes: 1, storageAvailableBytes: 1, storageInodesShare: 1, freePidsShare: 0 };
  assert.deepEqual(told({ pressure, runtime: { name: 'c', version: '1', notReady: ['network is down'] } }), {
    MemoryPressure: 'True KubeletHasInsufficientMemory',
    DiskPressure: 'True KubeletHasDiskPressure',
    PIDPressure: 'True KubeletHasInsufficientPID',
    Ready: 'False KubeletNotReady',
  });
});

test('[NOD132] a condition keeps the time since which it holds', () => {
  const later = planned({ old: planned(), now: NOW + 60_000 });
  const ready = later.conditions?.find(({ type }) => type === 'Ready');
  assert.deepEqual(
    [ready?.lastTransitionTime, ready?.lastHeartbeatTime],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z'],
  );
});

async function aReporter(cluster: TestCluster, runtime: Runtime): Promise<void> {
  const starting = startNodeReporter({
    ...cluster,
    events: createEventRecorder({ ...cluster, component: 'kubelet', host: 'node-1' }),
    runtime,
    identity: { name: 'node-1', labels: { zone: 'a' }, podCidr: '198.18.1.0/24', taints: [] },
    host: HOST,
    readPressure: async () => AT_EASE,
    addresses: ['198.18.0.1'],
    port: 10250,
    version: 'v1.35.0',
    maxPods: 110,
  });
  await cluster.world.advance(1_000);
  await starting;
}

const NAMESPACES = ['default', 'kube-node-lease'];

test('[NOD133] a node registers itself, or takes over the object that bears its name', async () => {
  await using cluster = await aCluster({ namespaces: NAMESPACES });
  const { client, world } = cluster;
  await client.create(Node, { metadata: { name: 'node-1', labels: { mine: 'yes' } }, spec: { unschedulable: true } });
  await aReporter(cluster, createHollowRuntime({ world, podCidr: '198.18.1.0/24' }));
  const { metadata, spec, status } = await client.get(Node, { name: 'node-1' });
  assert.deepEqual(
    [metadata.labels, spec.podCIDR, spec.unschedulable],
    [{ mine: 'yes', zone: 'a' }, '198.18.1.0/24', true],
  );
  assert.equal(status?.conditions?.find(({ type }) => type === 'Ready')?.status, 'True');
});

test('[NOD134] a node renews its lease every ten seconds, and tells its status only when that changes', async () => {
  await using cluster = await aCluster({ namespaces: NAMESPACES });
  const { client, world } = cluster;
  await aReporter(cluster, createHollowRuntime({ world, podCidr: '198.18.1.0/24' }));
  const writes = (plural: string) =>
    cluster.requests.filter((each) => each.plural === plural && each.verb === 'update').length;
  const before = [writes('leases'), writes('nodes')];
  await world.advance(60_000);
  assert.deepEqual([writes('leases') - (before[0] ?? 0), writes('nodes') - (before[1] ?? 0)], [6, 0]);
  const { spec } = await client.get(Lease, { namespace: 'kube-node-lease', name: 'node-1' });
  assert.deepEqual([spec?.holderIdentity, spec?.leaseDurationSeconds], ['node-1', 40]);
  await world.advance(300_000);
  assert.equal(writes('nodes') - (before[1] ?? 0), 1);
});

test('[NOD135] a node whose runtime does not answer says so, and is ready again soon after it does', async () => {
  await using cluster = await aCluster({ namespaces: NAMESPACES });
  const { client, world } = cluster;
  const hollow = createHollowRuntime({ world, podCidr: '198.18.1.0/24' });
  let down = true;
  const version = async () => {
    if (down) throw new RuntimeError('Unavailable', 'no');
    return await hollow.version();
  };
  await aReporter(cluster, { ...hollow, version });
  const ready = async () =>
    (await client.get(Node, { name: 'node-1' })).status?.conditions?.find(({ type }) => type === 'Ready');
  assert.deepEqual([(await ready())?.status, (await ready())?.message], ['False', 'container runtime is down']);
  down = false;
  await world.advance(500);
  assert.equal((await ready())?.status, 'True');
});

test('[NOD136] a node that was deleted while it lives comes back', async () => {
  await using cluster = await aCluster({ namespaces: NAMESPACES });
  const { client, world } = cluster;
  await aReporter(cluster, createHollowRuntime({ world, podCidr: '198.18.1.0/24' }));
  await client.delete(Node, { name: 'node-1' });
  await world.advance(20_000);
  assert.equal((await client.get(Node, { name: 'node-1' })).metadata.name, 'node-1');
});

test('[NOD137] what becomes of a node is told in events about it', async () => {
  await using cluster = await aCluster({ namespaces: NAMESPACES });
  const { client, world } = cluster;
  await aReporter(cluster, createHollowRuntime({ world, podCidr: '198.18.1.0/24' }));
  const node = await client.get(Node, { name: 'node-1' });
  await client.update(Node, { ...node, spec: { ...node.spec, unschedulable: true } });
  await world.advance(20_000);
  const events = (await client.list(Event, { namespace: 'default' })).items;
  assert.deepEqual(
    events.map(({ reason, message }) => `${reason}: ${message}`).toSorted((left, right) => (left < right ? -1 : 1)),
    [
      'NodeHasNoDiskPressure: Node node-1 status is now: NodeHasNoDiskPressure',
      'NodeHasSufficientMemory: Node node-1 status is now: NodeHasSufficientMemory',
      'NodeHasSufficientPID: Node node-1 status is now: NodeHasSufficientPID',
      'NodeNotSchedulable: Node node-1 status is now: NodeNotSchedulable',
      'NodeReady: Node node-1 status is now: NodeReady',
      'Starting: Starting kubelet.',
    ],
  );
  const [first] = events;
  assert.deepEqual(first?.involvedObject, { apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: 'node-1' });
  assert.deepEqual(first.source, { component: 'kubelet', host: 'node-1' });
});

test('[NOD137] only what changes is told', () => {
  const runtime = { name: 'containerd', version: '1', notReady: ['down'] };
  const reasons = (before: NodeStatus | undefined, after: NodeStatus) =>
    planNodeEvents('n', { before, after }).map(({ reason }) => reason);
  const [fine, down] = [planned(), planned({ runtime })];
  assert.deepEqual(reasons(undefined, down).includes('NodeNotReady'), false);
  assert.deepEqual(
    [reasons(fine, fine), reasons(fine, down), reasons(down, fine)],
    [[], ['NodeNotReady'], ['NodeReady']],
  );
  const rebooted = planned({ host: { ...HOST, bootId: 'c' } });
  assert.deepEqual(reasons(fine, rebooted), ['Rebooted']);
});
