import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap } from '#api/core/config-map';
import { Deployment } from '#api/apps/deployment';
import { KINDS } from '#api/kinds';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult, RequestOptions, UserInfo } from '#api/request';
import type { ManagedFieldsEntry } from '#api/types/meta-v1';
import { type VirtualWorld, virtualWorld } from '#base/virtual-world';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import { namespaceRequest, objectOf } from '#test/builders/pipeline';
import type { Authorizer } from '../authz/authorizer.ts';
import { createPipeline } from '../pipeline.ts';

type Cluster = AsyncDisposable & {
  readonly world: VirtualWorld;
  ask(request: Partial<ApiRequest>): Promise<ApiResult>;
  apply(configuration: object, options?: RequestOptions, request?: Partial<ApiRequest>): Promise<ApiObject>;
  patch(document: object, request?: Partial<ApiRequest>): Promise<ApiObject>;
};

const ROOT: UserInfo = { name: 'root', groups: ['system:masters'] };
const DEPLOYMENTS = { group: 'apps', version: 'v1', plural: 'deployments', namespace: 'default', name: 'web' };

async function aCluster(authorize?: Authorizer): Promise<Cluster> {
  const world = virtualWorld();
  const store = await openStore({ engine: memoryEngine(), world });
  const options = { store, world, kinds: KINDS, serviceCidr: '198.18.64.0/20' };
  const { handle } = createPipeline(authorize === undefined ? options : { ...options, authorize });
  const { signal } = new AbortController();
  const base = { ...DEPLOYMENTS, options: {}, user: ROOT, signal };
  const ask = (request: Partial<ApiRequest>): Promise<ApiResult> => handle({ ...base, verb: 'get', ...request });
  await ask(namespaceRequest('default'));
  return {
    world,
    ask,
    apply: async (configuration, given = {}, request = {}) =>
      objectOf(
        await ask({
          verb: 'patch',
          patchType: 'application/apply-patch+yaml',
          body: configuration,
          options: { fieldManager: 'tester', ...given },
          ...request,
        }),
      ),
    patch: async (document, request = {}) =>
      objectOf(await ask({ verb: 'patch', patchType: 'application/merge-patch+json', body: document, ...request })),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

function aDeployment(spec: object = {}, metadata: object = {}): object {
  const labels = { app: 'web' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', ...metadata },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'web:1' }] } },
      ...spec,
    },
  };
}

const only = (spec: object, metadata: object = {}): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', ...metadata },
  spec,
});

const managersOf = ({ metadata }: ApiObject): readonly string[] =>
  (metadata.managedFields ?? []).map(({ manager, operation, apiVersion, subresource }) =>
    [manager, operation, apiVersion, subresource].filter((part) => part !== undefined).join(' '),
  );
const entryOf = ({ metadata }: ApiObject, name: string): ManagedFieldsEntry | undefined =>
  metadata.managedFields?.find(({ manager }) => manager === name);
const replicasOf = (object: ApiObject): unknown => (object as unknown as { spec: { replicas: number } }).spec.replicas;
const versionOf = ({ metadata }: ApiObject): string => metadata.resourceVersion;

test('[APL20] an apply makes what is not there, and says whose it is', async () => {
  await using cluster = await aCluster();
  const request = {
    verb: 'patch',
    patchType: 'application/apply-patch+yaml',
    options: { fieldManager: 'me' },
  } as const;
  const made = await cluster.ask({ ...request, body: aDeployment({ replicas: 2 }) });
  assert.equal(made.type === 'object' && made.status, 201);
  const object = objectOf(made);
  assert.deepEqual([replicasOf(object), managersOf(object)], [2, ['me Apply apps/v1']]);
  const again = await cluster.ask({ ...request, body: aDeployment({ replicas: 2 }) });
  assert.equal(again.type === 'object' && again.status, 200);
  await assert.rejects(cluster.apply(only({}, { name: 'no' }), {}, { name: 'no', subresource: 'status' }), {
    message: 'deployments.apps "no" not found',
  });
});

test('[APL20] who may patch and not create makes nothing', async () => {
  await using cluster = await aCluster(({ user, verb }) => ({ allowed: user.name === 'root' || verb === 'patch' }));
  const user = { name: 'bob', groups: [] };
  await assert.rejects(cluster.apply(aDeployment(), {}, { user }), {
    message: /User "bob" cannot create resource "deployments" in API group "apps" in the namespace "default"/,
  });
  await cluster.apply(aDeployment());
  assert.equal(replicasOf(await cluster.apply(only({ replicas: 3 }), { fieldManager: 'bob' }, { user })), 3);
});

