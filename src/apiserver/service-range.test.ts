import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceCIDR } from '#api/networking/service-cidr';
import { aGuardedApi } from '#test/builders/access';
import { ensureServiceRange } from './service-range.ts';

test('[NKD12] the range of services is an object that is ready, and is left alone at the next start', async () => {
  await using api = await aGuardedApi();
  const { signal } = new AbortController();
  await ensureServiceRange({ ...api, cidr: '198.18.64.0/20', signal });
  const range = api.store.get('/networking.k8s.io/servicecidrs/kubernetes') as ServiceCIDR;
  assert.deepEqual(range.spec, { cidrs: ['198.18.64.0/20'] });
  assert.deepEqual(
    range.status?.conditions?.map(({ type, status, message }) => [type, status, message]),
    [['Ready', 'True', 'Kubernetes default Service CIDR is ready']],
  );
  const { revision } = api.store;
  await ensureServiceRange({ ...api, cidr: '198.18.128.0/20', signal });
  assert.equal(api.store.revision, revision);
});
