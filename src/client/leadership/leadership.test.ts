import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lease } from '#api/coordination/lease';
import { ConfigMap } from '#api/core/config-map';
import { ApiError } from '#api/errors';
import { aborted } from '#base/abort';
import { inProcessClient } from '../in-process.ts';
import type { Client } from '../client.ts';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { fencedClient } from './fenced-client.ts';
import { runAsLeader, type Leadership } from './run-as-leader.ts';

const lease = { namespace: 'default', name: 'control-plane' };

type Candidate = { readonly running: Promise<void>; readonly stop: () => void; terms: Leadership[] };

function aCandidate(cluster: TestCluster, identity: string, client: Client = cluster.client): Candidate {
  const ending = new AbortController();
  const terms: Leadership[] = [];
  const { world, logger } = cluster;
  const running = runAsLeader({ client, world, logger, lease, identity, signal: ending.signal }, async (leadership) => {
    terms.push(leadership);
    await aborted(leadership.signal);
  });
  return { running, stop: () => ending.abort(), terms };
}

test('[CLT40] one candidate leads; when it gives the lease back, the next leads at its next try', async () => {
  await using cluster = await aCluster();
  const one = aCandidate(cluster, 'one');
  await cluster.world.settle();
  const two = aCandidate(cluster, 'two');
  await cluster.world.advance(60_000);
  assert.deepEqual([one.terms.length, two.terms.length], [1, 0]);
  one.stop();
  await one.running;
  await cluster.world.advance(4000);
  assert.deepEqual([two.terms.length, two.terms[0]?.isHeld()], [1, true]);
  const { spec } = await cluster.client.get(Lease, lease);
  assert.deepEqual([spec.holderIdentity, spec.leaseDurationSeconds, spec.leaseTransitions], ['two', 15, 1]);
  two.stop();
  await two.running;
});

test('[CLT41] a leader that cannot renew stops after 10 s, before another may lead after 15 s', async () => {
  await using cluster = await aCluster();
  let cut = false;
  const client = inProcessClient(
    async (request) => {
      if (cut) throw new ApiError('ServiceUnavailable', 'down');
      return await cluster.handle(request);
    },
    { name: 'one', groups: ['system:masters'] },
  );
  const one = aCandidate(cluster, 'one', client);
  await cluster.world.settle();
  const two = aCandidate(cluster, 'two');
  await cluster.world.advance(5000);
  cut = true;
  const term = one.terms[0];
  await cluster.world.runUntil(() => term?.signal.aborted === true, 11_000);
  assert.deepEqual([term?.isHeld(), two.terms.length], [false, 0]);
  await cluster.world.runUntil(() => two.terms.length === 1, 20_000);
  one.stop();
  two.stop();
  await Promise.all([one.running, two.running]);
  await cluster.world.settle();
});

test('[CLT42] a fenced client refuses writes once leadership is over, and still reads', async () => {
  await using cluster = await aCluster();
  let held = true;
  const ending = new AbortController();
  const client = fencedClient(cluster.client, { signal: ending.signal, isHeld: () => held });
  const created = await client.create(ConfigMap, { metadata: { namespace: 'default', name: 'a' } });
  held = false;
  await assert.rejects(client.update(ConfigMap, created), /Cannot write: the lease is lost, expected to lead/);
  await assert.rejects(client.delete(ConfigMap, { namespace: 'default', name: 'a' }), { reason: 'Conflict' });
  assert.deepEqual(await client.get(ConfigMap, { namespace: 'default', name: 'a' }), created);
});

test('[CLT43] a term that ends by itself is followed by a pause', async () => {
  await using cluster = await aCluster();
  const { client, world, logger } = cluster;
  const ending = new AbortController();
  let terms = 0;
  const running = runAsLeader({ client, world, logger, lease, identity: 'one', signal: ending.signal }, async () => {
    if (++terms > 100) throw new TypeError('without a pause'); // or the test would never end
  });
  await world.advance(10_000);
  ending.abort();
  await running;
  assert.ok(terms > 2 && terms <= 6, `${terms} terms in ten seconds`);
});
