import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '#api/apps/deployment';
import { HorizontalPodAutoscaler } from '#api/autoscaling/horizontal-pod-autoscaler';
import { Namespace } from '#api/core/namespace';
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { Service } from '#api/core/service';
import { aGuardedCluster } from '#test/builders/guarded-cluster';

test('[ACC13] every component does its work as a user of its own, with the rights of that user', async () => {
  await using cluster = await aGuardedCluster();
  const { world, admin, refused } = cluster;
  const labels = { app: 'web' };
  await admin.create(Namespace, { metadata: { name: 'shop' }, spec: {} });
  await world.advance(1_000);
  const metadata = { name: 'web', namespace: 'shop' };
  const containers = [{ name: 'web', image: 'nginx:1', resources: { requests: { cpu: '100m' } } }];
  const template = { metadata: { labels }, spec: { containers } } as unknown as Deployment['spec']['template'];
  await admin.create(Deployment, { metadata, spec: { replicas: 2, selector: { matchLabels: labels }, template } });
  await admin.create(Service, {
    metadata,
    spec: { type: 'LoadBalancer', selector: labels, ports: [{ port: 80 }] },
  } as never);
  await admin.create(HorizontalPodAutoscaler, {
    metadata,
    spec: {
      maxReplicas: 3,
      minReplicas: 3,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    },
  });
  await world.advance(60_000);
  const pods = await admin.list(Pod, { namespace: 'shop' });
  assert.deepEqual(
    pods.items.map(({ status }) => status?.phase),
    ['Running', 'Running', 'Running'],
  );
  const found = await admin.get(Node, { name: 'node-1' });
  await admin.update(Node, { ...found, spec: { ...found.spec, taints: [{ key: 'a', effect: 'NoExecute' }] } });
  await world.advance(60_000);
  await admin.delete(Namespace, { name: 'shop' });
  await world.advance(60_000);
  assert.deepEqual(
    (await admin.list(Namespace, {})).items.filter(({ metadata: { name } }) => name === 'shop'),
    [],
  );
  assert.deepEqual([...refused], []);
});
