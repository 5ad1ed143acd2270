import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { aGuardedApi } from '#test/builders/access';

const CLAIMS = { plural: 'persistentvolumeclaims', namespace: 'default' } as const;

test('[STG7] a bound claim may ask for more where its class can give it', async () => {
  await using api = await aGuardedApi();
  for (const [name, allowVolumeExpansion] of [
    ['growing', true],
    ['fixed', false],
  ] as const) {
    const body = { metadata: { name }, provisioner: 'example.com/disk', allowVolumeExpansion };
    await api.ask({ verb: 'create', group: 'storage.k8s.io', plural: 'storageclasses', body });
    const resources = { requests: { storage: '1Gi' } };
    const spec = { accessModes: ['ReadWriteOnce'], resources, storageClassName: name };
    await api.ask({ ...CLAIMS, verb: 'create', body: { metadata: { name }, spec } });
  }
  const stored = (name: string) =>
    api.store.get(`/core/persistentvolumeclaims/default/${name}`) as PersistentVolumeClaim;
  const bind = async (name: string): Promise<void> => {
    const body = { ...stored(name), status: { phase: 'Bound', capacity: { storage: '1Gi' } } };
    await api.ask({ ...CLAIMS, verb: 'update', subresource: 'status', name, body });
  };
  const grow = (name: string) => {
    const { spec, ...claim } = stored(name);
    const body = { ...claim, spec: { ...spec, resources: { requests: { storage: '2Gi' } } } };
    return api.ask({ ...CLAIMS, verb: 'update', name, body });
  };
  await bind('growing');
  await bind('fixed');
  await grow('growing');
  assert.equal(stored('growing').spec.resources?.requests?.['storage'], '2Gi');
  await assert.rejects(grow('fixed'), {
    reason: 'Forbidden',
    message:
      'persistentvolumeclaims "fixed" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
  });
});
