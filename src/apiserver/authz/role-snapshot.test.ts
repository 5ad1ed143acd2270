import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserInfo } from '#api/request';
import type * as rbac from '#api/types/rbac-v1';
import { type RoleObjects, RoleSnapshot } from './role-snapshot.ts';

const bob: UserInfo = { name: 'bob', groups: ['devs', 'system:authenticated'] };
const robot: UserInfo = { name: 'system:serviceaccount:shop:robot', groups: [] };
const GROUP = 'rbac.authorization.k8s.io';

const meta = (name: string, namespace?: string): rbac.Role['metadata'] =>
  ({ name, ...(namespace === undefined ? {} : { namespace }) }) as rbac.Role['metadata'];
const typed = { apiVersion: `${GROUP}/v1` };

const aRole = (name: string, ...rules: readonly rbac.PolicyRule[]): rbac.Role => ({
  ...typed,
  kind: 'Role',
  metadata: meta(name, 'shop'),
  rules,
});
const aClusterRole = (name: string, ...rules: readonly rbac.PolicyRule[]): rbac.ClusterRole => ({
  ...typed,
  kind: 'ClusterRole',
  metadata: meta(name),
  rules,
});
const aBinding = (roleRef: string, ...subjects: readonly rbac.Subject[]): rbac.RoleBinding => {
  const [kind = '', name = ''] = roleRef.split('/');
  return { ...typed, kind: 'RoleBinding', metadata: meta('grant', 'shop'), roleRef: { kind, name }, subjects };
};
const aClusterBinding = (role: string, ...subjects: readonly rbac.Subject[]): rbac.ClusterRoleBinding => ({
  ...typed,
  kind: 'ClusterRoleBinding',
  metadata: meta('grant-all'),
  roleRef: { kind: 'ClusterRole', name: role },
  subjects,
});
const user = (name: string): rbac.Subject => ({ kind: 'User', name });

const snapshotOf = (objects: Partial<RoleObjects>): RoleSnapshot =>
  new RoleSnapshot({ roles: [], roleBindings: [], clusterRoles: [], clusterRoleBindings: [], ...objects });

/** `get /pods/log@shop:web`: verb, group/plural/subresource, namespace, name. */
function may(snapshot: RoleSnapshot, who: UserInfo, what: string): boolean {
  const [, verb = '', group = '', plural = '', subresource, namespace, name] =
    /^(\S+) ([^/]*)\/([^/@:]+)(?:\/([^@:]+))?(?:@([^:]+))?(?::(.+))?$/.exec(what) ?? [];
  return snapshot.decide({ user: who, verb, group, version: 'v1', plural, subresource, namespace, name }).allowed;
}

test('[ACC1] a role holds in its namespace, a cluster role where it is granted', () => {
  const rule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };
  const snapshot = snapshotOf({
    roles: [aRole('reader', rule)],
    clusterRoles: [
      aClusterRole('reader', { ...rule, resources: ['secrets'] }),
      aClusterRole('nodes', { ...rule, resources: ['nodes'] }),
    ],
    roleBindings: [aBinding('Role/reader', user('bob')), aBinding('ClusterRole/reader', user('bob'))],
    clusterRoleBindings: [aClusterBinding('nodes', user('bob'))],
  });
  const asked = [
    'get /pods@shop',
    'get /secrets@shop',
    'get /pods@other',
    'get /pods',
    'get /nodes',
    'list /pods@shop',
  ];
  assert.deepEqual(
    asked.map((what) => may(snapshot, bob, what)),
    [true, true, false, false, true, false],
  );
});

test('[ACC2] users, groups and service accounts are granted; an account without a namespace is of the binding', () => {
  const role = aRole('reader', { verbs: ['*'], apiGroups: ['*'], resources: ['*'] });
  const granted = (...subjects: readonly rbac.Subject[]): RoleSnapshot =>
    snapshotOf({ roles: [role], roleBindings: [aBinding('Role/reader', ...subjects)] });
  assert.ok(may(granted({ kind: 'Group', name: 'devs' }), bob, 'get /pods@shop'));
  assert.ok(!may(granted({ kind: 'Group', name: 'bob' }), bob, 'get /pods@shop'));
  assert.ok(may(granted({ kind: 'ServiceAccount', name: 'robot' }), robot, 'get /pods@shop'));
  assert.ok(!may(granted({ kind: 'ServiceAccount', name: 'robot', namespace: 'x' }), robot, 'get /pods@shop'));
});

