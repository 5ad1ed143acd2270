import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserInfo } from '#api/request';
import { failure } from '#test/builders/pipeline';
import { ADMIN, aGuardedApi, aNodeUser, aUser, type GuardedApi, RBAC_GROUP } from '#test/builders/access';
import { reconcilePolicies } from './bootstrap/reconcile.ts';
import { nodeAuthorizer } from './node-authorizer.ts';

const bob = aUser('bob');
const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** `get /pods/log@shop:web ?field selector`. */
async function may(api: GuardedApi, user: UserInfo, what: string): Promise<boolean> {
  const [, verb = '', group = '', plural = '', subresource, namespace, name, fieldSelector] =
    /^(\S+) ([^/]*)\/([^/@: ]+)(?:\/([^@: ]+))?(?:@([^: ]+))?(?::([^ ]+))?(?: \?(.+))?$/.exec(what) ?? [];
  const asked = { user, verb, group, version: 'v1', plural, subresource, namespace, name, fieldSelector };
  return (await api.authorize(asked)).allowed;
}

const mayGet = async (api: GuardedApi, user: UserInfo, path: string): Promise<boolean> =>
  (await api.authorize({ user, verb: 'get', path })).allowed;

async function aPod(api: GuardedApi, name: string, nodeName: string): Promise<void> {
  const volumes = [
    { name: 'a', secret: { secretName: 'files' } },
    { name: 'b', projected: { sources: [{ configMap: { name: 'parts' } }] } },
  ];
  const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 'words', key: 'a' } } }];
  const spec = {
    nodeName,
    automountServiceAccountToken: false,
    volumes,
    imagePullSecrets: [{ name: 'registry' }],
    containers: [{ name: 'main', image: 'nginx:1', env, envFrom: [{ configMapRef: { name: 'settings' } }] }],
  };
  const account = {
    verb: 'create',
    plural: 'serviceaccounts',
    namespace: 'default',
    body: { metadata: { name: 'default' } },
  } as const;
  await api.ask(account).catch(() => undefined);
  await api.ask({ verb: 'create', plural: 'pods', namespace: 'default', body: { metadata: { name }, spec } });
}

test('[AUT1] administrators may do everything', async () => {
  await using api = await aGuardedApi();
  assert.ok(await may(api, ADMIN, 'delete /secrets@kube-system:x'));
  assert.ok(await mayGet(api, ADMIN, '/metrics'));
});

test('[AUT2] nodes read what their pods need and write what they report, and no more', async () => {
  await using api = await aGuardedApi();
  await aPod(api, 'mine', 'n1');
  await aPod(api, 'other', 'n2');
  const node = aNodeUser('n1');
  const allowed = [
    'get /secrets@default:files',
    'watch /configmaps@default:parts',
    'get /secrets@default:words',
    'get /configmaps@default:settings',
    'get /secrets@default:registry',
    'list /pods ?spec.nodeName=n1',
    'get /pods@default:mine',
    'get /nodes:n1',
    'patch /pods/status@default:mine',
    'delete /pods@default:mine',
    'create /events@default',
    'create /serviceaccounts/token@default:default',
    'update coordination.k8s.io/leases@kube-node-lease:n1',
    'list /services',
  ];
  for (const what of allowed) assert.ok(await may(api, node, what), what);
  const refused = [
    'get /secrets@default:unknown',
    'get /secrets@kube-system:files',
    'list /secrets@default',
    'create /secrets@default',
    'list /pods',
    'list /pods ?spec.nodeName=n2',
    'get /pods@default:other',
    'get /nodes:n2',
    'list /nodes',
    'delete /nodes:n1',
    'update /pods@default:mine',
    'create /pods/binding@default:mine',
    'get /pods/exec@default:mine',
    'create /serviceaccounts/token@default:robot',
    'get coordination.k8s.io/leases@kube-node-lease:n2',
    'get coordination.k8s.io/leases@default:n1',
    'list apps/deployments',
  ];
  for (const what of refused) assert.ok(!(await may(api, node, what)), what);
  const secrets = {
    user: node,
    verb: 'get',
    group: '',
    version: 'v1',
    plural: 'secrets',
    namespace: 'default',
    name: 'x',
  };
  assert.deepEqual(nodeAuthorizer(api.store)(secrets), {
    allowed: false,
    reason: "no relationship found between node 'n1' and this object",
  });
});

