import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DaemonSet } from '#api/apps/daemon-set';
import { Deployment } from '#api/apps/deployment';
import { Pod } from '#api/core/pod';
import { controllerReference } from '#api/meta/owner-reference';
import { PodDisruptionBudget } from '#api/policy/pod-disruption-budget';
import type { PodDisruptionBudgetStatus } from '#api/types/policy-v1';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { aTemplate, NAMESPACE, readyStatus } from '#test/builders/workloads';
import { runControllers } from '../run-controllers.ts';

const REF = { namespace: NAMESPACE, name: 'keep' };
const LABELS = { app: 'web' };

async function aRunningCluster(): Promise<TestCluster> {
  const cluster = await aCluster();
  cluster.run((signal) => runControllers({ ...cluster, signal }));
  await cluster.world.settle();
  return cluster;
}

async function aDeploymentOf(cluster: TestCluster, replicas: number): Promise<void> {
  const spec = { replicas, selector: { matchLabels: LABELS }, template: aTemplate() };
  await cluster.client.create(Deployment, { metadata: { namespace: NAMESPACE, name: 'web' }, spec });
  await cluster.world.advance(1000);
}

async function makeReady({ client, world }: TestCluster): Promise<void> {
  for (const pod of (await client.list(Pod)).items)
    await client.update(Pod, { ...pod, status: readyStatus() }, { subresource: 'status' });
  await world.advance(1000);
}

async function aBudget({ client, world }: TestCluster, bound: object): Promise<void> {
  const spec = { selector: { matchLabels: LABELS }, ...bound };
  await client.create(PodDisruptionBudget, { metadata: REF, spec });
  await world.advance(1000);
}

const statusOf = async ({ client }: TestCluster): Promise<PodDisruptionBudgetStatus | undefined> =>
  (await client.get(PodDisruptionBudget, REF)).status;

test('[PDB26] a budget follows the pods of a deployment, whose replicas it counts once', async () => {
  await using cluster = await aRunningCluster();
  await aDeploymentOf(cluster, 4);
  await aBudget(cluster, { maxUnavailable: '25%' });
  const before = await statusOf(cluster);
  assert.deepEqual(
    [before?.expectedPods, before?.desiredHealthy, before?.currentHealthy, before?.disruptionsAllowed],
    [4, 3, 0, 0],
  );
  await makeReady(cluster);
  const after = await statusOf(cluster);
  assert.deepEqual([after?.currentHealthy, after?.disruptionsAllowed, after?.observedGeneration], [4, 1, 1]);
});

test('[PDB26] evictions stop when the budget is spent, and go on when it is earned again', async () => {
  await using cluster = await aRunningCluster();
  await aDeploymentOf(cluster, 3);
  await aBudget(cluster, { minAvailable: 2 });
  await makeReady(cluster);
  const [first, second] = (await cluster.client.list(Pod)).items;
  assert.ok(first && second);
  const evict = ({ metadata: { name } }: Pod): Promise<unknown> =>
    cluster.client.createSubresource(Pod, {
      ref: { namespace: NAMESPACE, name },
      subresource: 'eviction',
      body: { metadata: { name } },
    });
  await evict(first);
  await assert.rejects(evict(second), { reason: 'TooManyRequests' });
  await cluster.world.advance(1000);
  assert.equal((await statusOf(cluster))?.disruptionsAllowed, 0);
  await makeReady(cluster);
  assert.equal((await statusOf(cluster))?.disruptionsAllowed, 1);
  await evict(second);
});

test('[PDB24] a budget over pods whose controller has no scale says so and allows nothing', async () => {
  await using cluster = await aRunningCluster();
  const spec = { selector: { matchLabels: LABELS }, template: aTemplate() };
  const set = await cluster.client.create(DaemonSet, { metadata: { namespace: NAMESPACE, name: 'web' }, spec });
  const ownerReferences = [controllerReference(set, DaemonSet)];
  const metadata = { namespace: NAMESPACE, name: 'web-1', labels: LABELS, ownerReferences };
  await cluster.client.create(Pod, { metadata, spec: { ...aTemplate().spec, nodeName: 'n1' } });
  await aBudget(cluster, { maxUnavailable: 1 });
  const [condition] = (await statusOf(cluster))?.conditions ?? [];
  assert.deepEqual(
    [condition?.reason, condition?.message],
    ['SyncFailed', 'daemonsets.apps does not implement the scale subresource'],
  );
});

test('[PDB25] the announcement on a pod that stays is taken back', async () => {
  await using cluster = await aRunningCluster();
  const metadata = { namespace: NAMESPACE, name: 'web-1' };
  const pod = await cluster.client.create(Pod, { metadata, spec: aTemplate().spec });
  const lastTransitionTime = new Date(cluster.world.clock.now()).toISOString().replace(/\.\d+Z/, 'Z');
  const conditions = [{ type: 'DisruptionTarget', status: 'True', lastTransitionTime }];
  await cluster.client.update(Pod, { ...pod, status: { phase: 'Running', conditions } }, { subresource: 'status' });
  await cluster.world.advance(121_000);
  const [condition] = (await cluster.client.get(Pod, metadata)).status?.conditions ?? [];
  assert.deepEqual([condition?.type, condition?.status], ['DisruptionTarget', 'False']);
});