test('[ACC3] stars stand for all verbs, groups and resources; subresources are resources of their own', () => {
  const rules: readonly rbac.PolicyRule[] = [
    { verbs: ['*'], apiGroups: ['apps'], resources: ['deployments'] },
    { verbs: ['get'], apiGroups: ['*'], resources: ['*/scale', 'pods/log'] },
  ];
  const snapshot = snapshotOf({ roles: [aRole('r', ...rules)], roleBindings: [aBinding('Role/r', user('bob'))] });
  const asked = [
    'delete apps/deployments@shop',
    'get apps/deployments/status@shop',
    'get x/things/scale@shop',
    'get /pods/log@shop',
    'get /pods@shop',
  ];
  assert.deepEqual(
    asked.map((what) => may(snapshot, bob, what)),
    [true, false, true, true, false],
  );
});

test('[ACC4] a rule with names holds for these names only', () => {
  const rule = { verbs: ['get', 'list'], apiGroups: [''], resources: ['secrets'], resourceNames: ['a', 'b'] };
  const snapshot = snapshotOf({ roles: [aRole('r', rule)], roleBindings: [aBinding('Role/r', user('bob'))] });
  const asked = ['get /secrets@shop:a', 'get /secrets@shop:c', 'list /secrets@shop', 'list /secrets@shop:b'];
  assert.deepEqual(
    asked.map((what) => may(snapshot, bob, what)),
    [true, false, false, true],
  );
});

test('[ACC5] paths are granted by cluster roles, exactly or by what they start with', () => {
  const rule = { verbs: ['get'], nonResourceURLs: ['/metrics', '/logs/*'] };
  const snapshot = snapshotOf({
    clusterRoles: [aClusterRole('r', rule)],
    clusterRoleBindings: [aClusterBinding('r', user('bob'))],
  });
  const mayGet = (path: string, verb = 'get'): boolean => snapshot.decidePath({ user: bob, verb, path }).allowed;
  assert.deepEqual(
    [mayGet('/metrics'), mayGet('/metrics/x'), mayGet('/logs/a'), mayGet('/logs'), mayGet('/metrics', 'post')],
    [true, false, true, false, false],
  );
});

test('[ACC6] a decision tells which binding allowed it, and a refusal which role is missing', () => {
  const snapshot = snapshotOf({
    roles: [aRole('r', { verbs: ['get'], apiGroups: [''], resources: ['pods'] })],
    roleBindings: [aBinding('Role/r', user('bob')), aBinding('ClusterRole/gone', user('bob'))],
  });
  const ask = { user: bob, group: '', version: 'v1', plural: 'pods', namespace: 'shop' };
  assert.deepEqual(snapshot.decide({ ...ask, verb: 'get' }), {
    allowed: true,
    reason: 'RBAC: allowed by RoleBinding "grant/shop" of Role "r" to User "bob"',
  });
  assert.deepEqual(snapshot.decide({ ...ask, verb: 'list' }), {
    allowed: false,
    reason: 'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
  });
});

test('[ACC15] what a review asks in odd words says nothing about other questions', () => {
  const rule = { verbs: ['get /secrets/ shop'], apiGroups: ['*'], resources: ['*'] };
  const snapshot = snapshotOf({ roles: [aRole('r', rule)], roleBindings: [aBinding('Role/r', user('bob'))] });
  const ask = { user: bob, group: '', version: 'v1', namespace: 'shop' };
  const parts = { subresource: 'x', plural: 'y' };
  assert.ok(snapshot.decide({ ...ask, ...parts, verb: 'get /secrets/ shop' }).allowed);
  assert.ok(!snapshot.decide({ ...ask, verb: 'get', plural: 'secrets/ shop /y', subresource: 'x' }).allowed);
});
