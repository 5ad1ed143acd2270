import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aGuardedApi } from '#test/builders/access';

const group = 'resource.k8s.io';
const devices = {
  requests: [{ name: 'all', exactly: { deviceClassName: 'gpu', allocationMode: 'All', adminAccess: true } }],
};
const refusedAt = (kind: string, name: string, field: string): object => ({
  reason: 'Invalid',
  message: `${kind}.resource.k8s.io "${name}" is invalid: ${field}: Forbidden: admin access to devices requires the \`resource.kubernetes.io/admin-access: true\` label on the containing namespace`,
});

test('[DRA11] access to devices that others use is asked for and granted only in namespaces that are marked for it', async () => {
  await using api = await aGuardedApi();
  const labels = { 'resource.kubernetes.io/admin-access': 'true' };
  await api.ask({ verb: 'create', plural: 'namespaces', body: { metadata: { name: 'operators', labels }, spec: {} } });
  const create = (plural: string, namespace: string, spec: object) =>
    api.ask({ verb: 'create', group, plural, namespace, body: { metadata: { name: 'all' }, spec } });
  await assert.rejects(
    create('resourceclaims', 'default', { devices }),
    refusedAt('ResourceClaim', 'all', 'spec.devices.requests[0].adminAccess'),
  );
  await assert.rejects(
    create('resourceclaimtemplates', 'default', { spec: { devices } }),
    refusedAt('ResourceClaimTemplate', 'all', 'spec.devices.requests[0].adminAccess'),
  );
  await create('resourceclaims', 'operators', { devices });
  await create('resourceclaimtemplates', 'operators', { spec: { devices } });
  await create('resourceclaims', 'default', {
    devices: { requests: [{ name: 'all', exactly: { deviceClassName: 'gpu' } }] },
  });
  const result = { request: 'all', driver: 'd.example', pool: 'n1', device: 'gpu-0', adminAccess: true };
  const grant = async (namespace: string): Promise<unknown> => {
    const stored = api.store.get(`/resource.k8s.io/resourceclaims/${namespace}/all`);
    const body = { ...stored, status: { allocation: { devices: { results: [result] } } } };
    return await api.ask({
      verb: 'update',
      group,
      plural: 'resourceclaims',
      namespace,
      name: 'all',
      subresource: 'status',
      body,
    });
  };
  await assert.rejects(
    grant('default'),
    refusedAt('ResourceClaim', 'all', 'status.allocation.devices.results[0].adminAccess'),
  );
  await grant('operators');
});
