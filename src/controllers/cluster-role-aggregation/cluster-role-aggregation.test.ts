import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterRole } from '#api/rbac/cluster-role';
import { createEventRecorder } from '#client/event-recorder';
import { aCluster } from '#test/builders/cluster';
import { runController } from '../framework/run-controller.ts';
import { clusterRoleAggregation } from './controller.ts';

const reading = (resource: string) => ({ verbs: ['get'], apiGroups: [''], resources: [resource] });

test('[ACC40] a role that gathers others has their rules, each once, and follows their changes', async () => {
  await using cluster = await aCluster();
  const { client, world } = cluster;
  cluster.run(async (signal) => {
    const events = createEventRecorder({ ...cluster, signal, component: 'test' });
    await runController(clusterRoleAggregation, { ...cluster, signal, events });
  });
  const label = (to: string) => ({ [`join-${to}`]: 'true' });
  const gathers = (from: string) => ({ clusterRoleSelectors: [{ matchLabels: label(from) }] });
  await client.create(ClusterRole, {
    metadata: { name: 'view', labels: label('edit') },
    aggregationRule: gathers('view'),
  });
  await client.create(ClusterRole, { metadata: { name: 'edit' }, aggregationRule: gathers('edit') });
  await client.create(ClusterRole, { metadata: { name: 'b', labels: label('view') }, rules: [reading('pods')] });
  await client.create(ClusterRole, {
    metadata: { name: 'a', labels: label('view') },
    rules: [reading('nodes'), reading('pods')],
  });
  await world.settle();
  const rulesOf = async (name: string) => (await client.get(ClusterRole, { name })).rules;
  assert.deepEqual(await rulesOf('view'), [reading('nodes'), reading('pods')]);
  assert.deepEqual(await rulesOf('edit'), [reading('nodes'), reading('pods')]);
  await client.delete(ClusterRole, { name: 'a' });
  await world.settle();
  assert.deepEqual(await rulesOf('edit'), [reading('pods')]);
});
