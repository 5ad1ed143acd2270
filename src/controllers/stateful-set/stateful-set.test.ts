import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ControllerRevision } from '#api/apps/controller-revision';
import { StatefulSet } from '#api/apps/stateful-set';
import { Event } from '#api/core/event';
import { Node } from '#api/core/node';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { Pod } from '#api/core/pod';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { runWorkloadAgent, type WorkloadAgent } from '#test/builders/workload-agent';
import { aTemplate, NAMESPACE } from '#test/builders/workloads';
import { runControllers } from '../run-controllers.ts';

const REF = { namespace: NAMESPACE, name: 'web' };
const READY_NODE = { spec: {}, status: { conditions: [{ type: 'Ready', status: 'True' }] } };

type Running = { readonly cluster: TestCluster; readonly agent: WorkloadAgent };

async function aRunningCluster(): Promise<Running> {
  const cluster = await aCluster();
  cluster.run((signal) => runControllers({ ...cluster, signal }));
  const agent = runWorkloadAgent(cluster);
  await cluster.client.create(Node, { metadata: { name: 'n1' }, ...READY_NODE });
  await cluster.world.settle();
  return { cluster, agent };
}

async function createWeb({ client }: TestCluster, spec: Partial<StatefulSet['spec']> = {}): Promise<void> {
  const selector = { matchLabels: { app: 'web' } };
  await client.create(StatefulSet, { metadata: REF, spec: { replicas: 3, selector, template: aTemplate(), ...spec } });
}

async function change({ client, world }: TestCluster, spec: Partial<StatefulSet['spec']>): Promise<void> {
  const current = await client.get(StatefulSet, REF);
  await client.update(StatefulSet, { ...current, spec: { ...current.spec, ...spec } });
  await world.advance(10_000);
}

const pods = async ({ client }: TestCluster): Promise<readonly string[]> =>
  (await client.list(Pod)).items
    .map(({ metadata, spec }) => `${metadata.name}:${spec.containers[0]?.image}`)
    .toSorted();

const ALL = (image: string): readonly string[] => [0, 1, 2].map((ordinal) => `web-${ordinal}:${image}`);

test('[WRK61] pods start one after the other, each when the one before is ready', async () => {
  const { cluster } = await aRunningCluster();
  await using _ending = cluster;
  await createWeb(cluster);
  const seen: number[] = [];
  for (let step = 0; step < 8; step++) {
    await cluster.world.advance(500);
    seen.push((await pods(cluster)).length);
  }
  assert.deepEqual(
    seen.filter((count, index) => count !== seen[index - 1]),
    [1, 2, 3],
  );
  const { status } = await cluster.client.get(StatefulSet, REF);
  assert.deepEqual([status?.readyReplicas, status?.currentReplicas, status?.updatedReplicas], [3, 3, 3]);
  assert.equal(status?.currentRevision, status?.updateRevision);
  const messages = (await cluster.client.list(Event)).items.map(({ message }) => message);
  assert.ok(messages.includes('create Pod web-0 in StatefulSet web successful'));
});

test('[WRK61] a new template rolls from the highest pod down, and an old one back', async () => {
  const { cluster, agent } = await aRunningCluster();
  await using _ending = cluster;
  await createWeb(cluster);
  await cluster.world.advance(5000);
  const first = (await cluster.client.get(StatefulSet, REF)).status?.currentRevision;
  agent.isWell = ({ metadata, spec }) => metadata.name !== 'web-1' || spec.containers[0]?.image === 'nginx:1';
  await change(cluster, { template: aTemplate('nginx:2') });
  assert.deepEqual(await pods(cluster), ['web-0:nginx:1', 'web-1:nginx:2', 'web-2:nginx:2']);
  agent.isWell = () => true;
  await cluster.client.delete(Pod, { ...REF, name: 'web-1' });
  await cluster.world.advance(5000);
  assert.deepEqual(await pods(cluster), ALL('nginx:2'));
  await change(cluster, { template: aTemplate('nginx:1') });
  assert.deepEqual(await pods(cluster), ALL('nginx:1'));
  assert.equal((await cluster.client.get(StatefulSet, REF)).status?.currentRevision, first);
  const numbers = (await cluster.client.list(ControllerRevision)).items.map(({ revision }) => revision ?? 0);
  assert.deepEqual(
    numbers.toSorted((left, right) => left - right),
    [2, 3],
  );
});

test('[WRK61] it scales down from the highest pod, and a deleted pod comes back under its name', async () => {
  const { cluster } = await aRunningCluster();
  await using _ending = cluster;
  await createWeb(cluster);
  await cluster.world.advance(5000);
  const { uid } = (await cluster.client.get(Pod, { ...REF, name: 'web-0' })).metadata;
  await cluster.client.delete(Pod, { ...REF, name: 'web-0' });
  await cluster.world.advance(5000);
  const again = await cluster.client.get(Pod, { ...REF, name: 'web-0' });
  assert.notEqual(again.metadata.uid, uid);
  await change(cluster, { replicas: 1 });
  assert.deepEqual(await pods(cluster), ['web-0:nginx:1']);
});

