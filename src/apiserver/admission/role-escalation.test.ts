import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aGuardedApi, aUser, type GuardedApi, RBAC_GROUP } from '#test/builders/access';
import { failure } from '#test/builders/pipeline';

const ann = aUser('ann', 'devs');
const local = { group: RBAC_GROUP, namespace: 'default' } as const;
const pods = { apiGroups: [''], resources: ['pods'] };

/** Ann may manage roles and bindings, and read pods. */
async function anApi(...extra: readonly object[]): Promise<GuardedApi> {
  const api = await aGuardedApi();
  const rules = [
    { verbs: ['create', 'update'], apiGroups: [RBAC_GROUP], resources: ['roles', 'rolebindings', 'clusterroles'] },
    { verbs: ['get', 'list'], ...pods },
    ...extra,
  ];
  const roleRef = { kind: 'ClusterRole', name: 'ann' };
  const subjects = [{ kind: 'User', name: 'ann' }];
  const cluster = { group: RBAC_GROUP, verb: 'create' } as const;
  await api.ask({ ...cluster, plural: 'clusterroles', body: { metadata: { name: 'ann' }, rules } });
  await api.ask({ ...cluster, plural: 'clusterrolebindings', body: { metadata: { name: 'ann' }, roleRef, subjects } });
  return api;
}

const aRole = (...verbs: readonly string[]) => ({ metadata: { name: 'r' }, rules: [{ verbs, ...pods }] });
const aBinding = (name: string) => ({
  metadata: { name: 'b' },
  roleRef: { kind: 'ClusterRole', name },
  subjects: [{ kind: 'User', name: 'eve' }],
});

test('[ACC20] nobody grants rights they do not hold', async () => {
  await using api = await anApi();
  await api.ask({ ...local, verb: 'create', plural: 'roles', user: ann, body: aRole('get') });
  await assert.rejects(
    api.ask({ ...local, verb: 'update', plural: 'roles', name: 'r', user: ann, body: aRole('get', 'delete', 'patch') }),
    failure(
      'Forbidden',
      'roles.rbac.authorization.k8s.io "r" is forbidden: user "ann" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["delete" "patch"]}',
    ),
  );
  const metadata = { name: 'all' };
  const gathering = { metadata, aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } };
  await assert.rejects(
    api.ask({ group: RBAC_GROUP, verb: 'create', plural: 'clusterroles', user: ann, body: gathering }),
    failure(
      'Forbidden',
      'clusterroles.rbac.authorization.k8s.io "all" is forbidden: must have cluster-admin privileges to use the aggregationRule',
    ),
  );
});

test('[ACC21] nobody binds a role with rights they do not hold', async () => {
  await using api = await anApi();
  const bind = { ...local, verb: 'create', plural: 'rolebindings', user: ann } as const;
  await assert.rejects(api.ask({ ...bind, body: aBinding('cluster-admin') }), (error: Error) =>
    error.message.endsWith(
      'is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}',
    ),
  );
  await assert.rejects(
    api.ask({ ...bind, body: aBinding('none') }),
    failure('NotFound', 'clusterroles.rbac.authorization.k8s.io "none" not found'),
  );
  await api.ask({ ...bind, body: aBinding('ann') });
});

test('[ACC22] whoever may escalate or bind may grant more than they hold', async () => {
  await using api = await anApi(
    { verbs: ['escalate'], apiGroups: [RBAC_GROUP], resources: ['roles'] },
    { verbs: ['bind'], apiGroups: [RBAC_GROUP], resources: ['clusterroles'], resourceNames: ['view'] },
  );
  await api.ask({ ...local, verb: 'create', plural: 'roles', user: ann, body: aRole('delete') });
  const bind = { ...local, verb: 'create', plural: 'rolebindings', user: ann } as const;
  await api.ask({ ...bind, body: aBinding('view') });
  await assert.rejects(api.ask({ ...bind, body: aBinding('system:kube-scheduler') }), { reason: 'Forbidden' });
});
