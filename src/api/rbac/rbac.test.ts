import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterRole } from './cluster-role.ts';
import { ClusterRoleBinding } from './cluster-role-binding.ts';
import { Role } from './role.ts';
import { RoleBinding } from './role-binding.ts';

const metadata = { name: 'x', namespace: 'default', creationTimestamp: '2026-01-02T03:04:05Z' } as Role['metadata'];
const texts = (errors: readonly { readonly field: string; readonly message: string }[]): readonly string[] =>
  errors.map(({ field, message }) => `${field}: ${message}`);
const GROUP = 'rbac.authorization.k8s.io';

const aRole = (...rules: NonNullable<Role['rules']>): Role => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'Role',
  metadata,
  rules,
});
const aBinding = (roleRef: object, ...subjects: readonly object[]): RoleBinding =>
  ({ apiVersion: `${GROUP}/v1`, kind: 'RoleBinding', metadata, roleRef, subjects }) as RoleBinding;

test('[ACC30] rules say what and on which resources or paths; paths are for cluster roles', () => {
  assert.deepEqual(texts(Role.validate(aRole({ verbs: [] }))), [
    'rules[0].verbs: Required value: verbs must contain at least one value',
    'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
    'rules[0].resources: Required value: resource rules must supply at least one resource',
  ]);
  const paths = { verbs: ['get'], nonResourceURLs: ['/a'], apiGroups: [''] };
  assert.deepEqual(texts(Role.validate(aRole(paths))), [
    'rules[0].nonResourceURLs: Invalid value: ["/a"]: namespaced rules cannot apply to non-resource URLs',
    'rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs',
  ]);
  const gathering = { ...aRole(), aggregationRule: { clusterRoleSelectors: [] } };
  assert.deepEqual(texts(ClusterRole.validate(gathering)), [
    'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
  ]);
});

test('[ACC31] bindings name one role for good, and subjects that can be told apart', () => {
  const wrong = aBinding({ kind: 'Deployment', name: 'a/b' }, { kind: 'User', name: '' }, { kind: 'Robot', name: 'r' });
  assert.deepEqual(texts(RoleBinding.validate(wrong)), [
    'roleRef.apiGroup: Unsupported value: "": supported values: "rbac.authorization.k8s.io"',
    'roleRef.kind: Unsupported value: "Deployment": supported values: "Role", "ClusterRole"',
    'roleRef.name: Invalid value: "a/b": may not contain \'/\'',
    'subjects[0].name: Required value',
    'subjects[0].name: Invalid value: "": user name cannot be empty',
    'subjects[0].apiGroup: Unsupported value: "": supported values: "rbac.authorization.k8s.io"',
    'subjects[1].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
  ]);
  const account = { kind: 'ServiceAccount', name: 'robot' };
  const cluster = ClusterRoleBinding.applyDefaults(aBinding({ kind: 'ClusterRole', name: 'view' }, account));
  assert.deepEqual(texts(ClusterRoleBinding.validate(cluster)), ['subjects[0].namespace: Required value']);
  const one = RoleBinding.applyDefaults(aBinding({ kind: 'Role', name: 'a' }));
  const two = RoleBinding.applyDefaults(aBinding({ kind: 'Role', name: 'b' }));
  assert.match(
    texts(RoleBinding.validateUpdate(two, one))[0] ?? '',
    /^roleRef: Invalid value: .*: cannot change roleRef$/,
  );
});

test('[ACC32] users, groups and roles are of the RBAC group unless said otherwise', () => {
  const account = { kind: 'ServiceAccount', name: 'robot', namespace: 'default' };
  const binding = RoleBinding.applyDefaults(
    aBinding({ kind: 'Role', name: 'r' }, { kind: 'User', name: 'bob' }, account),
  );
  assert.deepEqual(binding.roleRef, { apiGroup: GROUP, kind: 'Role', name: 'r' });
  assert.deepEqual(binding.subjects, [{ kind: 'User', name: 'bob', apiGroup: GROUP }, account]);
  assert.equal(RoleBinding.applyDefaults(binding), binding);
  assert.deepEqual(RoleBinding.validate(binding), []);
});

test('[ACC33] tables show when roles were made, and what bindings grant to whom', () => {
  const cells = <T>(
    columns: readonly { readonly name: string; readonly cell: (object: T, nowMs: number) => unknown }[],
    object: T,
  ) => Object.fromEntries(columns.map(({ name, cell }) => [name, cell(object, Date.UTC(2026, 0, 2, 3, 5, 5))]));
  assert.deepEqual(cells(Role.columns, aRole()), { Name: 'x', 'Created At': '2026-01-02T03:04:05Z' });
  const subjects = [
    { kind: 'User', name: 'a' },
    { kind: 'User', name: 'b' },
    { kind: 'Group', name: 'g' },
    { kind: 'ServiceAccount', name: 's', namespace: 'n' },
  ];
  assert.deepEqual(cells(RoleBinding.columns, aBinding({ kind: 'Role', name: 'r' }, ...subjects)), {
    Name: 'x',
    Role: 'Role/r',
    Age: '60s',
    Users: 'a, b',
    Groups: 'g',
    ServiceAccounts: 'n/s',
  });
});