test('[AUT3] everybody with a name may discover and review itself; everybody else only health and version', async () => {
  await using api = await aGuardedApi();
  assert.ok(await mayGet(api, bob, '/apis/apps/v1'));
  assert.ok(await mayGet(api, bob, '/openapi/v3'));
  assert.ok(await may(api, bob, 'create authorization.k8s.io/selfsubjectaccessreviews'));
  assert.ok(!(await may(api, bob, 'get /pods@default')));
  assert.ok(!(await mayGet(api, bob, '/metrics')));
  const paths = ['/healthz', '/readyz', '/version', '/version/', '/api', '/healthz/log', '/versionx'];
  assert.deepEqual(await Promise.all(paths.map((path) => mayGet(api, anonymous, path))), [
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('[ACC7] a change of roles counts from the moment it is durable', async () => {
  await using api = await aGuardedApi();
  const rbac = { group: RBAC_GROUP, namespace: 'default' } as const;
  const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }];
  assert.ok(!(await may(api, bob, 'get /pods@default')));
  await api.ask({ ...rbac, verb: 'create', plural: 'roles', body: { metadata: { name: 'r' }, rules } });
  const binding = {
    metadata: { name: 'b' },
    roleRef: { kind: 'Role', name: 'r' },
    subjects: [{ kind: 'User', name: 'bob' }],
  };
  await api.ask({ ...rbac, verb: 'create', plural: 'rolebindings', body: binding });
  assert.ok(await may(api, bob, 'get /pods@default'));
  await api.ask({ ...rbac, verb: 'delete', plural: 'roles', name: 'r' });
  assert.ok(!(await may(api, bob, 'get /pods@default')));
});

test('[ACC8] every cluster has the default roles; what operators add stays, what they take away comes back', async () => {
  await using api = await aGuardedApi();
  const { signal } = new AbortController();
  const roles = { group: RBAC_GROUP, plural: 'clusterroles' } as const;
  const before = api.store.revision;
  await reconcilePolicies({ handle: api.handle, signal });
  assert.equal(api.store.revision, before);
  const read = async (name: string) => {
    const result = await api.ask({ ...roles, verb: 'get', name });
    return (result.type === 'object' ? result.object : undefined) as unknown as { rules: { verbs: string[] }[] };
  };
  const extra = { verbs: ['get'], apiGroups: ['x'], resources: ['y'] };
  const basic = await read('system:basic-user');
  await api.ask({ ...roles, verb: 'update', name: 'system:basic-user', body: { ...basic, rules: [extra] } });
  await api.ask({ ...roles, verb: 'delete', name: 'view' });
  const kept = await read('system:discovery');
  const metadata = {
    ...(kept as unknown as { metadata: object }).metadata,
    annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' },
  };
  await api.ask({ ...roles, verb: 'update', name: 'system:discovery', body: { ...kept, metadata, rules: [] } });
  await reconcilePolicies({ handle: api.handle, signal });
  const again = await read('system:basic-user');
  assert.deepEqual(again.rules[0], extra);
  assert.ok(again.rules.length > 1);
  assert.ok(await read('view'));
  assert.deepEqual((await read('system:discovery')).rules ?? [], []);
});

test('[ACC9] a name that is selected of many is the name that is asked for', async () => {
  await using api = await aGuardedApi();
  await aPod(api, 'mine', 'n1');
  const list = { verb: 'list', plural: 'secrets', namespace: 'default', user: aNodeUser('n1') } as const;
  await api.ask({ ...list, options: { fieldSelector: 'metadata.name=files' } });
  await assert.rejects(
    api.ask({ ...list, options: { fieldSelector: 'metadata.name=other' } }),
    failure(
      'Forbidden',
      'secrets "other" is forbidden: User "system:node:n1" cannot list resource "secrets" in API group "" in the namespace "default": no relationship found between node \'n1\' and this object',
    ),
  );
});
