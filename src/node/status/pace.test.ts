import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiRequest } from '#api/request';
import { anAgent } from '#test/builders/agent';
import { aCluster } from '#test/builders/cluster';
import type { AgentPace } from '../agent-options.ts';

const MINUTE_MS = 60_000;

async function requestsAMinute(pace: Partial<AgentPace>): Promise<readonly [renewals: number, looks: number]> {
  await using cluster = await aCluster({ namespaces: ['default', 'kube-node-lease'] });
  await anAgent(cluster, { pace });
  await cluster.world.advance(MINUTE_MS);
  const before = cluster.requests.length;
  await cluster.world.advance(10 * MINUTE_MS);
  const since = cluster.requests.slice(before);
  const count = (fits: (request: ApiRequest) => boolean): number => Math.round(since.filter(fits).length / 10);
  return [
    count(({ plural, verb }) => plural === 'leases' && verb === 'update'),
    count(({ plural, verb }) => plural === 'nodes' && verb === 'get'),
  ];
}

test('[SIM22] an agent renews and looks as often as it is told, and as upstream does unless told', async () => {
  assert.deepEqual(await requestsAMinute({}), [6, 6]);
  assert.deepEqual(await requestsAMinute({ renewMs: 30_000, lookMs: 20_000 }), [2, 3]);
});
