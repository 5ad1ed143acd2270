import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '#api/apps/deployment';
import { ReplicaSet } from '#api/apps/replica-set';
import { Event } from '#api/core/event';
import { Pod } from '#api/core/pod';
import { ResourceQuota } from '#api/core/resource-quota';
import type { ApiObject } from '#api/object';
import type { ResourceType } from '#api/resource';
import { createEventRecorder } from '#client/event-recorder';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { runWorkloadAgent, type WorkloadAgent } from '#test/builders/workload-agent';
import { aTemplate } from '#test/builders/workloads';
import { runController } from '../framework/run-controller.ts';
import { replicaSet } from '../replicaset/controller.ts';
import { deployment } from './controller.ts';

const namespace = 'default';
const ref = { namespace, name: 'web' };
const DEADLINE_S = 60;
const imageOf = ({ spec }: ReplicaSet | Deployment): string => spec.template.spec.containers[0]?.image ?? '';

type Shop = { readonly cluster: TestCluster; readonly agent: WorkloadAgent };

type Parts = { readonly automaticRollback?: boolean; readonly spec?: Partial<Deployment['spec']> };

/** With `good:1` rolled out; images that begin with `bad` never become ready. */
async function aShop({ automaticRollback = true, spec = {} }: Parts = {}): Promise<Shop> {
  const cluster = await aCluster();
  for (const controller of [deployment({ automaticRollback }), replicaSet]) {
    const events = createEventRecorder({ ...cluster, component: controller.name });
    cluster.run((signal) => runController(controller, { ...cluster, signal, events }));
  }
  const agent = runWorkloadAgent(cluster);
  agent.isWell = (pod) => pod.spec.containers[0]?.image?.startsWith('bad') !== true;
  await cluster.client.create(Deployment, {
    metadata: { ...ref, annotations: { team: 'shop' } },
    spec: {
      replicas: 3,
      progressDeadlineSeconds: DEADLINE_S,
      selector: { matchLabels: { app: 'web' } },
      template: aTemplate('good:1'),
      ...spec,
    },
  });
  await cluster.world.advance(10_000);
  return { cluster, agent };
}

async function change<T extends ApiObject>({ cluster }: Shop, type: ResourceType<T>, document: unknown): Promise<void> {
  const patch = { type: 'application/merge-patch+json', document } as const;
  await cluster.client.patch(type, { ref, patch: patch as never });
}

async function roll(shop: Shop, image: string, seconds: number): Promise<void> {
  await change(shop, Deployment, { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } });
  await shop.cluster.world.advance(seconds * 1000);
}

async function sizes({ cluster }: Shop): Promise<Record<string, number>> {
  const { items } = await cluster.client.list(ReplicaSet, { namespace });
  return Object.fromEntries(items.map((set) => [imageOf(set), set.spec.replicas ?? 0]));
}

async function conditions({ cluster }: Shop): Promise<Record<string, string>> {
  const { status } = await cluster.client.get(Deployment, ref);
  const told = status?.conditions ?? [];
  return Object.fromEntries(told.map((each) => [each.type, `${each.status} ${each.reason}`]));
}

async function rollbackEvents({ cluster }: Shop): Promise<readonly string[]> {
  const { items } = await cluster.client.list(Event, { namespace });
  return items.filter(({ reason }) => reason === 'DeploymentRollback').map(({ message = '' }) => message);
}

const HELD = {
  Available: 'True MinimumReplicasAvailable',
  Progressing: 'False ProgressDeadlineExceeded',
  RolledBack: 'True ProgressDeadlineExceeded',
};
const DONE = { Available: 'True MinimumReplicasAvailable', Progressing: 'True NewReplicaSetAvailable' };

