import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '#api/errors';
import { createInformers } from '#client/informers';
import { aCluster } from '#test/builders/cluster';
import { performAction } from './perform-action.ts';
import { Workloads } from './workloads.ts';

test('[SIM26] what the API refuses is told as what came of it', async () => {
  await using cluster = await aCluster();
  const refuse = () => Promise.reject(new ApiError('Forbidden', 'not today'));
  const port = {
    world: cluster.world,
    client: { ...cluster.client, get: refuse },
    addNode: refuse,
    powerOff: () => undefined,
    powerOn: () => undefined,
  };
  const workloads = new Workloads(createInformers(cluster));
  const workload = { kind: 'Deployment', namespace: 'default', name: 'web' };
  const performing = { cluster: port, workloads, endMs: Number.POSITIVE_INFINITY };
  const outcome = await performAction({ type: 'scale', workload, replicas: 1 }, performing);
  assert.equal(outcome, 'refused: not today');
});
