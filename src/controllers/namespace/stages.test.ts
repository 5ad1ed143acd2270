import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap } from '#api/core/config-map';
import { Namespace } from '#api/core/namespace';
import { Pod } from '#api/core/pod';
import { NetworkPolicy } from '#api/networking/network-policy';
import type { ApiObject } from '#api/object';
import type { ResourceDefinition } from '#api/resource';
import { aCluster } from '#test/builders/cluster';
import { runControllers } from '../run-controllers.ts';

const NAMESPACE = 'shop';
const finalizers = ['example.com/keep'];

test('[CTL76] the pods of a namespace go before all else, and its network policies after all else', async () => {
  await using cluster = await aCluster({ namespaces: [NAMESPACE] });
  const { client, world } = cluster;
  cluster.run((signal) => runControllers({ ...cluster, signal }));
  const metadata = (name: string) => ({ namespace: NAMESPACE, name });
  const held = (name: string) => ({ ...metadata(name), finalizers });
  const spec = { containers: [{ name: 'main', image: 'nginx:1' }] };
  await client.create(Pod, { metadata: held('web'), spec });
  await client.create(ConfigMap, { metadata: held('settings') });
  await client.create(NetworkPolicy, { metadata: metadata('fence'), spec: {} });
  await client.delete(Namespace, { name: NAMESPACE });
  const living = async (): Promise<readonly string[]> => {
    const kinds: readonly unknown[] = [Pod, ConfigMap, NetworkPolicy];
    const lists = kinds.map((kind) =>
      client.list<ApiObject>(kind as ResourceDefinition<ApiObject>, { namespace: NAMESPACE }),
    );
    const objects = (await Promise.all(lists)).flatMap(({ items }) => items);
    return objects
      .filter((object) => object.metadata.deletionTimestamp === undefined)
      .map((object) => object.metadata.name)
      .filter((name) => name !== 'kube-root-ca.crt');
  };
  const release = async <T extends ApiObject>(kind: ResourceDefinition<T>, name: string): Promise<void> => {
    const object = await client.get(kind, metadata(name));
    await client.update(kind, { ...object, metadata: { ...object.metadata, finalizers: [] } });
  };
  await world.advance(60_000);
  assert.deepEqual(await living(), ['settings', 'fence']);
  await release(Pod, 'web');
  await world.advance(60_000);
  assert.deepEqual(await living(), ['fence']);
  await release(ConfigMap, 'settings');
  await world.advance(60_000);
  await assert.rejects(client.get(Namespace, { name: NAMESPACE }), { reason: 'NotFound' });
});
