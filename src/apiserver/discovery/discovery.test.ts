import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decodeProtobuf } from '#api/schema/protobuf-decode';
import { anApiServer, type TestApiServer } from '#test/builders/api-server';

let api: TestApiServer;
before(async () => {
  api = await anApiServer();
});
after(() => api[Symbol.asyncDispose]());

async function document<T>(path: string, accept = 'application/json'): Promise<T> {
  const { status, text } = await api.ask(path, { headers: { accept } });
  assert.equal(status, 200, path);
  return JSON.parse(text) as T;
}

type ResourceList = { readonly groupVersion: string; readonly resources: readonly { readonly name: string }[] };

test('[DIS1] the older discovery tells versions, groups, and the resources of each with their subresources', async () => {
  const versions = await document<object>('/api');
  assert.deepEqual(versions, {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '198.18.0.1:0' }],
  });
  const { groups } = await document<{ groups: { name: string; preferredVersion: object }[] }>('/apis');
  const { kind, ...apps } = await document<{ kind: string; apiVersion?: string }>('/apis/apps');
  assert.deepEqual([kind, { apiVersion: 'v1', ...groups.find(({ name }) => name === 'apps') }], ['APIGroup', apps]);
  const core = await document<ResourceList>('/api/v1');
  const names = core.resources.map(({ name }) => name);
  assert.equal(core.groupVersion, 'v1');
  for (const name of [
    'pods',
    'pods/log',
    'pods/exec',
    'pods/binding',
    'pods/eviction',
    'pods/status',
    'namespaces/finalize',
  ])
    assert.ok(names.includes(name), name);
  const deployments = await document<ResourceList>('/apis/apps/v1');
  assert.deepEqual(
    deployments.resources.find(({ name }) => name === 'deployments/scale'),
    {
      name: 'deployments/scale',
      singularName: '',
      namespaced: true,
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      verbs: ['get', 'patch', 'update'],
    },
  );
});

type Aggregated = {
  readonly kind: string;
  readonly apiVersion: string;
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly versions: readonly {
      readonly resources: readonly { readonly resource: string; readonly scope: string }[];
    }[];
  }[];
};

test('[DIS2] the newer discovery tells all in one document, in both of its versions', async () => {
  for (const version of ['v2', 'v2beta1']) {
    const accept = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList,application/json`;
    const { headers } = await api.ask('/apis', { headers: { accept } });
    assert.equal(
      headers['content-type'],
      `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    );
    const groups = await document<Aggregated>('/apis', accept);
    assert.deepEqual([groups.kind, groups.apiVersion], ['APIGroupDiscoveryList', `apidiscovery.k8s.io/${version}`]);
    assert.ok(groups.items.some(({ metadata }) => metadata.name === 'metrics.k8s.io'));
    const core = await document<Aggregated>('/api', accept);
    const resources = core.items[0]?.versions[0]?.resources ?? [];
    assert.equal(resources.find(({ resource }) => resource === 'nodes')?.scope, 'Cluster');
  }
});

test('[DIS3] discovery has an ETag and is not sent again to who has it', async () => {
  const { headers } = await api.ask('/apis');
  assert.ok(headers.etag);
  const again = await api.ask('/apis', { headers: { 'if-none-match': headers.etag } });
  assert.deepEqual([again.status, again.text], [304, '']);
  assert.equal((await api.ask('/apis/nothing.example')).status, 404);
  assert.equal((await api.ask('/api/v9')).status, 404);
});

test('[DIS4] OpenAPI v3 is a document a group and version, addressed by its hash', async () => {
  const { paths } = await document<{ paths: Record<string, { serverRelativeURL: string }> }>('/openapi/v3');
  const { serverRelativeURL = '' } = paths['apis/apps/v1'] ?? {};
  assert.match(serverRelativeURL, /^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{64}$/);
  const v3 = await document<{ openapi: string; paths: object }>(serverRelativeURL);
  assert.match(v3.openapi, /^3\.0/);
  assert.ok('/apis/apps/v1/namespaces/{namespace}/deployments/{name}' in v3.paths);
});

