import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { aWire, type Json, type Wire } from './wire.ts';

let wire: Wire;
before(async () => {
  wire = await aWire();
});
after(() => wire[Symbol.asyncDispose]());

const PATH = '/api/v1/namespaces/default/services';
const service = (name: string, labels: object = {}): object => ({
  metadata: { name, labels },
  spec: { type: 'LoadBalancer', ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 80 }] },
});

test('[CFM75] the status of a service takes a load balancer by patch and conditions by update, and a watch tells both', async () => {
  await wire.post(PATH, service('status', { test: 'status' }));
  const watch = await wire.watch(`${PATH}?labelSelector=test%3Dstatus`);
  const loadBalancer = { ingress: [{ ip: '203.0.113.1' }] };
  const note = { metadata: { annotations: { patched: 'yes' } } };
  const patched = await wire.patch(`${PATH}/status/status`, 'merge', { ...note, status: { loadBalancer } });
  assert.deepEqual(patched['status'], { loadBalancer: { ingress: [{ ip: '203.0.113.1', ipMode: 'VIP' }] } });
  const condition = {
    type: 'StatusUpdate',
    status: 'True',
    reason: 'E2E',
    message: 'set by a test',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };
  const status = { ...(patched['status'] as object), conditions: [condition] };
  await wire.put(`${PATH}/status/status`, { ...patched, status });
  assert.deepEqual((await wire.get(`${PATH}/status/status`))['status'], status);
  const told = await watch.until(({ object }) => 'conditions' in (object['status'] as object));
  assert.deepEqual(
    told.map(({ type, object }) => [type, object.metadata.annotations?.['patched']]),
    [
      ['ADDED', undefined],
      ['MODIFIED', 'yes'],
      ['MODIFIED', 'yes'],
    ],
  );
  watch.end();
});

test('[CFM76] the service of the API itself is in default, with its secure port, and found in all namespaces', async () => {
  const { items = [] } = await wire.get('/api/v1/services');
  const own = items.find(({ metadata }) => metadata.namespace === 'default' && metadata.name === 'kubernetes') as Json;
  const { ports } = own['spec'] as { readonly ports: readonly { readonly name: string; readonly port: number }[] };
  assert.deepEqual(
    ports.map(({ name, port }) => [name, port]),
    [['https', 443]],
  );
});