test('[APL21] names of managers and the use of force are checked', async () => {
  await using cluster = await aCluster();
  await cluster.apply(aDeployment());
  const refused = (message: string) => ({
    reason: 'Invalid',
    message: `PatchOptions.meta.k8s.io "" is invalid: ${message}`,
  });
  await assert.rejects(
    cluster.apply(aDeployment(), {}, { options: {} }),
    refused('fieldManager: Required value: is required for apply patch'),
  );
  await assert.rejects(
    cluster.patch({}, { options: { force: true } }),
    refused('force: Forbidden: may not be specified for non-apply patch'),
  );
  await assert.rejects(
    cluster.patch({}, { options: { fieldManager: 'x'.repeat(129) } }),
    refused('fieldManager: Too long: may not be more than 128 bytes'),
  );
  await assert.rejects(
    cluster.apply(aDeployment(), { fieldManager: 'a\nb' }),
    refused('fieldManager: Invalid value: "a\\nb": invalid character U+000A (at position 1)'),
  );
});

test('[APL22] writers without a name are recorded by user agent or, in this process, by user', async () => {
  await using cluster = await aCluster();
  const create = async (name: string, request: Partial<ApiRequest>): Promise<readonly string[]> => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: '1' } };
    const { group, version, plural } = ConfigMap;
    return managersOf(objectOf(await cluster.ask({ group, version, plural, verb: 'create', body, ...request })));
  };
  const as = (name: string): Partial<ApiRequest> => ({ user: { name, groups: ['system:masters'] } });
  assert.deepEqual(
    [
      await create('a', { options: { fieldManager: 'me' }, userAgent: 'kubectl/v1.35' }),
      await create('b', { userAgent: 'kubectl/v1.35 (linux/amd64)' }),
      await create('c', as('system:kube-controller-manager')),
      await create('c2', as('system:serviceaccount:kube-system:deployment-controller')),
      await create('d', as('system:node:n1')),
      await create('e', as('alice')),
      await create('f', { userAgent: '' }),
      await create('g', { userAgent: `\u0001${'y'.repeat(200)}` }),
    ].flat(),
    [
      'me',
      'kubectl',
      'kube-controller-manager',
      'kube-controller-manager',
      'kubelet',
      'alice',
      'unknown',
      'y'.repeat(128),
    ].map((name) => `${name} Update v1`),
  );
});

test('[APL8] a patch that does not fit the kind is a plain error of the server with the path at fault', async () => {
  await using cluster = await aCluster();
  await assert.rejects(cluster.apply(aDeployment({ replicass: 1 })), {
    code: 500,
    reason: 'Unknown',
    message:
      'failed to create typed patch object (default/web; apps/v1, Kind=Deployment): .spec.replicass: field not declared in schema',
  });
});

test('[APL23] a patch must be an object of the URL’s kind, version and name, without managers', async () => {
  await using cluster = await aCluster();
  const refused = (message: string) => ({ reason: 'BadRequest', message });
  await assert.rejects(cluster.apply([]), refused('error decoding YAML: the patch is not an object'));
  await assert.rejects(
    cluster.apply({ ...aDeployment(), apiVersion: 'apps/v2' }),
    refused('invalid object type: apps/v2, Kind=Deployment'),
  );
  await assert.rejects(
    cluster.apply({ ...aDeployment(), kind: 'Pod' }),
    refused('invalid object type: apps/v1, Kind=Pod'),
  );
  await assert.rejects(
    cluster.apply(aDeployment({}, { managedFields: [] })),
    refused('metadata.managedFields must be nil'),
  );
  await assert.rejects(
    cluster.apply(aDeployment({}, { name: 'other' })),
    refused('the name of the object (other) does not match the name on the URL (web)'),
  );
  await assert.rejects(
    cluster.apply(aDeployment({}, { namespace: 'other' })),
    refused('the namespace of the provided object does not match the namespace sent on the request'),
  );
  await assert.rejects(
    cluster.apply(aDeployment({}, { name: undefined })),
    refused('the name of the object (web based on URL) was undeterminable: name must be provided'),
  );
});

test('[APL35] who says nothing but the name of a new object is not recorded', async () => {
  await using cluster = await aCluster();
  const make = async (metadata: object): Promise<unknown> => {
    const at = { group: '', plural: 'configmaps', verb: 'create' } as const;
    return objectOf(await cluster.ask({ ...at, body: { metadata } })).metadata.managedFields?.[0]?.fieldsV1;
  };
  assert.equal(await make({ name: 'empty' }), undefined);
  assert.notEqual(await make({ name: 'said', labels: { app: 'web' } }), undefined);
});

