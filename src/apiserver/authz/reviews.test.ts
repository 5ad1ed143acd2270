import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiObject } from '#api/object';
import type { UserInfo } from '#api/request';
import type { SubjectRulesReviewStatus } from '#api/types/authorization-v1';
import { ADMIN, aGuardedApi, aNodeUser, aUser, type GuardedApi, RBAC_GROUP } from '#test/builders/access';
import { failure } from '#test/builders/pipeline';
import { impersonated } from '../authn/impersonation.ts';

const bob = aUser('bob');

type Asked = { readonly spec?: object; readonly user?: UserInfo; readonly namespace?: string };

async function review(api: GuardedApi, kind: string, { spec, ...asked }: Asked = {}): Promise<unknown> {
  const group = kind === 'SelfSubjectReview' ? 'authentication.k8s.io' : 'authorization.k8s.io';
  const own = kind.startsWith('Self') ? { user: bob } : {};
  const body = spec === undefined ? {} : { spec };
  const result = await api.ask({ group, verb: 'create', plural: `${kind.toLowerCase()}s`, body, ...own, ...asked });
  return result.type === 'object' ? (result.object as ApiObject & { status: unknown }).status : undefined;
}

/** Bob may read pods in `default`. */
async function anApi(): Promise<GuardedApi> {
  const api = await aGuardedApi();
  const local = { group: RBAC_GROUP, namespace: 'default', verb: 'create' } as const;
  const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['web'] }];
  await api.ask({ ...local, plural: 'roles', body: { metadata: { name: 'reader' }, rules } });
  const roleRef = { kind: 'Role', name: 'reader' };
  const subjects = [{ kind: 'User', name: 'bob' }];
  await api.ask({ ...local, plural: 'rolebindings', body: { metadata: { name: 'bob' }, roleRef, subjects } });
  return api;
}

test('[AUT4] reviews tell who asks and what would be decided', async () => {
  await using api = await aGuardedApi();
  assert.deepEqual(await review(api, 'SelfSubjectReview'), {
    userInfo: { username: 'bob', groups: ['system:authenticated'] },
  });
  const getPods = { resourceAttributes: { verb: 'get', resource: 'pods' } };
  assert.deepEqual(await review(api, 'SelfSubjectAccessReview', { spec: getPods }), { allowed: false });
  const root = { ...getPods, user: 'root', groups: ['system:masters'] };
  assert.deepEqual(await review(api, 'SubjectAccessReview', { spec: root }), { allowed: true });
  const path = { nonResourceAttributes: { verb: 'get', path: '/api' } };
  assert.deepEqual(await review(api, 'SelfSubjectAccessReview', { spec: path }), {
    allowed: true,
    reason:
      'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole "system:discovery" to Group "system:authenticated"',
  });
});

test('[ACC41] a review in a namespace is about that namespace; reviews that ask nothing or two things are refused', async () => {
  await using api = await anApi();
  const resourceAttributes = { verb: 'get', resource: 'pods', name: 'web', namespace: 'default' };
  const local = (spec: object) => review(api, 'LocalSubjectAccessReview', { spec, namespace: 'default' });
  assert.deepEqual(await local({ user: 'bob', resourceAttributes }), {
    allowed: true,
    reason: 'RBAC: allowed by RoleBinding "bob/default" of Role "reader" to User "bob"',
  });
  await assert.rejects(
    local({ user: 'bob', resourceAttributes: { ...resourceAttributes, namespace: 'other' } }),
    failure('BadRequest', 'spec.resourceAttributes.namespace must match namespace: default'),
  );
  await assert.rejects(
    review(api, 'SubjectAccessReview', { spec: {} }),
    failure(
      'Invalid',
      'SubjectAccessReview.authorization.k8s.io "" is invalid: [spec.resourceAttributes: Required value: exactly one of nonResourceAttributes or resourceAttributes must be specified, spec.user: Required value: at least one of user or group must be specified]',
    ),
  );
  const both = { resourceAttributes, nonResourceAttributes: { verb: 'get', path: '/' } };
  await assert.rejects(review(api, 'SelfSubjectAccessReview', { spec: both }), { reason: 'Invalid' });
});

test('[ACC42] a rules review lists what one may do in a namespace, and says when it cannot list all', async () => {
  await using api = await anApi();
  const rules = async (user: UserInfo) =>
    (await review(api, 'SelfSubjectRulesReview', { spec: { namespace: 'default' }, user })) as SubjectRulesReviewStatus;
  const { resourceRules, nonResourceRules, incomplete } = await rules(bob);
  assert.deepEqual(resourceRules.at(-1), {
    verbs: ['get'],
    apiGroups: [''],
    resources: ['pods'],
    resourceNames: ['web'],
  });
  assert.ok(nonResourceRules.some(({ nonResourceURLs = [] }) => nonResourceURLs.includes('/healthz')));
  assert.equal(incomplete, false);
  const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
  const ofAdmin = await rules(ADMIN);
  assert.deepEqual(ofAdmin.resourceRules[0], everything);
  assert.equal(ofAdmin.nonResourceRules.filter(({ nonResourceURLs = [] }) => nonResourceURLs.includes('*')).length, 1);
  const ofNode = await rules(aNodeUser('n1'));
  assert.deepEqual(
    [ofNode.incomplete, ofNode.evaluationError],
    [true, 'node authorizer does not support user rule resolution'],
  );
  await assert.rejects(
    review(api, 'SelfSubjectRulesReview', { spec: {} }),
    failure('BadRequest', 'no namespace on request'),
  );
});

test('[ACC43] acting as somebody else takes the right to impersonate user, groups, uid and every extra value', async () => {
  await using api = await aGuardedApi();
  const allowed: string[] = [];
  const act = (headers: Record<string, string>) =>
    impersonated(bob, headers, ({ ...asked }) => {
      if ('path' in asked) return { allowed: false };
      const { verb, group, plural, subresource = '', namespace = '', name } = asked;
      allowed.push(`${verb} ${group}/${plural}/${subresource} ${namespace} ${name}`);
      return { allowed: true };
    });
  const ann = await act({
    'impersonate-user': 'ann',
    'impersonate-group': 'devs',
    'impersonate-uid': 'u1',
    'impersonate-extra-scopes': 'view, edit',
  });
  assert.deepEqual(allowed, [
    'impersonate /users/  ann',
    'impersonate /groups/  devs',
    'impersonate authentication.k8s.io/uids/  u1',
    'impersonate authentication.k8s.io/userextras/scopes  view',
    'impersonate authentication.k8s.io/userextras/scopes  edit',
  ]);
  assert.deepEqual(ann, {
    name: 'ann',
    groups: ['devs', 'system:authenticated'],
    uid: 'u1',
    extra: { scopes: ['view', 'edit'] },
  });
  assert.deepEqual((await act({ 'impersonate-user': 'system:anonymous' })).groups, ['system:unauthenticated']);
  assert.deepEqual((await act({ 'impersonate-user': 'system:serviceaccount:shop:robot' })).groups, [
    'system:serviceaccounts',
    'system:serviceaccounts:shop',
    'system:authenticated',
  ]);
  assert.equal(allowed.at(-1), 'impersonate /serviceaccounts/ shop robot');
  await assert.rejects(
    impersonated(bob, { 'impersonate-user': 'ann' }, api.authorize),
    failure(
      'Forbidden',
      'users "ann" is forbidden: User "bob" cannot impersonate resource "users" in API group "" at the cluster scope',
    ),
  );
});