test('[CTL80] a revision that does not work within its deadline gives way to the last that did, and is told of', async () => {
  const shop = await aShop();
  await using cluster = shop.cluster;
  await roll(shop, 'bad:2', DEADLINE_S + 20);
  assert.deepEqual(await sizes(shop), { 'good:1': 3, 'bad:2': 0 });
  assert.deepEqual(await conditions(shop), HELD);
  const web = await cluster.client.get(Deployment, ref);
  const sets = (await cluster.client.list(ReplicaSet, { namespace })).items;
  const nameOf = (image: string): string => sets.find((set) => imageOf(set) === image)?.metadata.name ?? '';
  const told =
    `ReplicaSet "${nameOf('bad:2')}" (revision 2) did not become available within 60s: 1 of 1 pods: Running and not ready; ` +
    `ReplicaSet "${nameOf('good:1')}" (revision 1) runs in its place until the template changes.`;
  assert.equal(web.status?.conditions?.find(({ type }) => type === 'RolledBack')?.message, told);
  assert.deepEqual(await rollbackEvents(shop), [`Rolled back to revision 1: ${told}`]);
  // What the user asked for stays as it is written: tools that compare find no difference.
  assert.equal(imageOf(web), 'bad:2');
  assert.deepEqual(web.metadata.annotations, { team: 'shop', 'deployment.kubernetes.io/revision': '2' });
});

test('[CTL81] applying the same again changes nothing, and a rollback is not repeated nor judged', async () => {
  const shop = await aShop();
  await using cluster = shop.cluster;
  await roll(shop, 'bad:2', DEADLINE_S + 20);
  const creations = (): number =>
    cluster.requests.filter(({ verb, plural }) => verb === 'create' && plural === 'pods').length;
  const before = creations();
  await roll(shop, 'bad:2', 10 * DEADLINE_S);
  await change(shop, Deployment, { metadata: { labels: { tier: 'front' } } });
  await cluster.world.advance(10 * DEADLINE_S * 1000);
  assert.deepEqual(await sizes(shop), { 'good:1': 3, 'bad:2': 0 });
  assert.deepEqual(await conditions(shop), HELD);
  assert.equal((await rollbackEvents(shop)).length, 1);
  assert.equal(creations(), before);
});

test('[CTL82] a deployment that is rolled back follows its size with the revision that works', async () => {
  const shop = await aShop();
  await using cluster = shop.cluster;
  await roll(shop, 'bad:2', DEADLINE_S + 20);
  for (const replicas of [5, 0, 2]) {
    await change(shop, Deployment, { spec: { replicas } });
    await cluster.world.advance(20_000);
    assert.deepEqual(await sizes(shop), { 'good:1': replicas, 'bad:2': 0 });
  }
  assert.deepEqual(await conditions(shop), HELD);
});

test('[CTL83] a new template starts anew, and a template that failed is tried again when it comes back', async () => {
  const shop = await aShop();
  await using cluster = shop.cluster;
  await roll(shop, 'bad:2', DEADLINE_S + 20);
  await roll(shop, 'good:3', 20);
  assert.deepEqual(await sizes(shop), { 'good:1': 0, 'bad:2': 0, 'good:3': 3 });
  assert.deepEqual(await conditions(shop), DONE);
  await roll(shop, 'bad:2', 20);
  assert.deepEqual(await sizes(shop), { 'good:1': 0, 'bad:2': 1, 'good:3': 3 });
  assert.equal((await conditions(shop))['Progressing'], 'True ReplicaSetUpdated');
  await cluster.world.advance(DEADLINE_S * 1000);
  assert.deepEqual(await sizes(shop), { 'good:1': 0, 'bad:2': 0, 'good:3': 3 });
  shop.agent.isWell = () => true; // whatever was missing is there now
  await roll(shop, 'good:1', 20);
  await roll(shop, 'bad:2', 20);
  assert.deepEqual(await sizes(shop), { 'good:1': 0, 'bad:2': 3, 'good:3': 0 });
  assert.deepEqual(await conditions(shop), DONE);
});

test('[CTL84] taking the change back ends the rollback without moving a pod', async () => {
  const shop = await aShop();
  await using cluster = shop.cluster;
  await roll(shop, 'bad:2', DEADLINE_S + 20);
  const podsOf = async (): Promise<readonly string[]> =>
    (await cluster.client.list(Pod, { namespace })).items.map(({ metadata }) => metadata.name).toSorted();
  const before = await podsOf();
  await roll(shop, 'good:1', 20);
  assert.deepEqual(await podsOf(), before);
  assert.deepEqual(await conditions(shop), DONE);
  const web = await cluster.client.get(Deployment, ref);
  assert.equal(web.metadata.annotations?.['deployment.kubernetes.io/revision'], '3');
});

