import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS } from '#api/kinds';
import type { ApiRequest, ApiResult } from '#api/request';
import type { Deployment } from '#api/types/apps-v1';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { currentGroups } from '../discovery/groups.ts';
import { resourceTable } from './resources.ts';
import { storedResource } from './stored-resources.ts';

const EXTENSIONS = { group: 'extensions', version: 'v1beta1', plural: 'deployments' };
const APPS = { group: 'apps', version: 'v1', plural: 'deployments' };
const user = { name: 'tester', groups: ['system:masters'] };

const ask = ({ handle, signal }: TestCluster, request: Partial<ApiRequest>): Promise<ApiResult> =>
  handle({ verb: 'get', namespace: 'default', name: 'web', options: {}, user, signal, ...EXTENSIONS, ...request });

test('[FRM10] a manifest in a former version is taken, stored as it is now, and says what to write instead', async () => {
  await using cluster = await aCluster();
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1' }] } };
  const body = { apiVersion: 'extensions/v1beta1', kind: 'Deployment', metadata: { name: 'web' }, spec: { template } };
  const made = await ask(cluster, { verb: 'create', body });
  assert.ok(made.type === 'object');
  assert.equal(made.object.apiVersion, 'extensions/v1beta1');
  assert.deepEqual(made.warnings, [
    'extensions/v1beta1 Deployment is deprecated in v1.8+, unavailable in v1.16+; use apps/v1 Deployment',
  ]);
  const now = await ask(cluster, APPS);
  assert.ok(now.type === 'object');
  const { apiVersion, spec } = now.object as Deployment;
  assert.deepEqual([apiVersion, spec.selector, now.warnings], ['apps/v1', { matchLabels: { app: 'web' } }, undefined]);
  const document = { spec: { replicas: 3 } };
  const patched = await ask(cluster, { verb: 'patch', patchType: 'application/merge-patch+json', body: document });
  assert.ok(patched.type === 'object');
  assert.equal((patched.object as Deployment).spec.replicas, 3);
  assert.equal((await ask(cluster, { verb: 'delete' })).type, 'object');
});

test('[FRM11] former versions come last, and short names and categories mean what is served now', () => {
  const groups = currentGroups(resourceTable(KINDS.map(storedResource)))();
  const names = groups.map(({ group }) => group);
  assert.equal(names.at(-1), 'extensions');
  assert.deepEqual(
    groups.find(({ group }) => group === 'apps')?.versions.map(({ version }) => version),
    ['v1', 'v1beta2', 'v1beta1'],
  );
  const preferred = groups.filter(({ group }) => group !== 'extensions').map(({ versions }) => versions[0]?.version);
  assert.deepEqual(
    preferred.filter((version) => /alpha|beta/.test(version ?? '')),
    [],
  );
  const former =
    groups.find(({ group }) => group === 'extensions')?.versions.flatMap(({ resources }) => resources) ?? [];
  assert.deepEqual(
    former.map(({ plural }) => plural),
    ['daemonsets', 'deployments', 'ingresses', 'networkpolicies', 'replicasets'],
  );
  assert.deepEqual(
    former.flatMap(({ shortNames, categories }) => [...shortNames, ...categories]),
    [],
  );
});

const TEMPLATE = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1' }] } };
const BODY = { metadata: { name: 'web' }, spec: { template: TEMPLATE, replicas: 2 } };

test('[FRM14] the scale of former versions has a form of its own', async () => {
  await using cluster = await aCluster();
  await ask(cluster, { verb: 'create', body: BODY });
  const scale = { subresource: 'scale' } as const;
  const read = await ask(cluster, scale);
  assert.ok(read.type === 'object');
  const { metadata, ...shown } = read.object as unknown as Readonly<Record<string, object>>;
  assert.deepEqual(shown, {
    apiVersion: 'extensions/v1beta1',
    kind: 'Scale',
    spec: { replicas: 2 },
    status: { replicas: 0, selector: { app: 'web' }, targetSelector: 'app=web' },
  });
  assert.deepEqual(read.warnings, ['extensions/v1beta1 Scale is deprecated in v1.2+, unavailable in v1.16+']);
  const body = { ...shown, metadata, spec: { replicas: 5 } };
  const written = await ask(cluster, { ...scale, verb: 'update', body });
  assert.ok(written.type === 'object');
  assert.deepEqual((written.object as Deployment).spec.replicas, 5);
  const patch = { verb: 'patch', patchType: 'application/merge-patch+json' } as const;
  const document = { apiVersion: 'apps/v1beta1', kind: 'Scale', spec: { replicas: 6 } };
  const patched = await ask(cluster, { ...scale, ...patch, group: 'apps', body: document });
  assert.ok(patched.type === 'object');
  assert.deepEqual([patched.object.apiVersion, (patched.object as Deployment).spec.replicas], ['apps/v1beta1', 6]);
  assert.deepEqual(patched.warnings, [
    'apps/v1beta1 Scale is deprecated in v1.8+, unavailable in v1.16+; use autoscaling/v1 Scale',
  ]);
  const now = await ask(cluster, { ...APPS, ...scale });
  assert.equal(now.type === 'object' && now.object.apiVersion, 'autoscaling/v1');
});

test('[FRM15] a rollback is asked for with an object of its own, and kept in an annotation', async () => {
  await using cluster = await aCluster();
  await ask(cluster, { verb: 'create', body: BODY });
  const rollBack = (body: object, request: Partial<ApiRequest> = {}): Promise<ApiResult> =>
    ask(cluster, { verb: 'create', subresource: 'rollback', body, ...request });
  const done = await rollBack({ name: 'web', rollbackTo: { revision: 3 }, updatedAnnotations: { why: 'bad' } });
  assert.ok(done.type === 'object');
  const { message, code } = done.object as unknown as Readonly<Record<string, unknown>>;
  assert.deepEqual([done.status, message, code], [201, 'rollback request for deployment "web" succeeded', 200]);
  assert.deepEqual(done.warnings, [
    'extensions/v1beta1 DeploymentRollback is deprecated in v1.8+, unavailable in v1.16+',
  ]);
  const stored = await ask(cluster, APPS);
  assert.ok(stored.type === 'object');
  const key = 'deprecated.deployment.rollback.to';
  assert.deepEqual(stored.object.metadata.annotations, { [key]: '3', why: 'bad' });
  const shown = await ask(cluster, {});
  assert.ok(shown.type === 'object');
  assert.deepEqual((shown.object as unknown as { spec: { rollbackTo: unknown } }).spec.rollbackTo, { revision: 3 });
  assert.deepEqual(shown.object.metadata.annotations, { why: 'bad' });
  await assert.rejects(rollBack({ name: 'api' }), { reason: 'BadRequest' });
  await assert.rejects(rollBack({ rollbackTo: { revision: -1 } }), {
    message:
      'DeploymentRollback.apps "" is invalid: [name: Required value: name is required, rollback.version: Invalid value: -1: must be greater than or equal to 0]',
  });
  await assert.rejects(rollBack({ name: 'web' }, { group: 'apps', version: 'v1beta2' }), { reason: 'NotFound' });
});
