import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import { PodDisruptionBudget } from '#api/policy/pod-disruption-budget';
import type { ApiResult } from '#api/request';
import type { PodStatus } from '#api/types/core-v1';
import type { PodDisruptionBudgetStatus } from '#api/types/policy-v1';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { NAMESPACE, readyStatus } from '#test/builders/workloads';

const REF = { namespace: NAMESPACE, name: 'web' };

async function aPodOnNode(cluster: TestCluster, status: PodStatus = readyStatus()): Promise<Pod> {
  const spec = { containers: [{ name: 'web', image: 'nginx:1' }], nodeName: 'n1' };
  const pod = await cluster.client.create(Pod, { metadata: { ...REF, labels: { app: 'web' } }, spec });
  return await cluster.client.update(Pod, { ...pod, status }, { subresource: 'status' });
}

async function aBudget(cluster: TestCluster, status: PodDisruptionBudgetStatus): Promise<void> {
  const spec = { selector: { matchLabels: { app: 'web' } }, minAvailable: 1 };
  const budget = await cluster.client.create(PodDisruptionBudget, { metadata: { ...REF, name: 'keep' }, spec });
  const reported = { ...budget, status: { observedGeneration: 1, ...status } };
  await cluster.client.update(PodDisruptionBudget, reported, { subresource: 'status' });
}

function evict(cluster: TestCluster, deleteOptions: object = {}, options: object = {}): Promise<ApiResult> {
  return cluster.handle({
    verb: 'create',
    group: '',
    version: 'v1',
    plural: 'pods',
    subresource: 'eviction',
    ...REF,
    body: { metadata: { name: 'web' }, deleteOptions },
    options,
    user: { name: 'tester', groups: ['system:masters'] },
    signal: cluster.signal,
  });
}

const budgetOf = async (cluster: TestCluster): Promise<PodDisruptionBudgetStatus | undefined> =>
  (await cluster.client.get(PodDisruptionBudget, { ...REF, name: 'keep' })).status;

test('[PDB6] an eviction spends, marks the pod and deletes it gracefully', async () => {
  await using cluster = await aCluster();
  await aPodOnNode(cluster);
  await aBudget(cluster, { disruptionsAllowed: 1 });
  await evict(cluster, { gracePeriodSeconds: 7 });
  const { metadata, status } = await cluster.client.get(Pod, REF);
  assert.equal(metadata.deletionGracePeriodSeconds, 7);
  const [, condition] = status?.conditions ?? [];
  assert.deepEqual(
    [condition?.type, condition?.status, condition?.reason, condition?.message],
    ['DisruptionTarget', 'True', 'EvictionByEvictionAPI', 'Eviction API: evicting'],
  );
  const { disruptionsAllowed, disruptedPods } = (await budgetOf(cluster)) ?? {};
  assert.deepEqual([disruptionsAllowed, Object.keys(disruptedPods ?? {})], [0, ['web']]);
});

test('[PDB6] a refused eviction changes nothing', async () => {
  await using cluster = await aCluster();
  const pod = await aPodOnNode(cluster);
  await aBudget(cluster, { disruptionsAllowed: 0, desiredHealthy: 1, currentHealthy: 1 });
  const before = await budgetOf(cluster);
  await assert.rejects(evict(cluster), { reason: 'TooManyRequests', code: 429 });
  assert.deepEqual([await cluster.client.get(Pod, REF), await budgetOf(cluster)], [pod, before]);
});

test('[PDB7] a dry run asks the budget and changes nothing', async () => {
  await using cluster = await aCluster();
  const pod = await aPodOnNode(cluster);
  await aBudget(cluster, { disruptionsAllowed: 1 });
  const before = await budgetOf(cluster);
  await evict(cluster, { dryRun: ['All'] });
  await evict(cluster, {}, { dryRun: true });
  assert.deepEqual([await cluster.client.get(Pod, REF), await budgetOf(cluster)], [pod, before]);
});

test('[PDB8] preconditions hold before anything is spent', async () => {
  await using cluster = await aCluster();
  const { metadata } = await aPodOnNode(cluster);
  await aBudget(cluster, { disruptionsAllowed: 1 });
  await assert.rejects(evict(cluster, { preconditions: { uid: 'another' } }), { reason: 'Conflict' });
  await assert.rejects(evict(cluster, { preconditions: { resourceVersion: '1' } }), { reason: 'Conflict' });
  assert.equal((await budgetOf(cluster))?.disruptionsAllowed, 1);
  const { uid, resourceVersion } = metadata;
  await evict(cluster, { preconditions: { uid, resourceVersion } });
  assert.ok((await cluster.client.get(Pod, REF)).metadata.deletionTimestamp);
});

test('[PDB9] of two evictions at once, a budget of one lets one through', async () => {
  await using cluster = await aCluster();
  await aPodOnNode(cluster);
  const { spec } = await cluster.client.get(Pod, REF);
  const labels = { app: 'web' };
  const second = await cluster.client.create(Pod, { metadata: { ...REF, name: 'web-2', labels }, spec });
  await cluster.client.update(Pod, { ...second, status: readyStatus() }, { subresource: 'status' });
  await aBudget(cluster, { disruptionsAllowed: 1 });
  const ask = (name: string): Promise<string> =>
    cluster.client
      .createSubresource(Pod, { ref: { ...REF, name }, subresource: 'eviction', body: { metadata: { name } } })
      .then(
        () => 'evicted',
        (error: unknown) => (isApiError(error) ? error.reason : 'broken'),
      );
  const results = await Promise.all([ask('web'), ask('web-2')]);
  assert.deepEqual(results.toSorted(), ['TooManyRequests', 'evicted']);
});

test('[PDB10] the names of pod and eviction agree', async () => {
  await using cluster = await aCluster();
  await aPodOnNode(cluster);
  const wrong = { ref: REF, subresource: 'eviction', body: { metadata: { name: 'other' } } };
  await assert.rejects(cluster.client.createSubresource(Pod, wrong), {
    reason: 'BadRequest',
    message: 'name in URL does not match name in Eviction object',
  });
});
