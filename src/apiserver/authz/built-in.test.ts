import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserInfo } from '#api/request';
import { builtInAuthorizer } from './built-in.ts';
import { reviewResources } from './reviews.ts';

const authenticated = 'system:authenticated';
const admin: UserInfo = { name: 'root', groups: ['system:masters', authenticated] };
const scheduler: UserInfo = { name: 'system:kube-scheduler', groups: [authenticated] };
const node: UserInfo = { name: 'system:node:n1', groups: ['system:nodes', authenticated] };
const bob: UserInfo = { name: 'bob', groups: [authenticated] };
const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

const may = async (user: UserInfo, verb: string, resource: string): Promise<boolean> => {
  const [group = '', plural = '', subresource] = resource.split('/');
  return (await builtInAuthorizer({ user, verb, group, version: 'v1', plural, subresource })).allowed;
};
const mayGet = async (user: UserInfo, path: string): Promise<boolean> =>
  (await builtInAuthorizer({ user, verb: 'get', path })).allowed;

test('[AUT1] administrators and components may do everything', async () => {
  assert.ok(await may(admin, 'delete', '/secrets'));
  assert.ok(await may(scheduler, 'create', '/pods/binding'));
  assert.ok(await mayGet(scheduler, '/metrics'));
});

test('[AUT2] nodes read what their pods need and write what they report, and no more', async () => {
  for (const allowed of [
    'get /secrets',
    'update /nodes/status',
    'patch /pods/status',
    'delete /pods',
    'create /events',
  ])
    assert.ok(await may(node, ...(allowed.split(' ') as [string, string])), allowed);
  for (const refused of [
    'create /secrets',
    'update /pods',
    'create /pods/binding',
    'get /pods/exec',
    'delete /nodes',
    'list apps/deployments',
  ])
    assert.ok(!(await may(node, ...(refused.split(' ') as [string, string]))), refused);
});

test('[AUT3] everybody with a name may discover and review itself; everybody else only health and version', async () => {
  assert.ok(await mayGet(bob, '/apis/apps/v1'));
  assert.ok(await mayGet(bob, '/openapi/v3'));
  assert.ok(await may(bob, 'create', 'authorization.k8s.io/selfsubjectaccessreviews'));
  assert.ok(!(await may(bob, 'get', '/pods')));
  assert.ok(!(await mayGet(bob, '/metrics')));
  assert.deepEqual(
    await Promise.all(
      ['/healthz', '/readyz/', '/version', '/api', '/healthz/log', '/versionx'].map((path) => mayGet(anonymous, path)),
    ),
    [true, true, true, false, false, false],
  );
});

test('[AUT4] reviews tell who asks and what would be decided', async () => {
  const resources = reviewResources(builtInAuthorizer);
  const review = async (kind: string, spec?: object): Promise<unknown> => {
    const resource = resources.find((each) => each.kind === kind);
    const body = spec === undefined ? {} : { spec };
    const request = { verb: 'create', group: '', version: 'v1', plural: '', options: {}, body, user: bob } as const;
    const result = await resource?.handle({ ...request, signal: new AbortController().signal });
    return result?.type === 'object' ? (result.object as unknown as { status: unknown }).status : undefined;
  };
  assert.deepEqual(await review('SelfSubjectReview'), { userInfo: { username: 'bob', groups: [authenticated] } });
  const getPods = { resourceAttributes: { verb: 'get', resource: 'pods' } };
  assert.deepEqual(await review('SelfSubjectAccessReview', getPods), { allowed: false });
  assert.deepEqual(await review('SubjectAccessReview', { ...getPods, user: 'root', groups: ['system:masters'] }), {
    allowed: true,
  });
  assert.deepEqual(await review('SelfSubjectAccessReview', { nonResourceAttributes: { verb: 'get', path: '/api' } }), {
    allowed: true,
  });
});
