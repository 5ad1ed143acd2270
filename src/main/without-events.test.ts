import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap } from '#api/core/config-map';
import { Event } from '#api/core/event';
import { virtualWorld } from '#base/virtual-world';
import { openVirtualCluster } from './virtual-cluster.ts';

test('[SIM20] a simulation takes events and keeps none', async () => {
  const world = virtualWorld();
  await using cluster = await openVirtualCluster({ world, events: 'dropped' });
  const metadata = { namespace: 'default', name: 'a' };
  const involvedObject = { kind: 'Pod', namespace: 'default', name: 'p' };
  const written = await cluster.admin.create(Event, { metadata, involvedObject, reason: 'Tested', type: 'Normal' });
  await cluster.admin.create(ConfigMap, { metadata });
  const [events, maps] = [await cluster.admin.list(Event), await cluster.admin.list(ConfigMap)];
  assert.deepEqual([written.reason, events.items.length, maps.items.length], ['Tested', 0, 1]);
});
