import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event } from '#api/core/event';
import { Pod } from '#api/core/pod';
import type { ContainerResizePolicy, ResourceRequirements } from '#api/types/core-v1';
import { anAgent } from '#test/builders/agent';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { createHollowRuntime } from '../runtime/hollow/hollow-runtime.ts';
import type { ContainerResources } from '../runtime/isolation.ts';
import type { Runtime } from '../runtime/runtime.ts';

const SMALL: ResourceRequirements = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } };

const aNodeCluster = (): Promise<TestCluster> => aCluster({ namespaces: ['default', 'kube-node-lease'] });

async function createPod(
  { client, world }: TestCluster,
  name: string,
  { resources = SMALL, resizePolicy = [] as readonly ContainerResizePolicy[] } = {},
): Promise<void> {
  const containers = [{ name: 'web', image: 'nginx:1', resources, resizePolicy }];
  await client.create(Pod, { metadata: { namespace: 'default', name }, spec: { nodeName: 'node-1', containers } });
  await world.advance(5_000);
}

async function resize({ client, world }: TestCluster, name: string, resources: object): Promise<void> {
  const document = { spec: { containers: [{ name: 'web', resources }] } };
  const patch = { type: 'application/strategic-merge-patch+json', document } as const;
  await client.patch(Pod, { ref: { namespace: 'default', name }, patch }, { subresource: 'resize' });
  await world.advance(1_000);
}

const read = ({ client }: TestCluster, name: string): Promise<Pod> => client.get(Pod, { namespace: 'default', name });

/** What is shown of the pod: what its container was given and runs with, its restarts, and what is under way. */
async function shown(cluster: TestCluster, name: string): Promise<readonly unknown[]> {
  const { containerStatuses = [], conditions = [] } = (await read(cluster, name)).status ?? {};
  const [web] = containerStatuses;
  const resizing = conditions.filter(({ type }) => type.startsWith('PodResize'));
  return [
    web?.allocatedResources?.['cpu'],
    web?.resources?.requests?.['cpu'],
    web?.restartCount,
    ...resizing.map(({ type, reason = '', message = '' }) => [type, reason, message].join(' ').trim()),
  ];
}

const events = async ({ client }: TestCluster): Promise<readonly string[]> =>
  (await client.list(Event, {})).items
    .filter(({ reason = '' }) => reason.startsWith('Resize') || reason === 'Killing')
    .map(({ reason, message }) => `${reason} ${message}`);

type Recorded = Runtime & { readonly updates: ContainerResources[]; usedBytes: number };

function aRecordingRuntime({ world }: TestCluster): Recorded {
  const hollow = createHollowRuntime({ world, podCidr: '198.18.1.0/24' });
  const updates: ContainerResources[] = [];
  const recorded: Recorded = {
    ...hollow,
    updates,
    usedBytes: 0,
    updateContainerResources: async (_id, resources) => void updates.push(resources),
    stats: async (signal) =>
      (await hollow.stats(signal)).map((sandbox) => ({
        ...sandbox,
        containers: sandbox.containers.map((each) => ({ ...each, memoryWorkingSetBytes: recorded.usedBytes })),
      })),
  };
  return recorded;
}

test('[SUB12] a container gets more while it runs, which its status and events tell', async () => {
  await using cluster = await aNodeCluster();
  const runtime = aRecordingRuntime(cluster);
  await anAgent(cluster, { runtime });
  await createPod(cluster, 'web-1');
  assert.deepEqual(await shown(cluster, 'web-1'), ['1', '1', 0]);
  await resize(cluster, 'web-1', { requests: { cpu: '1500m' }, limits: { memory: '3Gi' } });
  assert.deepEqual(await shown(cluster, 'web-1'), ['1500m', '1500m', 0]);
  const bytes = 3 * 1024 ** 3;
  assert.deepEqual(runtime.updates, [
    { cpuShares: 1536, cpuPeriod: 100_000, cpuQuota: 200_000, memoryLimitBytes: bytes, memorySwapLimitBytes: bytes },
  ]);
  const limits = '"limits":{"cpu":"2","memory":"3Gi"},"requests":{"cpu":"1500m","memory":"1Gi"}';
  const what = `{"containers":[{"name":"web","resources":{${limits}}}],"generation":2}`;
  assert.deepEqual(await events(cluster), [
    `ResizeStarted Pod resize started: ${what}`,
    `ResizeCompleted Pod resize completed: ${what}`,
  ]);
});

