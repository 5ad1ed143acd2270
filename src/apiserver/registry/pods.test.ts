import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS } from '#api/kinds';
import type { ApiRequest, ApiResult, RequestHandler } from '#api/request';
import type * as core from '#api/types/core-v1';
import { virtualWorld } from '#base/virtual-world';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import { accountRequest, failure, namespaceRequest, objectOf } from '#test/builders/pipeline';
import { createPipeline } from '../pipeline.ts';

type Cluster = AsyncDisposable & { ask(request: Partial<ApiRequest>): Promise<ApiResult>; handle: RequestHandler };

async function aCluster(): Promise<Cluster> {
  const world = virtualWorld();
  const store = await openStore({ engine: memoryEngine(), world });
  const { handle } = createPipeline({ store, world, kinds: KINDS, serviceCidr: '198.18.64.0/20' });
  const user = { name: 'root', groups: ['system:masters'] };
  const { signal } = new AbortController();
  const base = { group: '', version: 'v1', plural: 'pods', namespace: 'default', options: {}, user, signal };
  const ask = (request: Partial<ApiRequest>): Promise<ApiResult> => handle({ ...base, verb: 'get', ...request });
  await ask(namespaceRequest('default'));
  await ask(accountRequest('default'));
  const spec = {
    containers: [{ name: 'main', image: 'nginx:1.20', resources: {} }],
  };
  await ask({ verb: 'create', body: { metadata: { name: 'web' }, spec } });
  return { ask, handle, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

const bind = (node: string, metadata: object = {}): Partial<ApiRequest> => ({
  verb: 'create',
  name: 'web',
  subresource: 'binding',
  body: { metadata: { name: 'web', ...metadata }, target: { kind: 'Node', name: node } },
});

test('[REG70] binding assigns a pod to a node once, with its condition and annotations', async () => {
  await using cluster = await aCluster();
  await cluster.ask(bind('n1', { annotations: { why: 'room' } }));
  const pod = objectOf(await cluster.ask({ name: 'web' })) as core.Pod;
  assert.equal(pod.spec?.nodeName, 'n1');
  assert.equal(pod.metadata.annotations?.['why'], 'room');
  assert.deepEqual(
    pod.status?.conditions?.map(({ type, status }) => `${type}=${status}`),
    ['PodScheduled=True'],
  );
  await assert.rejects(
    cluster.ask(bind('n2')),
    failure(
      'Conflict',
      'Operation cannot be fulfilled on pods/binding "web": pod web is already assigned to node "n1"',
    ),
  );
});

test('[REG71] binding another pod of that name, a dying one, or to no node is refused', async () => {
  await using cluster = await aCluster();
  await assert.rejects(cluster.ask(bind('n1', { uid: 'other' })), { reason: 'Conflict' });
  await assert.rejects(cluster.ask(bind('')), {
    reason: 'Unknown',
    message: 'target.name: Required value',
  });
  await assert.rejects(cluster.ask({ ...bind('n1'), name: 'api' }), {
    reason: 'BadRequest',
    message: 'name in URL does not match name in Binding object',
  });
  await assert.rejects(cluster.ask(bind('n1', { resourceVersion: '1' })), { reason: 'Conflict' });
});

test('[REG75] a binding may be created as an object of its own, which is never stored', async () => {
  await using cluster = await aCluster();
  const body = { metadata: { name: 'web' }, target: { kind: 'Pod', name: '' } };
  const bindings = { plural: 'bindings', verb: 'create' } as const;
  await assert.rejects(
    cluster.ask({ ...bindings, body }),
    failure(
      'Unknown',
      '[target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>", target.name: Required value]',
    ),
  );
  await assert.rejects(
    cluster.ask({ ...bindings, body: { ...body, metadata: { name: 'api' }, target: { name: 'n1' } } }),
    {
      reason: 'NotFound',
    },
  );
  const result = await cluster.ask({ ...bindings, body: { ...body, target: { name: 'n1' } } });
  assert.equal(result.type === 'object' && result.status, 201);
  const pod = objectOf(await cluster.ask({ name: 'web' })) as core.Pod;
  assert.equal(pod.spec?.nodeName, 'n1');
  await assert.rejects(cluster.ask({ ...bindings, verb: 'list' }), { reason: 'MethodNotAllowed' });
});

test('[REG72] an eviction deletes with the options it carries', async () => {
  await using cluster = await aCluster();
  await cluster.ask(bind('n1'));
  const evict = (body: object) => cluster.ask({ verb: 'create', name: 'web', subresource: 'eviction', body });
  await assert.rejects(evict({ metadata: { name: 'other' } }), { reason: 'BadRequest' });
  const result = await evict({ metadata: { name: 'web' }, deleteOptions: { gracePeriodSeconds: 5 } });
  assert.deepEqual(objectOf(result) as object, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    code: 201,
  });
  const { metadata } = objectOf(await cluster.ask({ name: 'web' }));
  assert.equal(metadata.deletionGracePeriodSeconds, 5);
  await cluster.ask({ verb: 'delete', name: 'web', options: { gracePeriodSeconds: 0 } });
  await assert.rejects(cluster.ask({ name: 'web' }), { reason: 'NotFound' });
});

test('[REG73] requests are authorized before anything else, by verb and resource', async () => {
  await using cluster = await aCluster();
  const user = { name: 'bob', groups: ['system:authenticated'] };
  await assert.rejects(
    cluster.ask({ verb: 'delete', name: 'web', user }),
    failure(
      'Forbidden',
      'pods "web" is forbidden: User "bob" cannot delete resource "pods" in API group "" in the namespace "default"',
    ),
  );
  await assert.rejects(
    cluster.ask({ verb: 'list', group: 'apps', plural: 'deployments', namespace: undefined as never, user }),
    failure(
      'Forbidden',
      'deployments.apps is forbidden: User "bob" cannot list resource "deployments" in API group "apps" at the cluster scope',
    ),
  );
});

test('[REG74] a namespace in the path of a kind that has none is 404, emptying all namespaces at once 405', async () => {
  await using cluster = await aCluster();
  await assert.rejects(cluster.ask({ verb: 'list', plural: 'nodes' }), { reason: 'NotFound' });
  await assert.rejects(cluster.ask({ verb: 'deletecollection', namespace: undefined as never }), {
    reason: 'MethodNotAllowed',
  });
  const several = { verb: 'deletecollection', plural: 'namespaces', namespace: undefined as never } as const;
  await assert.rejects(cluster.ask(several), { reason: 'MethodNotAllowed' });
  await assert.rejects(cluster.ask({ verb: 'create', body: { metadata: { name: 'a/b' }, spec: { containers: [] } } }), {
    reason: 'Invalid',
  });
});
