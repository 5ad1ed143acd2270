import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap } from '#api/core/config-map';
import { Namespace } from '#api/core/namespace';
import { createEventRecorder } from '#client/event-recorder';
import { aCluster } from '#test/builders/cluster';
import { runController } from '../framework/run-controller.ts';
import { rootCa } from './controller.ts';

test('[ACC63] every namespace is told the authority of the API server, again when somebody changes or removes it', async () => {
  await using cluster = await aCluster();
  const { client, world } = cluster;
  cluster.run(async (signal) => {
    const events = createEventRecorder({ ...cluster, signal, component: 'test' });
    await runController(rootCa('PEM'), { ...cluster, signal, events });
  });
  await client.create(Namespace, { metadata: { name: 'shop' }, spec: {} });
  const read = async (namespace: string) => {
    await world.settle();
    return await client.get(ConfigMap, { namespace, name: 'kube-root-ca.crt' });
  };
  assert.deepEqual((await read('default')).data, { 'ca.crt': 'PEM' });
  const map = await read('shop');
  await client.update(ConfigMap, { ...map, data: { 'ca.crt': 'other' } });
  assert.deepEqual((await read('shop')).data, { 'ca.crt': 'PEM' });
  await client.delete(ConfigMap, { namespace: 'shop', name: 'kube-root-ca.crt' });
  assert.deepEqual((await read('shop')).data, { 'ca.crt': 'PEM' });
});
