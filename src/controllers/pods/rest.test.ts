import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EndpointSlice } from '#api/discovery/endpoint-slice';
import { Pod } from '#api/core/pod';
import { Service } from '#api/core/service';
import { aCluster } from '#test/builders/cluster';
import { aTemplate, NAMESPACE, readyStatus } from '#test/builders/workloads';
import { runControllers } from '../run-controllers.ts';
import { restAfter } from './rest.ts';

test('[CTL35b] changes of many pods are seen to together, those of few at once', () => {
  assert.deepEqual([0, 99, 100, 1000, 100_000].map(restAfter), [undefined, undefined, 50, 500, 1000]);
});

test('[CTL35b] a service over many pods has all of them in the end, in few writes', async () => {
  await using cluster = await aCluster();
  const { client, world } = cluster;
  cluster.run((signal) => runControllers({ ...cluster, signal, only: (name) => name === 'endpointslice-controller' }));
  await client.create(Service, {
    metadata: { namespace: NAMESPACE, name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  const { labels } = aTemplate().metadata ?? {};
  for (let number = 0; number < 150; number++) {
    const metadata = { namespace: NAMESPACE, name: `web-${number}`, labels: labels ?? {} };
    const pod = await client.create(Pod, { metadata, spec: { ...aTemplate().spec, nodeName: 'n1' } });
    const podIPs = [{ ip: `198.18.1.${number}` }];
    const status = { ...readyStatus(), podIP: `198.18.1.${number}`, podIPs };
    await client.update(Pod, { ...pod, status }, { subresource: 'status' });
    await world.advance(2);
  }
  await world.advance(2_000);
  const { items } = await client.list(EndpointSlice, { namespace: NAMESPACE });
  const slices = items.filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'web');
  assert.equal(slices.flatMap(({ endpoints }) => endpoints).length, 150);
  const writes = slices.map(({ metadata }) => metadata.generation ?? 0).reduce((sum, count) => sum + count, 0);
  assert.ok(writes < 110, `${writes} writes`);
});
