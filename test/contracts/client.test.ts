/** Runs the client's contract on both transports. */
import { KINDS } from '#api/kinds';
import { Namespace } from '#api/core/namespace';
import { ServiceAccount } from '#api/core/service-account';
import { createPipeline } from '#apiserver/pipeline';
import { ADMIN_LEAF, AGENT_CLIENT_LEAF, createAuthority, issueLeaf, serverLeaf } from '#apiserver/pki/authority';
import { startApiServer } from '#apiserver/start';
import { silentLogger } from '#base/log';
import { systemWorld } from '#base/world';
import { httpsClient } from '#client/https/https-client';
import { inProcessClient } from '#client/in-process';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import { checkedClient, checkedWatches } from '../builders/checked-watches.ts';
import { clientContract, type ClientUnderTest } from './client.contract.ts';

const ADMIN = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };
const ACCOUNT = { metadata: { namespace: 'default', name: 'default' }, automountServiceAccountToken: false };
const serviceCidr = '198.19.0.0/16';

clientContract('in process', async () => {
  const world = systemWorld();
  const store = await openStore({ engine: memoryEngine(), world });
  const watches = checkedWatches(createPipeline({ store, world, kinds: KINDS, serviceCidr }).handle, store);
  const client = inProcessClient(watches.handle, ADMIN);
  await client.create(Namespace, { metadata: { name: 'default' }, spec: {} });
  await client.create(ServiceAccount, ACCOUNT);
  return {
    client,
    async [Symbol.asyncDispose]() {
      await watches.finish();
      await store[Symbol.asyncDispose]();
    },
  };
});

clientContract('HTTPS', async (): Promise<ClientUnderTest> => {
  await using scope = new AsyncDisposableStack();
  const world = systemWorld();
  const nowMs = world.clock.now();
  const store = scope.use(await openStore({ engine: memoryEngine(), world }));
  const authority = createAuthority(nowMs);
  const tls = { ...issueLeaf(authority, serverLeaf(['127.0.0.1']), nowMs), clientAuthority: authority.certificate };
  const server = await startApiServer({
    store,
    world,
    tls,
    kinds: KINDS,
    serviceCidr,
    agentTls: () => ({ client: issueLeaf(authority, AGENT_CLIENT_LEAF, nowMs), authority: authority.certificate }),
    log: silentLogger(),
    listen: { host: '127.0.0.1', port: 0 },
    advertisedAddresses: ['198.18.255.1'],
  });
  scope.use(server);
  const admin = issueLeaf(authority, ADMIN_LEAF, nowMs);
  const https = httpsClient({
    world,
    server: `https://127.0.0.1:${server.address.port}`,
    ca: authority.certificate,
    cert: admin.certificate,
    key: admin.key,
  });
  scope.use(https);
  const { client, finish } = checkedClient(https);
  scope.defer(finish);
  await client.create(ServiceAccount, ACCOUNT);
  const kept = scope.move();
  return { client, [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose]() };
});
