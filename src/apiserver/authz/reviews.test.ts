import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiObject } from '#api/object';
import { aGuardedApi, aUser, type GuardedApi } from '#test/builders/access';

const bob = aUser('bob');
const AUTHORIZATION = 'authorization.k8s.io';

async function review(api: GuardedApi, kind: string, spec?: object): Promise<unknown> {
  const group = kind === 'SelfSubjectReview' ? 'authentication.k8s.io' : AUTHORIZATION;
  const own = kind.startsWith('Self') ? { user: bob } : {};
  const body = spec === undefined ? {} : { spec };
  const result = await api.ask({ group, verb: 'create', plural: `${kind.toLowerCase()}s`, body, ...own });
  return result.type === 'object' ? (result.object as ApiObject & { status: unknown }).status : undefined;
}

test('[AUT4] reviews tell who asks and what would be decided', async () => {
  await using api = await aGuardedApi();
  assert.deepEqual(await review(api, 'SelfSubjectReview'), {
    userInfo: { username: 'bob', groups: ['system:authenticated'] },
  });
  const getPods = { resourceAttributes: { verb: 'get', resource: 'pods' } };
  assert.deepEqual(await review(api, 'SelfSubjectAccessReview', getPods), { allowed: false });
  const root = { ...getPods, user: 'root', groups: ['system:masters'] };
  assert.deepEqual(await review(api, 'SubjectAccessReview', root), { allowed: true });
  const path = { nonResourceAttributes: { verb: 'get', path: '/api' } };
  assert.deepEqual(await review(api, 'SelfSubjectAccessReview', path), {
    allowed: true,
    reason:
      'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole "system:discovery" to Group "system:authenticated"',
  });
});
