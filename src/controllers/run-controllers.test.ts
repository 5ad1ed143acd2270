import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '#api/apps/deployment';
import { ReplicaSet } from '#api/apps/replica-set';
import { ConfigMap } from '#api/core/config-map';
import { Event } from '#api/core/event';
import { Namespace } from '#api/core/namespace';
import { Pod } from '#api/core/pod';
import { ReplicationController } from '#api/core/replication-controller';
import { ResourceQuota } from '#api/core/resource-quota';
import { ServiceAccount } from '#api/core/service-account';
import type { ApiObject } from '#api/object';
import type { Client } from '#client/client';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { aTemplate } from '#test/builders/workloads';
import { runControllers } from './run-controllers.ts';

const NAMESPACE = 'shop';

async function aRunningCluster(): Promise<TestCluster> {
  const cluster = await aCluster({ namespaces: ['default', NAMESPACE] });
  cluster.run((signal) => runControllers({ ...cluster, signal }));
  cluster.run((signal) => runHollowAgent(cluster, signal));
  await cluster.world.settle();
  return cluster;
}

/** Makes every pod ready one second after it was created. */
async function runHollowAgent({ informers, client, world }: TestCluster, signal: AbortSignal): Promise<void> {
  const pods = informers.for(Pod);
  await pods.synced;
  using _subscription = pods.subscribe(({ before, after }) => {
    if (after === undefined || before !== undefined) return;
    world.clock.setTimer(1000, () => void makeReady(client, after, world.clock.now()));
  });
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

async function makeReady(client: Client, pod: Pod, nowMs: number): Promise<void> {
  const lastTransitionTime = new Date(nowMs).toISOString().replace(/\.\d+Z/, 'Z');
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime }] };
  const patch = { type: 'application/merge-patch+json', document: { status } } as const;
  const ref = { namespace: NAMESPACE, name: pod.metadata.name };
  await client.patch(Pod, { ref, patch }, { subresource: 'status' }).catch(() => undefined); // it may be gone
}

async function applyImage(client: Client, image: string): Promise<void> {
  const current = await client.get(Deployment, { namespace: NAMESPACE, name: 'web' });
  await client.update(Deployment, { ...current, spec: { ...current.spec, template: aTemplate(image) } });
}

async function createWeb(client: Client, spec: Partial<Deployment['spec']> = {}): Promise<void> {
  const selector = { matchLabels: { app: 'web' } };
  const template = aTemplate('nginx:1');
  await client.create(Deployment, {
    metadata: { namespace: NAMESPACE, name: 'web' },
    spec: { replicas: 3, progressDeadlineSeconds: 600, selector, template, ...spec },
  });
}

test('[CTL1] a deployment gets its pods, and its status says so', async () => {
  await using cluster = await aRunningCluster();
  await createWeb(cluster.client);
  await cluster.world.advance(5000);
  const { items } = await cluster.client.list(Pod, { namespace: NAMESPACE });
  const web = await cluster.client.get(Deployment, { namespace: NAMESPACE, name: 'web' });
  assert.equal(items.length, 3);
  const { replicas, readyReplicas, availableReplicas, updatedReplicas, observedGeneration } = web.status ?? {};
  assert.deepEqual(
    { replicas, readyReplicas, availableReplicas, updatedReplicas, observedGeneration },
    { replicas: 3, readyReplicas: 3, availableReplicas: 3, updatedReplicas: 3, observedGeneration: 1 },
  );
  assert.deepEqual(
    web.status?.conditions?.map(({ type, status, reason }) => [type, status, reason]),
    [
      ['Available', 'True', 'MinimumReplicasAvailable'],
      ['Progressing', 'True', 'NewReplicaSetAvailable'],
    ],
  );
});

test('[CTL2] a new image rolls out, undoing it rolls back to the same set, and events tell of it', async () => {
  await using cluster = await aRunningCluster();
  const { client, world } = cluster;
  await createWeb(client);
  await world.advance(5000);
  await applyImage(client, 'nginx:2');
  await world.advance(20_000);
  const sets = (await client.list(ReplicaSet, { namespace: NAMESPACE })).items;
  const sizes = Object.fromEntries(
    sets.map(({ spec }) => [spec.template.spec.containers[0]?.image ?? '', spec.replicas]),
  );
  assert.deepEqual(sizes, { 'nginx:1': 0, 'nginx:2': 3 });
  await applyImage(client, 'nginx:1');
  await world.advance(20_000);
  const after = (await client.list(ReplicaSet, { namespace: NAMESPACE })).items;
  assert.equal(after.length, 2);
  const web = await client.get(Deployment, { namespace: NAMESPACE, name: 'web' });
  assert.equal(web.metadata.annotations?.['deployment.kubernetes.io/revision'], '3');
  const events = (await client.list(Event, { namespace: NAMESPACE })).items;
  const [first] = sets.filter(({ spec }) => spec.template.spec.containers[0]?.image === 'nginx:1');
  assert.ok(
    events.some(
      ({ reason, message }) =>
        reason === 'ScalingReplicaSet' && message === `Scaled up replica set ${first?.metadata.name} from 0 to 3`,
    ),
  );
});

test('[CTL60] deleting a deployment removes all it owns, and what has another owner stays', async () => {
  await using cluster = await aRunningCluster();
  const { client, world } = cluster;
  await createWeb(client);
  await world.advance(5000);
  await client.delete(Deployment, { namespace: NAMESPACE, name: 'web' }, { propagationPolicy: 'Background' });
  await world.advance(60_000);
  const sets = (await client.list(ReplicaSet)).items;
  const pods = (await client.list(Pod)).items;
  assert.deepEqual(
    { sets: sets.length, pods: pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).length },
    { sets: 0, pods: 0 },
  );
});

