import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiObject } from '#api/object';
import type { ApiResult } from '#api/request';
import { aGuardedApi, type GuardedApi } from '#test/builders/access';

const INGRESSES = { group: 'networking.k8s.io', plural: 'ingresses', namespace: 'default' } as const;
const spec = { defaultBackend: { service: { name: 'web', port: { number: 80 } } } };

async function addIngressClass(api: GuardedApi, name: string, mark = 'true'): Promise<void> {
  const annotations = { 'ingressclass.kubernetes.io/is-default-class': mark };
  const body = { metadata: { name, annotations }, spec: { controller: 'example.com/ingress' } };
  await api.ask({ verb: 'create', group: 'networking.k8s.io', plural: 'ingressclasses', body });
}

type Classed = ApiObject & { readonly spec: { readonly ingressClassName?: string } };

function classIn(result: ApiResult): string | undefined {
  assert.equal(result.type, 'object');
  return ((result as { readonly object: ApiObject }).object as Classed).spec.ingressClassName;
}

async function classOfNew(api: GuardedApi, name: string, sent: object = {}): Promise<string | undefined> {
  const body = { spec, metadata: { name }, ...sent };
  return classIn(await api.ask({ ...INGRESSES, verb: 'create', body }));
}

test('[NKD10] a new ingress without a class gets the default one', async () => {
  await using api = await aGuardedApi();
  await addIngressClass(api, 'plain', 'false');
  assert.equal(await classOfNew(api, 'none'), undefined);
  await addIngressClass(api, 'nginx');
  assert.equal(await classOfNew(api, 'defaulted'), 'nginx');
  assert.equal(await classOfNew(api, 'own', { spec: { ...spec, ingressClassName: 'plain' } }), 'plain');
  const annotations = { 'kubernetes.io/ingress.class': 'plain' };
  assert.equal(await classOfNew(api, 'old', { metadata: { name: 'old', annotations } }), undefined);
});

test('[NKD10] of several default classes the newest counts, then the first by name', async () => {
  await using api = await aGuardedApi();
  await addIngressClass(api, 'b');
  await addIngressClass(api, 'a');
  assert.equal(await classOfNew(api, 'first'), 'a');
  await api.world.advance(1000);
  await addIngressClass(api, 'c');
  assert.equal(await classOfNew(api, 'second'), 'c');
});

type Claim = ApiObject & { readonly spec: { readonly storageClassName?: string } };

async function storageClassOfNew(api: GuardedApi, name: string, rest: object = {}): Promise<string | undefined> {
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...rest };
  const place = { plural: 'persistentvolumeclaims', namespace: 'default' };
  const result = await api.ask({ ...place, verb: 'create', body: { metadata: { name }, spec: claim } });
  assert.equal(result.type, 'object');
  return ((result as { readonly object: ApiObject }).object as Claim).spec.storageClassName;
}

test('[STG23] a new claim without a class gets the default one, and none if it says so', async () => {
  await using api = await aGuardedApi();
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const body = { metadata: { name: 'fast', annotations }, provisioner: 'example.com/disk' };
  assert.equal(await storageClassOfNew(api, 'early'), undefined);
  await api.ask({ verb: 'create', group: 'storage.k8s.io', plural: 'storageclasses', body });
  assert.equal(await storageClassOfNew(api, 'late'), 'fast');
  assert.equal(await storageClassOfNew(api, 'own', { storageClassName: 'slow' }), 'slow');
  assert.equal(await storageClassOfNew(api, 'none', { storageClassName: '' }), '');
});