test('[SUB13] what a node cannot hold waits for room, or for another wish', async () => {
  await using cluster = await aNodeCluster();
  const runtime = aRecordingRuntime(cluster);
  await anAgent(cluster, { runtime });
  await createPod(cluster, 'web-1');
  await createPod(cluster, 'web-2', { resources: { requests: { cpu: '2' } } });
  await resize(cluster, 'web-1', { requests: { cpu: '100' }, limits: { cpu: '100' } });
  const never = "Node didn't have enough capacity: cpu, requested: 100000, capacity: 4000";
  assert.deepEqual(await shown(cluster, 'web-1'), ['1', '1', 0, `PodResizePending Infeasible ${never}`]);
  await resize(cluster, 'web-1', { requests: { cpu: '3' }, limits: { cpu: '3' } });
  const later = "Node didn't have enough resource: cpu, requested: 3000, used: 2000, capacity: 4000";
  assert.deepEqual(await shown(cluster, 'web-1'), ['1', '1', 0, `PodResizePending Deferred ${later}`]);
  const [first] = await runtime.listContainers();
  const stopped = runtime.stopContainer(first?.id ?? '', 0);
  await cluster.world.advance(5_000);
  await stopped;
  assert.deepEqual(await shown(cluster, 'web-1'), ['1', '1', 1, `PodResizePending Deferred ${later}`]);
  await cluster.client.delete(Pod, { namespace: 'default', name: 'web-2' });
  await cluster.world.advance(60_000);
  assert.deepEqual(await shown(cluster, 'web-1'), ['3', '3', 1]);
  const reasons = (await events(cluster)).map((each) => each.split(' ')[0]);
  const resizes = reasons.filter((reason) => reason !== 'Killing');
  // Two of them are of one moment.
  assert.deepEqual(
    new Set(resizes),
    new Set(['ResizeInfeasible', 'ResizeDeferred', 'ResizeStarted', 'ResizeCompleted']),
  );
});

test('[SUB14] a container is restarted where the policy of what changes says so', async () => {
  await using cluster = await aNodeCluster();
  const runtime = aRecordingRuntime(cluster);
  await anAgent(cluster, { runtime });
  const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }];
  await createPod(cluster, 'web-1', { resizePolicy });
  await resize(cluster, 'web-1', { requests: { cpu: '2' } });
  assert.deepEqual(await shown(cluster, 'web-1'), ['2', '2', 0]);
  await resize(cluster, 'web-1', { limits: { memory: '1536Mi' } });
  await cluster.world.advance(10_000);
  assert.deepEqual(await shown(cluster, 'web-1'), ['2', '2', 1]);
  assert.equal((await read(cluster, 'web-1')).status?.containerStatuses?.[0]?.resources?.limits?.['memory'], '1536Mi');
  assert.equal(runtime.updates.length, 1);
  assert.ok((await events(cluster)).includes('Killing Container web resize requires restart'));
});

test('[SUB15] a memory limit is not lowered below what is in use', async () => {
  await using cluster = await aNodeCluster();
  const runtime = aRecordingRuntime(cluster);
  await anAgent(cluster, { runtime });
  await createPod(cluster, 'web-1');
  runtime.usedBytes = 1.5 * 1024 ** 3;
  await resize(cluster, 'web-1', { limits: { memory: '1Gi' } });
  const why = 'attempting to set container "web" memory limit (1073741824) below current usage (1610612736)';
  const error = `cannot decrease memory limits: ${why}`;
  assert.deepEqual(await shown(cluster, 'web-1'), ['1', '1', 0, `PodResizeInProgress Error ${error}`]);
  assert.equal(runtime.updates.length, 0);
  runtime.usedBytes = 1000;
  await cluster.world.advance(30_000);
  assert.deepEqual([await shown(cluster, 'web-1'), runtime.updates.length], [['1', '1', 0], 1]);
  assert.equal((await events(cluster)).filter((each) => each.startsWith('ResizeError')).length, 1);
});

test('[SUB16] an agent that starts anew carries out what was asked for meanwhile', async () => {
  await using cluster = await aNodeCluster();
  const runtime = aRecordingRuntime(cluster);
  const ending = new AbortController();
  await anAgent(cluster, { runtime, signal: ending.signal });
  await createPod(cluster, 'web-1');
  ending.abort();
  await resize(cluster, 'web-1', { requests: { cpu: '2' } });
  assert.deepEqual(await shown(cluster, 'web-1'), ['1', '1', 0]);
  await anAgent(cluster, { runtime });
  await cluster.world.advance(5_000);
  assert.deepEqual([await shown(cluster, 'web-1'), runtime.updates.length], [['2', '2', 0], 1]);
});