test('[CTL84] a revision that worked once must work again when it comes back', async () => {
  const shop = await aShop();
  await using _cluster = shop.cluster;
  await roll(shop, 'good:2', 20);
  shop.agent.isWell = (pod) => pod.spec.containers[0]?.image === 'good:2';
  await roll(shop, 'good:1', DEADLINE_S + 20);
  assert.deepEqual(await sizes(shop), { 'good:1': 0, 'good:2': 3 });
  assert.deepEqual(await conditions(shop), HELD);
});

test('[CTL85] without an earlier revision that worked nothing is rolled back', async () => {
  const shop = await aShop({ spec: { template: aTemplate('bad:0') } });
  await using _cluster = shop.cluster;
  await roll(shop, 'bad:2', DEADLINE_S + 20);
  assert.deepEqual(await sizes(shop), { 'bad:0': 3, 'bad:2': 1 });
  assert.equal((await conditions(shop))['Progressing'], 'False ProgressDeadlineExceeded');
  assert.deepEqual(await rollbackEvents(shop), []);
});

test('[CTL85] pods that are missing after a revision has worked are no failure of it', async () => {
  const shop = await aShop();
  await using cluster = shop.cluster;
  await roll(shop, 'good:2', 20);
  const spec = { hard: { pods: '3' } };
  await cluster.client.create(ResourceQuota, { metadata: { namespace, name: 'few' }, spec });
  await change(shop, Deployment, { spec: { replicas: 6 } });
  await cluster.world.advance(3 * DEADLINE_S * 1000);
  assert.deepEqual(await sizes(shop), { 'good:1': 0, 'good:2': 6 });
});

test('[CTL86] a paused deployment is left alone', async () => {
  const shop = await aShop();
  await using cluster = shop.cluster;
  await roll(shop, 'bad:2', 10);
  await change(shop, Deployment, { spec: { paused: true } });
  await cluster.world.advance(3 * DEADLINE_S * 1000);
  assert.deepEqual(await sizes(shop), { 'good:1': 3, 'bad:2': 1 });
});

test('[CTL87] an annotation or the setting of the cluster leaves failed revisions as they are', async () => {
  const annotated = await aShop();
  await using cluster = annotated.cluster;
  await change(annotated, Deployment, { metadata: { annotations: { 'tutti.io/automatic-rollback': 'false' } } });
  const strict = await aShop({ automaticRollback: false });
  await using _strict = strict.cluster;
  for (const shop of [annotated, strict]) {
    await roll(shop, 'bad:2', 3 * DEADLINE_S);
    assert.deepEqual(await sizes(shop), { 'good:1': 3, 'bad:2': 1 });
    const { RolledBack: none, Progressing } = await conditions(shop);
    assert.deepEqual([none, Progressing], [undefined, 'False ProgressDeadlineExceeded']);
  }
  const sets = (await strict.cluster.client.list(ReplicaSet, { namespace })).items;
  const notes = sets.flatMap(({ metadata }) => Object.keys(metadata.annotations ?? {}));
  assert.deepEqual(
    notes.filter((name) => name.startsWith('tutti.io/')),
    [],
  );
  await change(annotated, Deployment, { metadata: { annotations: { 'tutti.io/automatic-rollback': null } } });
  await cluster.world.advance(20_000);
  assert.deepEqual(await sizes(annotated), { 'good:1': 3, 'bad:2': 0 });
});

test('[CTL88] a deployment that is recreated comes back with the revision that works', async () => {
  const shop = await aShop({ spec: { strategy: { type: 'Recreate' } } });
  await using _cluster = shop.cluster;
  await roll(shop, 'bad:2', 30);
  assert.deepEqual(await sizes(shop), { 'good:1': 0, 'bad:2': 3 });
  await shop.cluster.world.advance(DEADLINE_S * 1000);
  assert.deepEqual(await sizes(shop), { 'good:1': 3, 'bad:2': 0 });
  assert.deepEqual(await conditions(shop), HELD);
});
