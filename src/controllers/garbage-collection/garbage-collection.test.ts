import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap } from '#api/core/config-map';
import { Event } from '#api/core/event';
import { Secret } from '#api/core/secret';
import type { OwnerReference } from '#api/types/meta-v1';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { createEventRecorder } from '#client/event-recorder';
import { runController } from '../framework/run-controller.ts';
import { garbageCollection } from './controller.ts';

async function aCollectedCluster(): Promise<TestCluster> {
  const cluster = await aCluster({ namespaces: ['default', 'other'] });
  const controller = garbageCollection([ConfigMap, Secret]);
  const events = createEventRecorder({ ...cluster, component: controller.name });
  cluster.run((signal) => runController(controller, { ...cluster, signal, events }));
  await cluster.world.settle();
  return cluster;
}

const ownedBy = ({ metadata }: ConfigMap, rest: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: metadata.name,
  uid: metadata.uid,
  ...rest,
});

async function namesIn({ client }: TestCluster, namespace: string): Promise<readonly string[]> {
  return (await client.list(Secret, { namespace })).items.map(({ metadata }) => metadata.name);
}

test('[CTL63b] a reference to an owner of another namespace, kind or name does not take others along', async () => {
  await using cluster = await aCollectedCluster();
  const { client, world } = cluster;
  const owner = await client.create(ConfigMap, { metadata: { namespace: 'default', name: 'owner' } });
  const secret = async (namespace: string, name: string, reference: OwnerReference): Promise<void> => {
    await client.create(Secret, { metadata: { namespace, name, ownerReferences: [reference] } });
    await world.advance(1_000);
  };
  await secret('other', 'far', ownedBy(owner));
  await secret('default', 'misnamed', ownedBy(owner, { name: 'nobody' }));
  await secret('default', 'mistaken', ownedBy(owner, { kind: 'Secret' }));
  await secret('default', 'owned', ownedBy(owner));
  assert.deepEqual([await namesIn(cluster, 'other'), await namesIn(cluster, 'default')], [[], ['owned']]);
  const told = (await client.list(Event, { namespace: 'other' })).items.map(({ reason, message }) => [reason, message]);
  const wrong = `ownerRef [v1/ConfigMap, namespace: other, name: owner, uid: ${owner.metadata.uid}]`;
  assert.deepEqual(told, [['OwnerRefInvalidNamespace', `${wrong} does not exist in namespace "other"`]]);
});

test('[CTL64b] who is let go of by what blocked it goes', async () => {
  await using cluster = await aCollectedCluster();
  const { client, world } = cluster;
  for (const name of ['first', 'second']) {
    const owner = await client.create(ConfigMap, { metadata: { namespace: 'default', name } });
    const ownerReferences = [ownedBy(owner, { blockOwnerDeletion: true })];
    const finalizers = ['example.com/kept'];
    await client.create(Secret, { metadata: { namespace: 'default', name, ownerReferences, finalizers } });
    await client.delete(ConfigMap, { namespace: 'default', name }, { propagationPolicy: 'Foreground' });
  }
  await world.advance(5_000);
  assert.equal((await client.list(ConfigMap, { namespace: 'default' })).items.length, 2);
  const change = async (name: string, references: readonly OwnerReference[]): Promise<void> => {
    const secret = await client.get(Secret, { namespace: 'default', name });
    await client.update(Secret, { ...secret, metadata: { ...secret.metadata, ownerReferences: references } });
  };
  const [reference] =
    (await client.get(Secret, { namespace: 'default', name: 'first' })).metadata.ownerReferences ?? [];
  assert.ok(reference);
  await change('first', [{ ...reference, blockOwnerDeletion: false }]);
  await change('second', []);
  await world.advance(5_000);
  assert.deepEqual((await client.list(ConfigMap, { namespace: 'default' })).items, []);
});
