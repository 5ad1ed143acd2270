import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '#api/apps/deployment';
import { HorizontalPodAutoscaler } from '#api/autoscaling/horizontal-pod-autoscaler';
import { Namespace } from '#api/core/namespace';
import { Node } from '#api/core/node';
import { Pod } from '#api/core/pod';
import { Service } from '#api/core/service';
import { isApiError } from '#api/errors';
import type { RequestHandler } from '#api/request';
import { inProcessClient } from '#client/in-process';
import { createInformers } from '#client/informers';
import { silentLogger } from '#base/log';
import { ADMIN, aGuardedApi } from '#test/builders/access';
import { anAgent } from '#test/builders/agent';
import { controlPlaneHealth, runControlPlane } from './control-plane.ts';
import { nodeUser } from './identities.ts';

test('[ACC13] every component does its work as a user of its own, with the rights of that user', async () => {
  await using api = await aGuardedApi();
  const { world } = api;
  const refused = new Set<string>();
  const handle: RequestHandler = async (request) => {
    try {
      return await api.handle(request);
    } catch (error) {
      if (isApiError(error, 'Forbidden') && error.message.includes(' cannot ')) refused.add(error.message);
      throw error;
    }
  };
  const logger = silentLogger();
  const ending = new AbortController();
  const { signal } = ending;
  const running = runControlPlane(
    { handle, authority: 'PEM', signCertificate: () => 'PEM', health: controlPlaneHealth() },
    { world, logger, signal },
  );
  const admin = inProcessClient(handle, ADMIN);
  const client = inProcessClient(handle, nodeUser('node-1'));
  const informers = createInformers({ client, world, logger, signal });
  const node = { ...api, requests: [], client, informers, logger, signal, run: () => undefined };
  await anAgent(node);
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
  ending.abort();
  await running;
});
