import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aGuardedApi, aNodeUser } from '#test/builders/access';

const group = 'resource.k8s.io';
const user = aNodeUser('n1');
const refused = (text: string) => (error: Error) => error.message.endsWith(text);
const UNRELATED = refused("no relationship found between node 'n1' and this object");

test('[DRA12] a node reads only the claims of its pods', async () => {
  await using api = await aGuardedApi();
  const inDefault = { namespace: 'default' } as const;
  await api.ask({ verb: 'create', plural: 'serviceaccounts', ...inDefault, body: { metadata: { name: 'default' } } });
  const claims = { group, plural: 'resourceclaims', ...inDefault } as const;
  for (const name of ['mine', 'other']) {
    await api.ask({ ...claims, verb: 'create', body: { metadata: { name }, spec: { devices: {} } } });
  }
  const spec = {
    nodeName: 'n1',
    automountServiceAccountToken: false,
    containers: [{ name: 'main', image: 'nginx:1' }],
    resourceClaims: [{ name: 'gpu', resourceClaimName: 'mine' }],
  };
  await api.ask({ verb: 'create', plural: 'pods', ...inDefault, body: { metadata: { name: 'web' }, spec } });
  await api.ask({ ...claims, verb: 'get', name: 'mine', user });
  await assert.rejects(api.ask({ ...claims, verb: 'get', name: 'other', user }), UNRELATED);
  await assert.rejects(
    api.ask({ ...claims, verb: 'list', user }),
    refused('can only get individual resources of this type'),
  );
});

test('[DRA13] a node publishes the devices of no node but itself', async () => {
  await using api = await aGuardedApi();
  const slices = { group, plural: 'resourceslices' } as const;
  const aSlice = (name: string, nodeName: string) => ({
    metadata: { name },
    spec: { driver: 'd.example', nodeName, pool: { name: nodeName, generation: 1, resourceSliceCount: 1 } },
  });
  await api.ask({ ...slices, verb: 'create', user, body: aSlice('mine', 'n1') });
  await assert.rejects(
    api.ask({ ...slices, verb: 'create', user, body: aSlice('wrong', 'n2') }),
    refused('can only create ResourceSlice with the same NodeName as the requesting node'),
  );
  await api.ask({ ...slices, verb: 'create', body: aSlice('other', 'n2') });
  await api.ask({ ...slices, verb: 'get', name: 'mine', user });
  for (const verb of ['get', 'delete'] as const)
    await assert.rejects(api.ask({ ...slices, verb, name: 'other', user }), UNRELATED);
  await api.ask({ ...slices, verb: 'list', user, options: { fieldSelector: 'spec.nodeName=n1' } });
  await assert.rejects(
    api.ask({ ...slices, verb: 'list', user }),
    refused('can only list/watch/deletecollection resourceslices with nodeName field selector'),
  );
  await api.ask({ ...slices, verb: 'delete', name: 'mine', user });
});