test('[DIS5] OpenAPI v2 is JSON, or protobuf for clients that read nothing else', async () => {
  assert.equal((await document<{ swagger: string }>('/openapi/v2')).swagger, '2.0');
  const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
  const { status, headers, bytes } = await api.ask('/openapi/v2', { headers: { accept } });
  assert.deepEqual(
    [status, headers['content-type'], bytes.subarray(0, 5).toString()],
    [200, 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf', '\n\x032.0'],
  );
  assert.equal((await api.ask('/openapi/v2', { headers: { accept: 'text/html' } })).status, 406);
});

test('[DIS7] a resource tells its singular name and, as a hash, the version in which it is kept; what is never kept has none', async () => {
  type Hashed = { name: string; singularName: string; storageVersionHash?: string };
  const hashes = async (path: string, ...wanted: readonly string[]): Promise<readonly unknown[]> => {
    const { resources } = await document<{ resources: readonly Hashed[] }>(path);
    return wanted.map((plural) => {
      const found = resources.find(({ name }) => name === plural);
      return [found?.singularName, found?.storageVersionHash];
    });
  };
  // The hashes are those of a Kubernetes that keeps the same versions.
  assert.deepEqual(await hashes('/api/v1', 'pods', 'configmaps', 'endpoints', 'pods/status'), [
    ['pod', 'xPOwRZ+Yhw8='],
    ['configmap', 'qFsyl6wFWjQ='],
    ['endpoints', 'fWeeMqaN/OA='],
    ['', undefined],
  ]);
  const [[, event]] = (await hashes('/api/v1', 'events')) as [[string, string]];
  assert.deepEqual(await hashes('/apis/events.k8s.io/v1', 'events'), [['event', event]]);
  assert.deepEqual(await hashes('/apis/authorization.k8s.io/v1', 'subjectaccessreviews'), [
    ['subjectaccessreview', undefined],
  ]);
});

test('[DIS8] a response kind is group, version and kind, and nothing else, in both forms and all versions', async () => {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  type Kinds = { responseKind: object; subresources?: readonly { responseKind: object }[] };
  const { items } = await document<{ items: readonly { versions: readonly { resources: readonly Kinds[] }[] }[] }>(
    '/apis',
    accept,
  );
  const kinds = items
    .flatMap(({ versions }) => versions.flatMap(({ resources }) => resources))
    .flatMap(({ responseKind, subresources = [] }) => [responseKind, ...subresources.map((each) => each.responseKind)]);
  assert.deepEqual([...new Set(kinds.map((kind) => Object.keys(kind).toSorted().join()))], ['group,kind,version']);
});

test('[DIS9] discovery is JSON, YAML or protobuf, in both forms, and 406 in any other', async () => {
  const protobuf = 'application/vnd.kubernetes.protobuf';
  const read = async (path: string, accept: string): Promise<readonly [unknown, object]> => {
    const { headers, bytes } = await api.ask(path, { headers: { accept } });
    const { apiVersion: _apiVersion, ...object } = decodeProtobuf(bytes).object;
    return [headers['content-type'], object];
  };
  for (const path of ['/api', '/apis', '/api/v1', '/apis/apps', '/apis/apps/v1']) {
    const { apiVersion: _apiVersion, ...json } = await document<{ apiVersion?: string }>(path);
    assert.deepEqual(await read(path, `${protobuf},application/json`), [protobuf, json], path);
  }
  const all = `${protobuf};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList`;
  const [type, { kind }] = (await read('/apis', all)) as [string, { kind: string }];
  assert.deepEqual([type, kind], [all, 'APIGroupDiscoveryList']);
  const yaml = await api.ask('/api', { headers: { accept: 'application/yaml' } });
  assert.match(yaml.text, /^kind: APIVersions\nversions:\n {2}- v1\n/);
  assert.equal((await api.ask('/apis/apps', { headers: { accept: `${all},image/png` } })).status, 406);
});

test('[DIS10] the root lists the paths there are, those of every group included', async () => {
  const { paths } = await document<{ paths: readonly string[] }>('/');
  for (const path of ['/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1', '/healthz', '/openapi/v3', '/version'])
    assert.ok(paths.includes(path), path);
  assert.deepEqual(paths, paths.toSorted());
});