test('[WRK54] a pod that was evicted comes back under its name', async () => {
  const { cluster } = await aRunningCluster();
  await using _ending = cluster;
  await createWeb(cluster, { replicas: 1 });
  await cluster.world.advance(3000);
  const ref = { ...REF, name: 'web-0' };
  const pod = await cluster.client.get(Pod, ref);
  await cluster.client.update(
    Pod,
    { ...pod, status: { phase: 'Failed', reason: 'Evicted' } },
    { subresource: 'status' },
  );
  await cluster.world.advance(5000);
  const next = await cluster.client.get(Pod, ref);
  assert.notEqual(next.metadata.uid, pod.metadata.uid);
  assert.equal(next.status?.phase, 'Running');
});

test('[WRK55] a partition tries a template out on the highest pods, and lowering it rolls on', async () => {
  const { cluster } = await aRunningCluster();
  await using _ending = cluster;
  const rolling = (partition: number): StatefulSet['spec']['updateStrategy'] & object => ({
    type: 'RollingUpdate',
    rollingUpdate: { partition },
  });
  await createWeb(cluster, { updateStrategy: rolling(2) });
  await cluster.world.advance(5000);
  await change(cluster, { template: aTemplate('nginx:2') });
  const canary = ['web-0:nginx:1', 'web-1:nginx:1', 'web-2:nginx:2'];
  assert.deepEqual(await pods(cluster), canary);
  for (const name of ['web-0', 'web-2']) await cluster.client.delete(Pod, { ...REF, name });
  await cluster.world.advance(5000);
  assert.deepEqual(await pods(cluster), canary);
  await change(cluster, { updateStrategy: rolling(0) });
  assert.deepEqual(await pods(cluster), ALL('nginx:2'));
});

const CLAIM = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
} as unknown as PersistentVolumeClaim;

const claims = async ({ client }: TestCluster): Promise<readonly string[]> =>
  (await client.list(PersistentVolumeClaim)).items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata }) => metadata.name);

test('[WRK62] each pod gets its claims, which stay when it is scaled away', async () => {
  const { cluster } = await aRunningCluster();
  await using _ending = cluster;
  await createWeb(cluster, { volumeClaimTemplates: [CLAIM], podManagementPolicy: 'Parallel' });
  await cluster.world.advance(5000);
  assert.deepEqual(await claims(cluster), ['data-web-0', 'data-web-1', 'data-web-2']);
  const { spec } = await cluster.client.get(Pod, { ...REF, name: 'web-1' });
  assert.deepEqual(spec.volumes?.[0], { name: 'data', persistentVolumeClaim: { claimName: 'data-web-1' } });
  await change(cluster, { replicas: 1 });
  assert.deepEqual(await claims(cluster), ['data-web-0', 'data-web-1', 'data-web-2']);
});

test('[WRK62] claims go with the pods that are scaled away, and with the set, if it says so', async () => {
  const { cluster } = await aRunningCluster();
  await using _ending = cluster;
  const persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Delete', whenScaled: 'Delete' };
  await createWeb(cluster, { volumeClaimTemplates: [CLAIM], persistentVolumeClaimRetentionPolicy });
  await cluster.world.advance(5000);
  await change(cluster, { replicas: 1 });
  assert.deepEqual(await claims(cluster), ['data-web-0']);
  await cluster.client.delete(StatefulSet, REF);
  await cluster.world.advance(10_000);
  assert.deepEqual([await claims(cluster), await pods(cluster)], [[], []]);
});

test('[WRK60b] what was made for a pod that is scaled away before it is made is removed', async () => {
  const { cluster } = await aRunningCluster();
  await using _ending = cluster;
  const persistentVolumeClaimRetentionPolicy = { whenScaled: 'Delete' };
  await createWeb(cluster, { replicas: 1, volumeClaimTemplates: [CLAIM], persistentVolumeClaimRetentionPolicy });
  const left = { ...REF, name: 'data-web-1', labels: { app: 'web' } };
  await cluster.client.create(PersistentVolumeClaim, { metadata: left, spec: CLAIM.spec });
  await cluster.world.advance(5000);
  assert.deepEqual(await claims(cluster), ['data-web-0']);
});

test('[WRK62] a claim that somebody deleted while its pod waits for it is made again', async () => {
  const { cluster } = await aRunningCluster();
  await using _ending = cluster;
  await createWeb(cluster, { replicas: 1, volumeClaimTemplates: [CLAIM] });
  await cluster.world.advance(100);
  const ref = { ...REF, name: 'data-web-0' };
  const { uid } = (await cluster.client.get(PersistentVolumeClaim, ref)).metadata;
  const patch = { type: 'application/merge-patch+json', document: { metadata: { finalizers: null } } } as const;
  await cluster.client.delete(PersistentVolumeClaim, ref);
  await cluster.client.patch(PersistentVolumeClaim, { ref, patch }).catch(() => undefined); // it may be gone
  await cluster.world.advance(5000);
  assert.notEqual((await cluster.client.get(PersistentVolumeClaim, ref)).metadata.uid, uid);
});