test('[APL24] what changes nothing keeps the resourceVersion, whatever the time', async () => {
  await using cluster = await aCluster();
  const made = await cluster.apply(aDeployment({ replicas: 2 }));
  await cluster.world.advance(60_000);
  const again = await cluster.apply(aDeployment({ replicas: 2 }));
  const patched = await cluster.patch({ spec: { replicas: 2 } });
  assert.deepEqual([versionOf(again), versionOf(patched)], [versionOf(made), versionOf(made)]);
  assert.equal(entryOf(patched, 'tester')?.time, made.metadata.creationTimestamp);
  const shared = await cluster.apply(only({ replicas: 2 }), { fieldManager: 'other' });
  assert.notEqual(versionOf(shared), versionOf(made));
});

test('[APL25] clients may change and reset who is recorded, but not through subresources', async () => {
  await using cluster = await aCluster();
  const made = await cluster.apply(aDeployment({ replicas: 2 }));
  const kept = await cluster.patch({ metadata: { managedFields: null } });
  assert.deepEqual(managersOf(kept), ['tester Apply apps/v1']);
  const managedFields = [{ ...made.metadata.managedFields?.[0], manager: 'heir' }];
  const changed = await cluster.patch({ metadata: { managedFields } });
  assert.deepEqual(managersOf(changed), ['heir Apply apps/v1']);
  const viaStatus = await cluster.patch({ metadata: { managedFields: [{}] } }, { subresource: 'status' });
  assert.deepEqual(managersOf(viaStatus), ['heir Apply apps/v1']);
  const reset = await cluster.patch({ metadata: { managedFields: [{}] } });
  assert.deepEqual([managersOf(reset), 'managedFields' in reset.metadata], [[], false]);
});

test('[APL26] where nobody is recorded, the first apply records what was there', async () => {
  await using cluster = await aCluster();
  await cluster.apply(aDeployment({ replicas: 2 }));
  await cluster.patch({ metadata: { managedFields: [{}] } });
  assert.deepEqual(managersOf(await cluster.patch({ spec: { replicas: 3 } })), []);
  await assert.rejects(cluster.apply(only({ replicas: 4 })), {
    message: 'Apply failed with 1 conflict: conflict with "before-first-apply" using apps/v1: .spec.replicas',
  });
  const applied = await cluster.apply(only({ replicas: 3 }));
  assert.deepEqual(managersOf(applied), ['tester Apply apps/v1', 'before-first-apply Update apps/v1']);
});

test('[APL27] what defaults and admission add belongs to nobody', async () => {
  await using cluster = await aCluster();
  const applied = await cluster.apply(aDeployment());
  const fields = (entryOf(applied, 'tester')?.fieldsV1 ?? {}) as Readonly<Record<string, object>>;
  assert.deepEqual(
    [replicasOf(applied), Object.keys(fields['f:spec'] ?? {}).toSorted()],
    [1, ['f:selector', 'f:template']],
  );
});

test('[APL28] writes through subresources are recorded with them', async () => {
  await using cluster = await aCluster();
  await cluster.apply(aDeployment({ replicas: 1 }));
  const scaling = { subresource: 'scale', userAgent: 'scaler/1' };
  await cluster.patch({ spec: { replicas: 5 } }, scaling);
  await cluster.patch({ status: { replicas: 5 } }, { subresource: 'status', userAgent: 'reporter/1' });
  const status = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, status: { readyReplicas: 1 } };
  const object = await cluster.apply(status, {}, { subresource: 'status' });
  assert.deepEqual(managersOf(object), [
    'tester Apply apps/v1',
    'tester Apply apps/v1 status',
    'reporter Update apps/v1 status',
    'scaler Update apps/v1 scale',
  ]);
  assert.deepEqual(entryOf(object, 'scaler')?.fieldsV1, { 'f:spec': { 'f:replicas': {} } });
  assert.deepEqual(entryOf(object, 'reporter')?.fieldsV1, { 'f:status': { 'f:replicas': {} } });
  await assert.rejects(cluster.apply(aDeployment({ replicas: 1 })), {
    message:
      'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale" using apps/v1: .spec.replicas',
  });
  const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web' }, spec: { replicas: 6 } };
  const scaled = await cluster.apply(scale, { force: true }, { subresource: 'scale' });
  assert.deepEqual([scaled.kind, replicasOf(scaled)], ['Scale', 6]);
  const after = objectOf(await cluster.ask({}));
  assert.deepEqual(
    managersOf(after).filter((name) => name.endsWith('scale')),
    ['tester Apply apps/v1 scale'],
  );
});