test('[CTL61] a deployment that is deleted in the foreground goes last', async () => {
  await using cluster = await aRunningCluster();
  const { client, world } = cluster;
  await createWeb(client);
  await world.advance(5000);
  await client.delete(Deployment, { namespace: NAMESPACE, name: 'web' }, { propagationPolicy: 'Foreground' });
  const waiting = await client.get(Deployment, { namespace: NAMESPACE, name: 'web' });
  assert.deepEqual(waiting.metadata.finalizers, ['foregroundDeletion']);
  await world.advance(60_000);
  assert.deepEqual([(await client.list(Deployment)).items, (await client.list(ReplicaSet)).items], [[], []]);
});

test('[CTL62] a deployment that is deleted as an orphan leaves its replica set behind, unowned', async () => {
  await using cluster = await aRunningCluster();
  const { client, world } = cluster;
  await createWeb(client);
  await world.advance(5000);
  await client.delete(Deployment, { namespace: NAMESPACE, name: 'web' }, { propagationPolicy: 'Orphan' });
  await world.advance(10_000);
  const sets = (await client.list(ReplicaSet)).items;
  assert.deepEqual(
    sets.map(({ metadata, spec }) => [metadata.ownerReferences, spec.replicas]),
    [[undefined, 3]],
  );
  assert.deepEqual((await client.list(Deployment)).items, []);
});

test('[CTL70] a namespace is emptied before it goes', async () => {
  await using cluster = await aRunningCluster();
  const { client, world } = cluster;
  await createWeb(client);
  await world.advance(5000);
  await client.delete(Namespace, { name: NAMESPACE });
  await world.advance(120_000);
  const left = [Deployment, ReplicaSet, Pod, ServiceAccount].map(
    async (kind) => (await client.list<ApiObject>(kind, { namespace: NAMESPACE })).items.length,
  );
  assert.deepEqual(await Promise.all(left), [0, 0, 0, 0]);
  await assert.rejects(client.get(Namespace, { name: NAMESPACE }), { reason: 'NotFound' });
});

test('[CTL78] the conditions of a namespace tell what holds it, and it goes when that lets go', async () => {
  await using cluster = await aRunningCluster();
  const { client, world } = cluster;
  const metadata = { namespace: NAMESPACE, name: 'web', finalizers: ['example.com/hold'] };
  await client.create(ConfigMap, { metadata });
  await client.create(Pod, { metadata, spec: aTemplate().spec });
  await client.delete(Namespace, { name: NAMESPACE });
  await world.advance(20_000);
  const told = async (): Promise<readonly unknown[]> => {
    const { status } = await client.get(Namespace, { name: NAMESPACE });
    return (status?.conditions ?? []).filter((condition) => condition.status === 'True').map(({ message }) => message);
  };
  const held = 'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances';
  assert.deepEqual(await told(), ['Some resources are remaining: pods. has 1 resource instances', held]);
  const release = async (kind: typeof Pod | typeof ConfigMap): Promise<void> => {
    const patch = { type: 'application/merge-patch+json', document: { metadata: { finalizers: null } } } as const;
    await client.patch<ApiObject>(kind as typeof Pod, { ref: { namespace: NAMESPACE, name: 'web' }, patch });
    await world.advance(20_000);
  };
  await release(Pod);
  assert.deepEqual(await told(), ['Some resources are remaining: configmaps. has 1 resource instances', held]);
  await release(ConfigMap);
  await assert.rejects(client.get(Namespace, { name: NAMESPACE }), { reason: 'NotFound' });
});

test('[CTL71] every namespace has a default service account, also after somebody deleted it', async () => {
  await using cluster = await aRunningCluster();
  const ref = { namespace: NAMESPACE, name: 'default' };
  const first = await cluster.client.get(ServiceAccount, ref);
  await cluster.client.delete(ServiceAccount, ref);
  await cluster.world.advance(1000);
  assert.notEqual((await cluster.client.get(ServiceAccount, ref)).metadata.uid, first.metadata.uid);
});

test('[CTL3] a controller never makes a pod twice: as many creations as replicas', async () => {
  await using cluster = await aRunningCluster();
  await createWeb(cluster.client, { replicas: 50 });
  await cluster.world.advance(5000);
  const creations = cluster.requests.filter(({ verb, plural }) => verb === 'create' && plural === 'pods');
  assert.equal(creations.length, 50);
});

test('[QUO18] a set whose pods a quota bars says so, and says so no more when it wants fewer', async () => {
  await using cluster = await aRunningCluster();
  const { client, world } = cluster;
  const metadata = { namespace: NAMESPACE, name: 'web' };
  const spec = { hard: { pods: '2' } };
  await client.create(ResourceQuota, { metadata: { ...metadata, name: 'few' }, spec });
  await world.advance(5000);
  await client.create(ReplicationController, { metadata, spec: { replicas: 3, template: aTemplate() } });
  await world.advance(5000);
  const failure = async (): Promise<readonly unknown[]> => {
    const { status } = await client.get(ReplicationController, metadata);
    return (status?.conditions ?? []).map(({ type, status: state, reason, message = '' }) => [
      type,
      state,
      reason,
      message.replace(/"web-.*"/, '"web-x"'),
    ]);
  };
  assert.deepEqual(await failure(), [
    [
      'ReplicaFailure',
      'True',
      'FailedCreate',
      'pods "web-x" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2',
    ],
  ]);
  const document = { spec: { replicas: 2 } };
  const patch = { type: 'application/merge-patch+json', document } as const;
  await client.patch(ReplicationController, { ref: metadata, patch });
  await world.advance(60_000);
  assert.deepEqual(await failure(), []);
});
