import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS } from '#api/kinds';
import type { CustomResourceDefinition } from '#api/extensions/custom-resource-definition';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult, WatchEvent } from '#api/request';
import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '#api/types/apiextensions-v1';
import { aggregatedDiscovery, apiResourceList } from '../discovery/documents.ts';
import { currentGroups } from '../discovery/groups.ts';
import { createPipeline } from '../pipeline.ts';
import { openApiV2 } from '#api/schema/openapi-v2';
import { openApiV3 } from '#api/schema/openapi-v3';
import { silentLogger } from '#base/log';
import { virtualWorld } from '#base/virtual-world';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import { checkedWatches } from '#test/builders/checked-watches';
import { runDefinitions } from './run-definitions.ts';

const USER = { name: 'tester', groups: ['system:masters'] };

const SCHEMA: JSONSchemaProps = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: { size: { type: 'integer', default: 1, minimum: 1 }, color: { type: 'string' } },
    },
    status: { type: 'object', properties: { ready: { type: 'integer' } } },
  },
};

const v1: CustomResourceDefinitionVersion = {
  name: 'v1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema: SCHEMA },
  selectableFields: [{ jsonPath: '.spec.color' }],
  subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.ready' } },
};

const names = { plural: 'things', kind: 'Thing', shortNames: ['th'] };

type Extended = AsyncDisposable & {
  ask(request: Partial<ApiRequest>): Promise<ApiResult>;
  object(request: Partial<ApiRequest>): Promise<ApiObject>;
  create(name: string, spec?: object): Promise<ApiObject>;
  define(crd?: object, name?: string): Promise<void>;
  crd(name?: string): Promise<CustomResourceDefinition>;
  readonly world: ReturnType<typeof virtualWorld>;
  readonly groups: ReturnType<typeof currentGroups>;
};

const CRDS = { group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' };

async function aServer(): Promise<Extended> {
  const world = virtualWorld();
  const store = await openStore({ engine: memoryEngine(), world });
  const { handle: pipeline, resources } = createPipeline({
    store,
    world,
    kinds: KINDS,
    serviceCidr: '198.18.64.0/20',
    authorize: () => ({ allowed: true }),
  });
  const watches = checkedWatches(pipeline, store);
  const { handle } = watches;
  const ending = new AbortController();
  const { signal } = ending;
  const running = runDefinitions({
    store,
    handle,
    world,
    signal,
    onChange: () => resources.refresh(),
    log: silentLogger(),
  });
  const base = { group: 'example.com', version: 'v1', plural: 'things', options: {}, user: USER, signal };
  const ask = (request: Partial<ApiRequest>): Promise<ApiResult> =>
    handle({ ...base, verb: 'get', ...(request.group === undefined ? { namespace: 'default' } : {}), ...request });
  const object = async (request: Partial<ApiRequest>): Promise<ApiObject> => {
    const result = await ask(request);
    if (result.type !== 'object') throw new TypeError(`Expected an object, got ${result.type}`);
    return result.object;
  };
  await ask({ group: '', plural: 'namespaces', verb: 'create', body: { metadata: { name: 'default' }, spec: {} } });
  return {
    ask,
    object,
    world,
    groups: currentGroups(resources),
    create: (name, spec = {}) => object({ verb: 'create', body: { metadata: { name }, spec } }),
    async define(spec = {}, name = 'things.example.com') {
      const body = {
        metadata: { name },
        spec: { group: 'example.com', scope: 'Namespaced', names, versions: [v1], ...spec },
      };
      await ask({ ...CRDS, verb: 'create', body });
      await world.settle();
    },
    crd: async (name = 'things.example.com') => (await object({ ...CRDS, name })) as CustomResourceDefinition,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await world.settle();
      await running;
      await watches.finish();
      await store[Symbol.asyncDispose]();
    },
  };
}

const said = (crd: CustomResourceDefinition): readonly string[] =>
  (crd.status?.conditions ?? []).map(({ type, status, reason }) => `${type} ${status} ${reason}`);

test('[EXT20] a definition gets its names and is served', async () => {
  await using server = await aServer();
  await assert.rejects(server.create('a'), { reason: 'NotFound' });
  await server.define();
  const crd = await server.crd();
  assert.deepEqual(said(crd), ['NamesAccepted True NoConflicts', 'Established True InitialNamesAccepted']);
  assert.deepEqual(crd.status?.acceptedNames, { ...names, singular: 'thing', listKind: 'ThingList' });
  assert.deepEqual(crd.status?.storedVersions, ['v1']);
  const made = await server.create('a');
  assert.deepEqual(
    { ...made, metadata: made.metadata.generation },
    {
      apiVersion: 'example.com/v1',
      kind: 'Thing',
      metadata: 1,
      spec: { size: 1 },
    },
  );
});

