import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap } from '#api/core/config-map';
import { Namespace } from '#api/core/namespace';
import { ResourceQuota } from '#api/core/resource-quota';
import { CustomResourceDefinition } from '#api/extensions/custom-resource-definition';
import type { ApiObject } from '#api/object';
import { defineResource } from '#api/resource';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { defineKind } from '#test/builders/custom-kinds';
import { runControllers } from '../run-controllers.ts';

const THING = defineResource<ApiObject>(
  { group: 'example.com', version: 'v1', kind: 'Thing', plural: 'things', namespaced: true },
  {},
);

async function define(cluster: TestCluster): Promise<CustomResourceDefinition> {
  const served = await defineKind(cluster, { kind: 'Thing', plural: 'things', versions: ['v1', 'v2'] });
  await cluster.world.advance(2000);
  return served;
}

function runAll(cluster: TestCluster): void {
  cluster.run((signal) => runControllers({ ...cluster, signal }));
}

test('[CTL65] objects of kinds that users define own and are owned, whatever version the reference names', async () => {
  await using cluster = await aCluster();
  const { client, world } = cluster;
  runAll(cluster);
  await world.settle();
  await define(cluster);
  const namespace = 'default';
  const owner = await client.create(THING, { metadata: { namespace, name: 'owner' } });
  const reference = { kind: 'Thing', name: 'owner', uid: owner.metadata.uid };
  await client.create(ConfigMap, {
    metadata: { namespace, name: 'by-v2', ownerReferences: [{ ...reference, apiVersion: 'example.com/v2' }] },
  });
  await client.create(THING, {
    metadata: { namespace, name: 'child', ownerReferences: [{ ...reference, apiVersion: 'example.com/v1' }] },
  });
  await world.advance(1000);
  await client.delete(THING, { namespace, name: 'owner' }, { propagationPolicy: 'Background' });
  await world.advance(5000);
  const things = await client.list(THING, { namespace });
  const maps = await client.list(ConfigMap, { namespace });
  assert.deepEqual([things.items.length, maps.items.length], [0, 0]);
});

test('[CTL74] a namespace is emptied of objects of kinds that users define', async () => {
  await using cluster = await aCluster({ namespaces: ['default', 'team'] });
  const { client, world } = cluster;
  runAll(cluster);
  await world.settle();
  await define(cluster);
  await client.create(THING, { metadata: { namespace: 'team', name: 'a' } });
  await client.delete(Namespace, { name: 'team' });
  await world.advance(10_000);
  await assert.rejects(client.get(Namespace, { name: 'team' }), { reason: 'NotFound' });
  assert.deepEqual((await client.list(THING)).items, []);
});

test('[CTL75] a kind that is removed is not watched any more', async () => {
  await using cluster = await aCluster();
  const { client, world } = cluster;
  runAll(cluster);
  await world.settle();
  const crd = await define(cluster);
  await client.delete(CustomResourceDefinition, { name: crd.metadata.name });
  const deleted = await client.get(CustomResourceDefinition, { name: crd.metadata.name });
  const { finalizers: _, ...metadata } = deleted.metadata;
  await client.update(CustomResourceDefinition, { ...deleted, metadata });
  await world.advance(60_000);
  const before = cluster.requests.length;
  await world.advance(300_000);
  const asked = cluster.requests.slice(before).filter(({ plural }) => plural === 'things');
  assert.deepEqual(asked, []);
});

test('[QUO17] kinds that users define are limited by their number', async () => {
  await using cluster = await aCluster();
  const { client, world } = cluster;
  runAll(cluster);
  await world.settle();
  await define(cluster);
  const namespace = 'default';
  const hard = { 'count/things.example.com': '1' };
  await client.create(ResourceQuota, { metadata: { namespace, name: 'few' }, spec: { hard } });
  await world.advance(5000);
  await client.create(THING, { metadata: { namespace, name: 'a' } });
  await assert.rejects(client.create(THING, { metadata: { namespace, name: 'b' } }), {
    message:
      'things.example.com "b" is forbidden: exceeded quota: few, requested: count/things.example.com=1, used: count/things.example.com=1, limited: count/things.example.com=1',
  });
  await client.delete(THING, { namespace, name: 'a' });
  await world.advance(5000);
  await client.create(THING, { metadata: { namespace, name: 'b' } });
});
