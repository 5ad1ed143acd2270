import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StorageClass } from '#api/storage/storage-class';
import { aGuardedApi } from '#test/builders/access';
import { offerDefaultStorageClass } from './default-storage-class.ts';

const KEY = '/storage.k8s.io/storageclasses/local';

test('[STG70] every cluster has a storage class, which is the default until an operator says otherwise', async () => {
  await using api = await aGuardedApi();
  const within = { ...api, signal: new AbortController().signal };
  await offerDefaultStorageClass(within);
  const made = api.store.get(KEY) as StorageClass;
  const { annotations } = made.metadata;
  assert.deepEqual(
    [made.provisioner, made.reclaimPolicy, made.volumeBindingMode, annotations],
    ['tutti.dev/local', 'Delete', 'WaitForFirstConsumer', { 'storageclass.kubernetes.io/is-default-class': 'true' }],
  );
  const body = { ...made, metadata: { ...made.metadata, annotations: {} } };
  await api.ask({ verb: 'update', group: 'storage.k8s.io', plural: 'storageclasses', name: 'local', body });
  await offerDefaultStorageClass(within);
  assert.deepEqual((api.store.get(KEY) as StorageClass).metadata.annotations ?? {}, {});
});
