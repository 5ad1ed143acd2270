import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { Pod } from '#api/core/pod';
import { Event } from '#api/core/event';
import { aCluster } from '#test/builders/cluster';
import { runControllers } from '../run-controllers.ts';

test('[STG49] a generic ephemeral volume gets a claim that goes with its pod, and none that is another one', async () => {
  await using cluster = await aCluster();
  const { client, world } = cluster;
  const namespace = 'default';
  cluster.run((signal) => runControllers({ ...cluster, signal }));
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  await client.create(PersistentVolumeClaim, { metadata: { namespace, name: 'web-taken' }, spec });
  const volumes = ['scratch', 'taken'].map((name) => ({
    name,
    ephemeral: { volumeClaimTemplate: { metadata: { labels: { app: 'web' } }, spec } },
  }));
  const containers = [{ name: 'main', image: 'nginx:1' }];
  await client.create(Pod, { metadata: { namespace, name: 'web' }, spec: { containers, volumes } });
  await world.advance(5_000);
  const made = await client.get(PersistentVolumeClaim, { namespace, name: 'web-scratch' });
  assert.deepEqual(
    [
      made.metadata.labels,
      made.metadata.ownerReferences?.map(({ kind, name, controller }) => [kind, name, controller]),
    ],
    [{ app: 'web' }, [['Pod', 'web', true]]],
  );
  const { items } = await client.list(Event, { namespace });
  assert.deepEqual(
    items.filter(({ involvedObject }) => involvedObject.name === 'web').map(({ message }) => message),
    ['PVC default/web-taken was not created for pod default/web (pod is not owner)'],
  );
  await client.delete(Pod, { namespace, name: 'web' }, { gracePeriodSeconds: 0 });
  await world.advance(60_000);
  const left = await client.list(PersistentVolumeClaim, { namespace });
  assert.deepEqual(
    left.items.map(({ metadata }) => metadata.name),
    ['web-taken'],
  );
});
