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