test('[EXT21] names that another definition has are not given, until they are free', async () => {
  await using server = await aServer();
  await server.define();
  await server.define({ names: { plural: 'others', kind: 'Thing', shortNames: ['th'] } }, 'others.example.com');
  const refused = await server.crd('others.example.com');
  assert.deepEqual(said(refused), ['NamesAccepted False ListKindConflict', 'Established False NotAccepted']);
  assert.equal(refused.status?.conditions?.[0]?.message, '"ThingList" is already in use');
  await server.ask({ ...CRDS, verb: 'delete', name: 'things.example.com' });
  await server.world.advance(2000);
  assert.deepEqual(said(await server.crd('others.example.com')), [
    'NamesAccepted True NoConflicts',
    'Established True InitialNamesAccepted',
  ]);
});

test('[EXT22] a definition goes when the last of its objects has gone, and nothing is made meanwhile', async () => {
  await using server = await aServer();
  await server.define();
  await server.object({ verb: 'create', body: { metadata: { name: 'held', finalizers: ['example.com/wait'] } } });
  await server.create('free');
  await server.ask({ ...CRDS, verb: 'delete', name: 'things.example.com' });
  await server.world.advance(3000);
  assert.deepEqual(said(await server.crd()).at(-1), 'Terminating True InstanceDeletionInProgress');
  await assert.rejects(server.create('late'), {
    reason: 'MethodNotAllowed',
    message: 'create not allowed while custom resource definition is terminating',
  });
  await assert.rejects(server.object({ name: 'free' }), { reason: 'NotFound' });
  const held = await server.object({ name: 'held' });
  await server.ask({ verb: 'update', name: 'held', body: { ...held, metadata: { ...held.metadata, finalizers: [] } } });
  await server.world.advance(3000);
  await assert.rejects(server.crd(), { reason: 'NotFound' });
});

test('[EXT23] objects are validated, and status and spec are written apart', async () => {
  await using server = await aServer();
  await server.define();
  await assert.rejects(server.create('a', { size: 0 }), {
    reason: 'Invalid',
    message:
      'Thing.example.com "a" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
  });
  const made = await server.create('a');
  const { resourceVersion: _, ...blind } = made.metadata;
  await assert.rejects(server.object({ verb: 'update', name: 'a', body: { ...made, metadata: blind } }), {
    reason: 'Invalid',
    message:
      'Thing.example.com "a" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update',
  });
  const next = await server.object({
    verb: 'update',
    name: 'a',
    body: { ...made, spec: { size: 2 }, status: { ready: 5 } },
  });
  assert.deepEqual([next.metadata.generation, (next as { status?: unknown }).status], [2, undefined]);
  const reported = await server.object({
    verb: 'update',
    name: 'a',
    subresource: 'status',
    body: { ...next, spec: {}, status: { ready: 1 } },
  });
  assert.deepEqual([reported.metadata.generation, (reported as { spec?: unknown }).spec], [2, { size: 2 }]);
  await assert.rejects(
    server.object({ verb: 'update', name: 'a', subresource: 'status', body: { ...reported, status: { ready: 'x' } } }),
    /status\.ready in body must be of type integer: "string"/,
  );
});

test('[EXT24] scale reads and writes where the definition says', async () => {
  await using server = await aServer();
  await server.define();
  await server.create('a', { size: 3 });
  const scale = await server.object({ name: 'a', subresource: 'scale' });
  assert.deepEqual((scale as unknown as { spec: unknown; status: unknown }).spec, { replicas: 3 });
  await server.ask({ verb: 'update', name: 'a', subresource: 'scale', body: { ...scale, spec: { replicas: 7 } } });
  assert.deepEqual(((await server.object({ name: 'a' })) as { spec?: unknown }).spec, { size: 7 });
});

