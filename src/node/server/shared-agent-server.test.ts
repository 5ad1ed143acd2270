import assert from 'node:assert/strict';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { Pod } from '#api/core/pod';
import { silentLogger } from '#base/log';
import { anAgent } from '#test/builders/agent';
import { certificates, type Certificates } from '#test/builders/certificates';
import { aCluster } from '#test/builders/cluster';
import { sharedAgentServer } from './shared-agent-server.ts';

type Place = { readonly port: number; readonly pki: Certificates };

function get({ port, pki }: Place, path: string): Promise<readonly [status: number | undefined, body: string]> {
  const { certificate: cert, key } = pki.admin;
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: '127.0.0.1', port, path, ca: pki.authority, cert, key, agent: false },
      (response) => {
        text(response).then((body) => resolve([response.statusCode, body]), reject);
      },
    );
    asking.on('error', reject).end();
  });
}

test('[NOD179] agents of one process share a server, which asks the one that has the pod or is named', async () => {
  await using cluster = await aCluster({ namespaces: ['default', 'kube-node-lease'] });
  const pki = certificates();
  const options = { host: '127.0.0.1', port: 0, tls: pki.server };
  await using server = await sharedAgentServer(options, silentLogger());
  const first = await anAgent(cluster, { server });
  await anAgent(cluster, { server, nodeName: 'node-2' });
  await cluster.client.create(Pod, {
    metadata: { namespace: 'default', name: 'web-1' },
    spec: { nodeName: 'node-2', containers: [{ name: 'web', image: 'nginx:1' }] },
  });
  await cluster.world.advance(20_000);
  const place = { port: server.port, pki };
  assert.equal(first.port, server.port);
  const podsOf = async (node: string): Promise<unknown> => {
    const [, body] = await get(place, `/pods?node=${node}`);
    return (JSON.parse(body) as { items: readonly Pod[] }).items.map(({ metadata }) => metadata.name);
  };
  assert.deepEqual([await podsOf('node-1'), await podsOf('node-2')], [[], ['web-1']]);
  assert.deepEqual(await get(place, '/healthz'), [200, 'ok']);
  assert.deepEqual(await get(place, '/pods?node=node-3'), [404, 'no agent here has it\n']);
  // Its agent answers: nothing that is simulated writes a log.
  const [status, body] = await get(place, '/containerLogs/default/web-1/other');
  assert.deepEqual([status, body], [400, 'container "other" in pod "web-1" is not available\n']);
  const next = certificates();
  server.renew(next.server);
  assert.deepEqual(await get({ ...place, pki: next }, '/healthz'), [200, 'ok']);
});
