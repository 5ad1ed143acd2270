import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event } from '#api/core/event';
import { Pod } from '#api/core/pod';
import { ReplicationController } from '#api/core/replication-controller';
import { controllerOf } from '#api/meta/owner-reference';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { aTemplate, NAMESPACE, readyStatus } from '#test/builders/workloads';
import { runControllers } from '../run-controllers.ts';

const REF = { namespace: NAMESPACE, name: 'web' };

async function aRunningCluster(): Promise<TestCluster> {
  const cluster = await aCluster();
  cluster.run((signal) => runControllers({ ...cluster, signal }));
  await cluster.world.settle();
  return cluster;
}

async function scale({ client, world }: TestCluster, replicas: number): Promise<void> {
  await client.updateScale(ReplicationController, REF, { metadata: REF, spec: { replicas } });
  await world.advance(1000);
}

const podsOf = async ({ client }: TestCluster): Promise<readonly Pod[]> => (await client.list(Pod)).items;

test('[WRK20] a replication controller keeps as many pods as it is scaled to, and says how many are ready', async () => {
  await using cluster = await aRunningCluster();
  await cluster.client.create(ReplicationController, { metadata: REF, spec: { replicas: 2, template: aTemplate() } });
  await cluster.world.advance(1000);
  const pods = await podsOf(cluster);
  assert.deepEqual(
    pods.map((pod) => [controllerOf(pod)?.apiVersion, controllerOf(pod)?.kind, controllerOf(pod)?.name]),
    [
      ['v1', 'ReplicationController', 'web'],
      ['v1', 'ReplicationController', 'web'],
    ],
  );
  for (const pod of pods)
    await cluster.client.update(Pod, { ...pod, status: readyStatus() }, { subresource: 'status' });
  await scale(cluster, 3);
  const { status } = await cluster.client.get(ReplicationController, REF);
  assert.deepEqual(status, {
    replicas: 3,
    fullyLabeledReplicas: 3,
    readyReplicas: 2,
    availableReplicas: 2,
    observedGeneration: 2,
  });
  await scale(cluster, 1);
  assert.equal((await podsOf(cluster)).length, 1);
  const messages = (await cluster.client.list(Event)).items.filter(({ reason }) => reason === 'SuccessfulDelete');
  assert.equal(messages.length, 2);
});

test('[WRK20] it adopts orphans that it selects and releases pods that it no longer selects', async () => {
  await using cluster = await aRunningCluster();
  const labels = { app: 'web' };
  const metadata = { namespace: NAMESPACE, name: 'lone', labels };
  await cluster.client.create(Pod, { metadata, spec: aTemplate().spec });
  await cluster.client.create(ReplicationController, { metadata: REF, spec: { replicas: 1, template: aTemplate() } });
  await cluster.world.advance(1000);
  const [lone, ...others] = await podsOf(cluster);
  assert.deepEqual([lone?.metadata.name, controllerOf(lone!)?.name, others], ['lone', 'web', []]);
  const patch = { type: 'application/merge-patch+json', document: { metadata: { labels: { app: 'api' } } } } as const;
  await cluster.client.patch(Pod, { ref: metadata, patch });
  await cluster.world.advance(1000);
  const after = await podsOf(cluster);
  const ownerOf = (wanted: boolean): string | undefined => {
    const pod = after.find(({ metadata: { name } }) => (name === 'lone') === wanted);
    return pod && controllerOf(pod)?.name;
  };
  assert.deepEqual([after.length, ownerOf(true), ownerOf(false)], [2, undefined, 'web']);
});