test('[EXT25] patches are JSON patches and merge patches; unknown fields in them are told', async () => {
  await using server = await aServer();
  await server.define();
  await server.create('a');
  const patch = (patchType: ApiRequest['patchType'], body: unknown, fieldValidation: 'Strict' | 'Warn' = 'Warn') =>
    server.ask({
      verb: 'patch',
      name: 'a',
      ...(patchType === undefined ? {} : { patchType }),
      body,
      options: { fieldValidation },
    });
  const merged = await patch('application/merge-patch+json', { spec: { color: 'red', shape: 'round' } });
  assert.ok(merged.type === 'object');
  assert.deepEqual(merged.warnings, ['unknown field "spec.shape"']);
  assert.deepEqual((merged.object as { spec?: unknown }).spec, { size: 1, color: 'red' });
  await patch('application/json-patch+json', [{ op: 'remove', path: '/spec/size' }]);
  assert.deepEqual(((await server.object({ name: 'a' })) as { spec?: unknown }).spec, { color: 'red', size: 1 });
  await assert.rejects(patch('application/merge-patch+json', { spec: { shape: 'round' } }, 'Strict'), {
    reason: 'Invalid',
    message: / "" is invalid: patch: Invalid value: ".*": strict decoding error: unknown field "spec\.shape"$/,
  });
  await assert.rejects(patch('application/strategic-merge-patch+json', {}), { reason: 'UnsupportedMediaType' });
});

test('[EXT26] versions show the same objects, each with its own schema, whatever they are stored as', async () => {
  await using server = await aServer();
  const old: CustomResourceDefinitionVersion = {
    name: 'v1beta1',
    served: true,
    storage: false,
    deprecated: true,
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
      },
    },
  };
  await server.define({ versions: [v1, old] });
  await server.create('a', { color: 'red' });
  const seen = await server.object({ name: 'a', version: 'v1beta1' });
  assert.deepEqual([seen.apiVersion, (seen as { spec?: unknown }).spec], ['example.com/v1beta1', { size: 1 }]);
  const body = { metadata: { name: 'b' }, spec: { size: 4 } };
  const made = await server.ask({ verb: 'create', version: 'v1beta1', body });
  assert.ok(made.type === 'object');
  assert.deepEqual(made.warnings, ['example.com/v1beta1 Thing is deprecated']);
  assert.equal((await server.object({ name: 'b' })).apiVersion, 'example.com/v1');
  const list = await server.ask({ verb: 'list', version: 'v1beta1' });
  assert.ok(list.type === 'list');
  const ending = AbortSignal.abort();
  const watch = await server.ask({ verb: 'watch', version: 'v1beta1', signal: ending });
  for (const { warnings } of [list, watch]) assert.deepEqual(warnings, ['example.com/v1beta1 Thing is deprecated']);
  assert.deepEqual(
    list.list.items.map(({ apiVersion, metadata }) => [apiVersion, metadata.name]),
    [
      ['example.com/v1beta1', 'a'],
      ['example.com/v1beta1', 'b'],
    ],
  );
  assert.deepEqual(
    server
      .groups()
      .find(({ group }) => group === 'example.com')
      ?.versions.map(({ version }) => version),
    ['v1', 'v1beta1'],
  );
});

test('[EXT27] watches tell of custom objects, select by their fields, and end when the definition changes', async () => {
  await using server = await aServer();
  await server.define();
  await server.create('a', { color: 'red' });
  const result = await server.ask({ verb: 'watch', options: { fieldSelector: 'spec.color=red' } });
  assert.ok(result.type === 'watch');
  const events: WatchEvent[] = [];
  let ended = false;
  const following = (async () => {
    for await (const batch of result.events) events.push(...batch);
    ended = true;
  })();
  await server.create('b', { color: 'blue' });
  await server.create('c', { color: 'red' });
  await server.world.settle();
  assert.deepEqual(
    events.map(({ type, object }) => `${type} ${object.metadata.name}`),
    ['ADDED a', 'ADDED c'],
  );
  assert.equal(ended, false);
  const crd = await server.crd();
  const versions = [{ ...v1, schema: { openAPIV3Schema: { ...SCHEMA, description: 'new' } } }];
  await server.ask({
    ...CRDS,
    verb: 'update',
    name: crd.metadata.name,
    body: { ...crd, spec: { ...crd.spec, versions } },
  });
  await server.world.settle();
  await following;
  assert.equal(ended, true);
});

