import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS } from '#api/kinds';
import type * as core from '#api/types/core-v1';
import { virtualWorld } from '#base/virtual-world';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import { bootstrap } from './bootstrap.ts';
import { createPipeline } from './pipeline.ts';

test('[BOO1] every cluster has its namespaces and the kubernetes service; running again changes nothing', async () => {
  const world = virtualWorld();
  await using store = await openStore({ engine: memoryEngine(), world });
  const { handle } = createPipeline({ store, world, kinds: KINDS, serviceCidr: '198.18.64.0/20' });
  const options = { handle, serviceIp: '198.18.64.1', dnsIp: '198.18.64.10', signal: new AbortController().signal };
  await bootstrap({ ...options, endpoint: { addresses: ['198.18.0.1'], port: 6443 } });
  assert.deepEqual(
    store.list('/core/namespaces/').items.map(({ metadata }) => metadata.name),
    ['default', 'kube-node-lease', 'kube-public', 'kube-system'],
  );
  const service = store.get('/core/services/default/kubernetes') as core.Service;
  assert.deepEqual([service.spec?.clusterIP, service.spec?.ports?.[0]?.targetPort], ['198.18.64.1', 6443]);
  const before = store.revision;
  await bootstrap({ ...options, endpoint: { addresses: ['198.18.0.1'], port: 6443 } });
  assert.equal(store.revision, before);
  await bootstrap({ ...options, endpoint: { addresses: ['198.18.0.2'], port: 7443 } });
  const moved = store.get('/core/endpoints/default/kubernetes') as core.Endpoints;
  assert.deepEqual(moved.subsets?.[0]?.addresses, [{ ip: '198.18.0.2' }]);
});

test('[BOO3] the address of the DNS is that of a service, unless an operator has put something else there', async () => {
  const world = virtualWorld();
  await using store = await openStore({ engine: memoryEngine(), world });
  const { handle } = createPipeline({ store, world, kinds: KINDS, serviceCidr: '198.18.64.0/20' });
  const options = {
    handle,
    serviceIp: '198.18.64.1',
    endpoint: { addresses: ['198.18.0.1'], port: 6443 },
    signal: new AbortController().signal,
  };
  await bootstrap({ ...options, dnsIp: '198.18.64.10' });
  const service = store.get('/core/services/kube-system/kube-dns') as core.Service;
  assert.deepEqual(
    [service.spec?.clusterIP, service.spec?.ports?.map(({ name, port, protocol }) => [name, port, protocol])],
    [
      '198.18.64.10',
      [
        ['dns', 53, 'UDP'],
        ['dns-tcp', 53, 'TCP'],
      ],
    ],
  );
  const before = store.revision;
  await bootstrap({ ...options, dnsIp: '198.18.64.11' });
  assert.equal(store.revision, before);
});
