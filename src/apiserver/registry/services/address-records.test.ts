import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IPAddress } from '#api/networking/ip-address';
import type { Service } from '#api/core/service';
import { aGuardedApi, type GuardedApi } from '#test/builders/access';
import { repairAddresses } from './address-records.ts';

const SERVICES = { plural: 'services', namespace: 'default' } as const;
const PREFIX = '/networking.k8s.io/ipaddresses/';

const recordOf = (api: GuardedApi, address: string): IPAddress | undefined =>
  api.store.get(`${PREFIX}${address}`) as IPAddress | undefined;

async function addService(api: GuardedApi, name: string, spec: object = {}): Promise<string> {
  const body = { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } };
  await api.ask({ ...SERVICES, verb: 'create', body });
  return (api.store.get(`/core/services/default/${name}`) as Service).spec.clusterIP ?? '';
}

test('[NKD14] the address of a service is an object that comes and goes with it', async () => {
  await using api = await aGuardedApi();
  const address = await addService(api, 'web');
  const { metadata, spec } = recordOf(api, address) ?? {};
  assert.deepEqual(spec?.parentRef, { group: '', resource: 'services', namespace: 'default', name: 'web' });
  assert.deepEqual(metadata?.labels, {
    'ipaddress.kubernetes.io/ip-family': 'IPv4',
    'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
  });
  await addService(api, 'headless', { clusterIP: 'None' });
  const body = { metadata: { name: 'dry' }, spec: { ports: [{ port: 80 }] } };
  await api.ask({ ...SERVICES, verb: 'create', body, options: { dryRun: true } });
  const kubernetes = 2; // the services of the API and of the DNS
  assert.equal(api.store.count(PREFIX), kubernetes + 1);
  await api.ask({ ...SERVICES, verb: 'delete', name: 'web' });
  assert.equal(recordOf(api, address), undefined);
});

test('[NKD14] an address that is kept for something else is given to no service', async () => {
  await using api = await aGuardedApi();
  const name = '198.18.64.77';
  const parentRef = { group: 'example.com', resource: 'gateways', name: 'front' };
  await api.ask({
    verb: 'create',
    group: 'networking.k8s.io',
    plural: 'ipaddresses',
    body: { metadata: { name }, spec: { parentRef } },
  });
  await assert.rejects(addService(api, 'web', { clusterIP: name }), /provided IP is already allocated/);
});

test('[NKD14] records that are missing are written at the next start', async () => {
  await using api = await aGuardedApi();
  const address = await addService(api, 'web');
  await api.store.write((tx) => void tx.delete(`${PREFIX}${address}`));
  await repairAddresses(api.store, api.world);
  assert.equal(recordOf(api, address)?.spec.parentRef.name, 'web');
  const { revision } = api.store;
  await repairAddresses(api.store, api.world);
  assert.equal(api.store.revision, revision);
});