test('[APL29] a kind in another version is applied in that version', async () => {
  await using cluster = await aCluster();
  const address = { group: 'autoscaling', plural: 'horizontalpodautoscalers' };
  const spec = { maxReplicas: 5, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } };
  const old = (more: object): object => ({
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec: { ...spec, ...more },
  });
  await cluster.apply(old({ targetCPUUtilizationPercentage: 50 }), {}, { ...address, version: 'v1' });
  const next = objectOf(await cluster.ask({ ...address, version: 'v2' })) as ApiObject & {
    spec: { metrics: readonly { resource: unknown }[] };
  };
  assert.deepEqual(next.spec.metrics[0]?.resource, {
    name: 'cpu',
    target: { type: 'Utilization', averageUtilization: 50 },
  });
  assert.deepEqual(managersOf(next), ['tester Apply autoscaling/v1']);
  const body = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec: { maxReplicas: 6 },
  };
  await assert.rejects(cluster.apply(body, { fieldManager: 'other' }, { ...address, version: 'v2' }), {
    message: 'Apply failed with 1 conflict: conflict with "tester": .spec.maxReplicas',
  });
  const moved = await cluster.apply({ ...body, spec: { ...spec, maxReplicas: 7 } }, {}, { ...address, version: 'v2' });
  assert.deepEqual(managersOf(moved), ['tester Apply autoscaling/v2']);
});

test('[APL30] a dry run writes nothing', async () => {
  await using cluster = await aCluster();
  const would = await cluster.apply(aDeployment({ replicas: 2 }), { dryRun: true });
  assert.equal(replicasOf(would), 2);
  await assert.rejects(cluster.ask({}), { reason: 'NotFound' });
  const made = await cluster.apply(aDeployment({ replicas: 2 }));
  assert.equal(replicasOf(await cluster.apply(aDeployment({ replicas: 3 }), { dryRun: true })), 3);
  assert.equal(versionOf(objectOf(await cluster.ask({}))), versionOf(made));
});

test('[APL31] an apply that names another state or object is a conflict', async () => {
  await using cluster = await aCluster();
  const made = await cluster.apply(aDeployment({ replicas: 2 }));
  const { resourceVersion } = made.metadata;
  await cluster.apply(aDeployment({ replicas: 3 }, { resourceVersion }));
  await assert.rejects(cluster.apply(aDeployment({ replicas: 4 }, { resourceVersion })), {
    reason: 'Conflict',
    message: /the object has been modified/,
  });
  await assert.rejects(cluster.apply(aDeployment({}, { uid: 'u', name: 'new' }), {}, { name: 'new' }), {
    message:
      'Operation cannot be fulfilled on deployments.apps "new": uid mismatch: the provided object specified uid u, and no existing object was found',
  });
});

test('[APL32] applies at the same moment all take effect, and one of them creates', async () => {
  await using cluster = await aCluster();
  const { group, version, plural } = ConfigMap;
  const applying = Array.from({ length: 20 }, (_, index) =>
    cluster.apply(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, data: { [`key${index}`]: 'x' } },
      { fieldManager: `m${index}` },
      { group, version, plural },
    ),
  );
  await Promise.all(applying);
  const object = objectOf(await cluster.ask({ group, version, plural })) as ApiObject & { data: object };
  assert.deepEqual([Object.keys(object.data).length, managersOf(object).length], [20, 20]);
});

test('[APL14] kubectl takes over what it applied from the client, and keeps its annotation up to date', async () => {
  await using cluster = await aCluster();
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
  const text = `${JSON.stringify(aDeployment({ replicas: 2 }))}\n`;
  const body = aDeployment({ replicas: 2 }, { annotations: { [annotation]: text } });
  await cluster.ask({ verb: 'create', body, options: { fieldManager: 'kubectl-client-side-apply' } });
  await assert.rejects(cluster.apply(only({ replicas: 3 }), { fieldManager: 'other' }), { reason: 'Conflict' });
  const object = await cluster.apply(aDeployment({ replicas: 3 }), { fieldManager: 'kubectl' });
  const applied = JSON.parse(object.metadata.annotations?.[annotation] ?? '') as ApiObject;
  assert.deepEqual([replicasOf(object), replicasOf(applied)], [3, 3]);
});

test('[APL2] an update takes what it changes, and the definition’s own kind is known', async () => {
  await using cluster = await aCluster();
  const made = await cluster.apply(aDeployment({ replicas: 2 }));
  await cluster.ask({
    verb: 'update',
    body: { ...made, spec: { ...(made as Deployment).spec, paused: true } },
    userAgent: 'editor/1',
  });
  const object = objectOf(await cluster.ask({}));
  assert.equal(object.kind, Deployment.kind);
  assert.deepEqual(entryOf(object, 'editor')?.fieldsV1, { 'f:spec': { 'f:paused': {} } });
});