test('[EXT28] objects that are stored already are shown with new defaults', async () => {
  await using server = await aServer();
  await server.define();
  await server.create('a');
  const crd = await server.crd();
  const spec = {
    type: 'object',
    properties: { size: { type: 'integer' }, shape: { type: 'string', default: 'round' } },
  };
  const versions = [
    { ...v1, selectableFields: [], schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } },
  ];
  await server.ask({
    ...CRDS,
    verb: 'update',
    name: crd.metadata.name,
    body: { ...crd, spec: { ...crd.spec, versions } },
  });
  await server.world.settle();
  assert.deepEqual(((await server.object({ name: 'a' })) as { spec?: unknown }).spec, { size: 1, shape: 'round' });
});

test('[EXT29] discovery and OpenAPI tell of custom kinds as long as they are served', async () => {
  await using server = await aServer();
  const before = server.groups();
  await server.define();
  const groups = server.groups();
  assert.notEqual(groups, before);
  assert.equal(server.groups(), groups);
  const group = groups.find((each) => each.group === 'example.com');
  const [version] = group?.versions ?? [];
  assert.ok(version !== undefined);
  const listed = JSON.stringify([apiResourceList('example.com', version), aggregatedDiscovery(groups, 'v2')]);
  for (const text of ['"things/status"', '"things/scale"', '"shortNames":["th"]', '"singularResource":"thing"']) {
    assert.ok(listed.includes(text), text);
  }
  const resources = version.resources.map((resource) => ({ ...resource, group: 'example.com', version: 'v1' }));
  const info = { title: 'Kubernetes', version: 'v1.34.0' };
  const v3 = JSON.stringify(openApiV3(info, resources));
  assert.match(v3, /"com\.example\.v1\.Thing":\{"type":"object","properties":\{"spec"/);
  assert.match(v3, /"com\.example\.v1\.ThingList"/);
  assert.match(v3, /"io\.k8s\.apimachinery\.pkg\.apis\.meta\.v1\.ObjectMeta"/);
  const v2 = JSON.stringify(openApiV2(info, resources));
  assert.match(v2, /"com\.example\.v1\.Thing":\{"type":"object"/);
  assert.ok(!v2.includes('strategic-merge-patch'));
});

test('[EXT30] server-side apply merges custom objects by their schema and knows whose fields are whose', async () => {
  await using server = await aServer();
  const item = {
    type: 'object',
    required: ['name'],
    properties: { name: { type: 'string' }, port: { type: 'integer' } },
  };
  const ports = { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: item };
  const free = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const at = { 'x-kubernetes-int-or-string': true };
  const spec = { type: 'object', properties: { ports, free, at, tags: { type: 'array', items: { type: 'string' } } } };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec } } };
  await server.define({
    versions: [
      { name: 'v1', served: true, storage: true, schema },
      { name: 'v2', served: true, storage: false, schema },
    ],
  });
  const apply = (fieldManager: string, spec: object): Promise<ApiObject> =>
    server.object({
      verb: 'patch',
      name: 'a',
      patchType: 'application/apply-patch+yaml',
      body: { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'a' }, spec },
      options: { fieldManager },
    });
  const specOf = (object: ApiObject): unknown => (object as { spec?: unknown }).spec;
  await apply('one', { ports: [{ name: 'x', port: 1 }], free: { deep: [1] }, at: '50%', tags: ['a'] });
  const both = await apply('two', { ports: [{ name: 'y', port: 2 }] });
  const first = {
    ports: [
      { name: 'x', port: 1 },
      { name: 'y', port: 2 },
    ],
    free: { deep: [1] },
    at: '50%',
    tags: ['a'],
  };
  assert.deepEqual(specOf(both), first);
  assert.deepEqual(
    both.metadata.managedFields?.map(({ manager, operation }) => [manager, operation]),
    [
      ['one', 'Apply'],
      ['two', 'Apply'],
    ],
  );
  await assert.rejects(
    apply('two', { ports: [{ name: 'x', port: 9 }] }),
    /conflict with "one": \.spec\.ports\[name="x"\]\.port/,
  );
  assert.deepEqual(specOf(await apply('one', { tags: ['b'] })), { ports: [{ name: 'y', port: 2 }], tags: ['b'] });
  await assert.rejects(apply('one', { unknown: 1 }), /field not declared in schema/);
  await assert.rejects(
    server.object({
      verb: 'patch',
      name: 'a',
      version: 'v2',
      patchType: 'application/apply-patch+yaml',
      body: { apiVersion: 'example.com/v2', kind: 'Thing', metadata: { name: 'a' }, spec: { tags: ['c'] } },
      options: { fieldManager: 'three' },
    }),
    /conflict with "one": \.spec\.tags/,
  );
});
