import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ControllerRevision } from '#api/apps/controller-revision';
import { DaemonSet } from '#api/apps/daemon-set';
import { Event } from '#api/core/event';
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { runWorkloadAgent, type WorkloadAgent } from '#test/builders/workload-agent';
import { aTemplate, NAMESPACE } from '#test/builders/workloads';
import { runControllers } from '../run-controllers.ts';

const READY_NODE = { spec: {}, status: { conditions: [{ type: 'Ready', status: 'True' }] } };
const REF = { namespace: NAMESPACE, name: 'web' };

type Running = { readonly cluster: TestCluster; readonly agent: WorkloadAgent };

async function aClusterOf(nodes: readonly string[]): Promise<Running> {
  const cluster = await aCluster();
  cluster.run((signal) => runControllers({ ...cluster, signal }));
  const agent = runWorkloadAgent(cluster);
  for (const name of nodes) await cluster.client.create(Node, { metadata: { name }, ...READY_NODE });
  await cluster.world.settle();
  return { cluster, agent };
}

async function createWeb({ client, world }: TestCluster, spec: Partial<DaemonSet['spec']> = {}): Promise<void> {
  const selector = { matchLabels: { app: 'web' } };
  await client.create(DaemonSet, { metadata: REF, spec: { selector, template: aTemplate(), ...spec } });
  await world.advance(3000);
}

async function roll({ client, world }: TestCluster, image: string): Promise<void> {
  const current = await client.get(DaemonSet, REF);
  await client.update(DaemonSet, { ...current, spec: { ...current.spec, template: aTemplate(image) } });
  await world.advance(10_000);
}

const placed = async ({ client }: TestCluster): Promise<readonly string[]> =>
  (await client.list(Pod)).items.map(({ spec }) => `${spec.nodeName}:${spec.containers[0]?.image}`).toSorted();

test('[WRK48] every node gets a pod, a new node too; the status counts them', async () => {
  const { cluster } = await aClusterOf(['n1', 'n2']);
  await using _ending = cluster;
  await createWeb(cluster);
  assert.deepEqual(await placed(cluster), ['n1:nginx:1', 'n2:nginx:1']);
  await cluster.client.create(Node, { metadata: { name: 'n3' }, ...READY_NODE });
  await cluster.world.advance(3000);
  assert.deepEqual(await placed(cluster), ['n1:nginx:1', 'n2:nginx:1', 'n3:nginx:1']);
  const { status } = await cluster.client.get(DaemonSet, REF);
  assert.deepEqual(
    [status?.desiredNumberScheduled, status?.numberAvailable, status?.updatedNumberScheduled],
    [3, 3, 3],
  );
  const [pod] = (await cluster.client.list(Pod)).items;
  assert.equal(pod?.metadata.labels?.['pod-template-generation'], '1');
});

test('[WRK48] a new template rolls node by node, and an old one that comes back is the newest revision', async () => {
  const { cluster } = await aClusterOf(['n1', 'n2']);
  await using _ending = cluster;
  await createWeb(cluster);
  await roll(cluster, 'nginx:2');
  assert.deepEqual(await placed(cluster), ['n1:nginx:2', 'n2:nginx:2']);
  await roll(cluster, 'nginx:1');
  assert.deepEqual(await placed(cluster), ['n1:nginx:1', 'n2:nginx:1']);
  const revisions = (await cluster.client.list(ControllerRevision)).items;
  assert.deepEqual(
    revisions.map(({ revision = 0 }) => revision).toSorted((left, right) => left - right),
    [2, 3],
  );
});

test('[WRK48] a roll stops at a pod that does not become ready', async () => {
  const { cluster, agent } = await aClusterOf(['n1', 'n2']);
  await using _ending = cluster;
  await createWeb(cluster);
  agent.isWell = ({ spec }) => spec.containers[0]?.image !== 'broken';
  await roll(cluster, 'broken');
  const images = (await placed(cluster)).map((text) => text.slice(3)).toSorted();
  assert.deepEqual(images, ['broken', 'nginx:1']);
});

test('[WRK48] with a surge no node is without a working pod', async () => {
  const { cluster } = await aClusterOf(['n1', 'n2']);
  await using _ending = cluster;
  await createWeb(cluster, { updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } });
  await roll(cluster, 'nginx:2');
  assert.deepEqual(await placed(cluster), ['n1:nginx:2', 'n2:nginx:2']);
});

test('[WRK31] revisions beyond the limit are forgotten once no pod is of them', async () => {
  const { cluster } = await aClusterOf(['n1']);
  await using _ending = cluster;
  await createWeb(cluster, { revisionHistoryLimit: 1 });
  for (const image of ['nginx:2', 'nginx:3', 'nginx:4']) await roll(cluster, image);
  const revisions = (await cluster.client.list(ControllerRevision)).items.map(({ revision }) => revision ?? 0);
  assert.deepEqual(
    revisions.toSorted((left, right) => left - right),
    [3, 4],
  );
});

test('[WRK40] a node that gets the labels gets a pod, and loses it with them', async () => {
  const { cluster } = await aClusterOf(['n1', 'n2']);
  await using _ending = cluster;
  const template = { ...aTemplate(), spec: { ...aTemplate().spec, nodeSelector: { color: 'blue' } } };
  await createWeb(cluster, { template });
  const label = async (color: string | null): Promise<readonly string[]> => {
    const patch = { type: 'application/merge-patch+json', document: { metadata: { labels: { color } } } } as const;
    await cluster.client.patch(Node, { ref: { name: 'n2' }, patch });
    await cluster.world.advance(3000);
    return await placed(cluster);
  };
  assert.deepEqual(await placed(cluster), []);
  assert.deepEqual(await label('blue'), ['n2:nginx:1']);
  assert.deepEqual(await label('green'), []);
  assert.deepEqual(await label('blue'), ['n2:nginx:1']);
  assert.deepEqual(await label(null), []);
});

test('[WRK43] a pod that failed is replaced, and an event tells of it', async () => {
  const { cluster } = await aClusterOf(['n1']);
  await using _ending = cluster;
  await createWeb(cluster);
  const [pod] = (await cluster.client.list(Pod)).items;
  assert.ok(pod);
  await cluster.client.update(Pod, { ...pod, status: { phase: 'Failed' } }, { subresource: 'status' });
  await cluster.world.advance(5000);
  const [next, ...others] = (await cluster.client.list(Pod)).items;
  assert.deepEqual([next?.status?.phase, others], ['Running', []]);
  assert.notEqual(next?.metadata.uid, pod.metadata.uid);
  const reasons = (await cluster.client.list(Event)).items.map(({ reason }) => reason);
  assert.ok(reasons.includes('FailedDaemonPod'));
});
