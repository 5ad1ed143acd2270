import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../meta/json-value.ts';
import { definitionName } from './definition-name.ts';
import { BATCH } from './descriptions/batch.ts';
import { CLUSTER } from './descriptions/cluster.ts';
import { CONTAINER } from './descriptions/container.ts';
import { META } from './descriptions/meta.ts';
import { NETWORK } from './descriptions/network.ts';
import { POD } from './descriptions/pod.ts';
import { SETS } from './descriptions/sets.ts';
import { STORAGE } from './descriptions/storage.ts';
import { WORKLOADS } from './descriptions/workloads.ts';
import { definitionsOf, DIALECT_V2, DIALECT_V3 } from './openapi-definitions.ts';
import type { ServedResource } from './openapi-paths.ts';
import { openApiV2 } from './openapi-v2.ts';
import { openApiV3 } from './openapi-v3.ts';
import { allMessageNames, messageSchema } from './schema.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const INFO = { title: 'Tutti', version: 'v1.36.0' };
const DEPLOYMENTS: ServedResource = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
  verbs: VERBS,
  subresources: [
    { name: 'status', type: { group: 'apps', version: 'v1', kind: 'Deployment' }, verbs: ['get', 'patch', 'update'] },
    { name: 'scale', type: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, verbs: ['get', 'patch', 'update'] },
  ],
};
const NODES: ServedResource = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  namespaced: false,
  verbs: VERBS,
  subresources: [],
};

/** The part of a document at a path of keys. */
function at(document: unknown, ...path: readonly string[]): JsonObject {
  return path.reduce((part, key) => (part as JsonObject)[key], document) as JsonObject;
}

function referencesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    key === '$ref' && typeof part === 'string' ? [part] : referencesIn(part),
  );
}

test('[API70] every message of the schema table has a definition whose references are all defined', () => {
  for (const dialect of [DIALECT_V2, DIALECT_V3]) {
    const definitions = definitionsOf(
      allMessageNames().filter((name) => !messageSchema(name).isListWrapper),
      dialect,
    );
    assert.ok(Object.keys(definitions).length > 800);
    for (const reference of referencesIn(definitions)) {
      assert.ok(reference.startsWith(dialect.refPrefix), reference);
      assert.ok(Object.hasOwn(definitions, reference.slice(dialect.refPrefix.length)), reference);
    }
  }
});

test('[API70] definitions carry kind, merge keys, list types, enumerations and what is required', () => {
  const definitions = definitionsOf(['k8s.io.api.apps.v1.Deployment'], DIALECT_V3);
  const podSpec = at(definitions, 'io.k8s.api.core.v1.PodSpec');
  assert.deepEqual(at(definitions, 'io.k8s.api.apps.v1.Deployment')['x-kubernetes-group-version-kind'], [
    { group: 'apps', version: 'v1', kind: 'Deployment' },
  ]);
  assert.deepEqual(podSpec['required'], ['containers']);
  const { description: _description, ...containers } = at(podSpec, 'properties', 'containers');
  assert.deepEqual(containers, {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    'x-kubernetes-patch-strategy': 'merge',
    'x-kubernetes-patch-merge-key': 'name',
    type: 'array',
    items: { $ref: '#/components/schemas/io.k8s.api.core.v1.Container' },
  });
  assert.deepEqual(at(podSpec, 'properties', 'restartPolicy')['enum'], ['Always', 'Never', 'OnFailure']);
  assert.equal(
    at(definitions, 'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector')['x-kubernetes-map-type'],
    'atomic',
  );
});

test('[API70] fields of inline messages stand in the definition of what holds them', () => {
  const probe = at(definitionsOf(['k8s.io.api.core.v1.Probe'], DIALECT_V3), 'io.k8s.api.core.v1.Probe', 'properties');
  assert.ok(
    Object.hasOwn(probe, 'httpGet') && Object.hasOwn(probe, 'periodSeconds') && !Object.hasOwn(probe, 'handler'),
  );
});

test('[API71] quantities, times and the like have the forms of their dialect', () => {
  const quantity = 'k8s.io.apimachinery.pkg.api.resource.Quantity';
  const form = (dialect: typeof DIALECT_V2, name: string): JsonObject => {
    const { description: _description, ...rest } = at(definitionsOf([name], dialect), definitionName(name));
    return rest;
  };
  assert.deepEqual(form(DIALECT_V2, quantity), { type: 'string' });
  assert.deepEqual(form(DIALECT_V3, quantity), { oneOf: [{ type: 'string' }, { type: 'number' }] });
  const intOrString = 'k8s.io.apimachinery.pkg.util.intstr.IntOrString';
  assert.deepEqual(form(DIALECT_V2, intOrString), { type: 'string', format: 'int-or-string' });
  assert.deepEqual(form(DIALECT_V3, intOrString), {
    format: 'int-or-string',
    oneOf: [{ type: 'integer' }, { type: 'string' }],
  });
  assert.deepEqual(form(DIALECT_V3, 'k8s.io.apimachinery.pkg.apis.meta.v1.Time'), {
    type: 'string',
    format: 'date-time',
  });
});

test('[API72] the v3 document lists the operations of every path, its subresources included', () => {
  const { paths } = openApiV3(INFO, [DEPLOYMENTS]) as { paths: JsonObject };
  const methods = Object.fromEntries(
    Object.entries(paths).map(([path, item]) => [path, Object.keys(item as object).toSorted()]),
  );
  const object = '/apis/apps/v1/namespaces/{namespace}/deployments/{name}';
  assert.deepEqual(methods, {
    '/apis/apps/v1/namespaces/{namespace}/deployments': ['delete', 'get', 'post'],
    [object]: ['delete', 'get', 'patch', 'put'],
    '/apis/apps/v1/deployments': ['get'],
    [`${object}/status`]: ['get', 'patch', 'put'],
    [`${object}/scale`]: ['get', 'patch', 'put'],
  });
});

test('[API72] clients find in the patch operation that the server validates fields and knows dry runs', () => {
  const patch = at(
    openApiV3(INFO, [DEPLOYMENTS]),
    'paths',
    '/apis/apps/v1/namespaces/{namespace}/deployments/{name}',
    'patch',
  );
  const names = (patch['parameters'] as readonly { name: string; in: string }[]).map(
    (each) => `${each.in} ${each.name}`,
  );
  assert.ok(
    names.includes('query fieldValidation') && names.includes('query dryRun') && names.includes('path namespace'),
  );
  assert.deepEqual(patch['x-kubernetes-group-version-kind'], { group: 'apps', version: 'v1', kind: 'Deployment' });
  assert.equal(patch['operationId'], 'patchAppsV1NamespacedDeployment');
});

test('[API72] operations of cluster-wide kinds and of subresources of other kinds say so', () => {
  const nodes = openApiV3(INFO, [NODES]);
  assert.deepEqual(Object.keys(at(nodes, 'paths')), ['/api/v1/nodes', '/api/v1/nodes/{name}']);
  assert.equal(at(nodes, 'paths', '/api/v1/nodes', 'get')['operationId'], 'listCoreV1Node');
  const scale = at(
    openApiV3(INFO, [DEPLOYMENTS]),
    'paths',
    '/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale',
    'get',
  );
  assert.deepEqual(scale['x-kubernetes-group-version-kind'], { group: 'autoscaling', version: 'v1', kind: 'Scale' });
});

test('[API72] options that every group knows carry all served groups', () => {
  const schemas = at(openApiV3(INFO, [DEPLOYMENTS]), 'components', 'schemas');
  assert.deepEqual(
    at(schemas, 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions')['x-kubernetes-group-version-kind'],
    [
      { group: '', version: 'v1', kind: 'DeleteOptions' },
      { group: 'apps', version: 'v1', kind: 'DeleteOptions' },
    ],
  );
});

test('[API73] the documents of versions 2 and 3 describe the same paths and definitions', () => {
  const resources = [DEPLOYMENTS, NODES];
  const v2 = openApiV2(INFO, resources);
  const v3 = openApiV3(INFO, resources);
  assert.deepEqual(Object.keys(at(v2, 'paths')), Object.keys(at(v3, 'paths')));
  assert.deepEqual(Object.keys(at(v2, 'definitions')), Object.keys(at(v3, 'components', 'schemas')));
  for (const reference of referencesIn(v2))
    assert.ok(Object.hasOwn(at(v2, 'definitions'), reference.slice('#/definitions/'.length)), reference);
});

test('[API75] every description belongs to a field that exists', () => {
  const packages = [
    'k8s.io.api',
    'k8s.io.apimachinery.pkg.apis',
    'k8s.io.apimachinery.pkg.api',
    'k8s.io.apimachinery.pkg.util',
  ];
  const known = new Set(allMessageNames());
  for (const [page, texts] of Object.entries({
    ...META,
    ...CLUSTER,
    ...POD,
    ...CONTAINER,
    ...WORKLOADS,
    ...SETS,
    ...BATCH,
    ...NETWORK,
    ...STORAGE,
  })) {
    const name = packages.map((start) => `${start}.${page}`).find((candidate) => known.has(candidate));
    assert.ok(name !== undefined, `${page} is not in the schema table`);
    const { fields } = messageSchema(name);
    for (const field of Object.keys(texts))
      assert.ok(field === '' || fields.has(field), `${page} has no field ${field}`);
  }
});

test('[API75] the fields of all kinds that everybody writes are described', () => {
  const definitions = definitionsOf(['k8s.io.api.apps.v1.Deployment', 'k8s.io.api.core.v1.Service'], DIALECT_V3);
  for (const name of [
    'apps.v1.DeploymentSpec',
    'core.v1.PodSpec',
    'core.v1.Container',
    'core.v1.Probe',
    'core.v1.ServiceSpec',
  ]) {
    const properties = Object.entries(at(definitions, `io.k8s.api.${name}`, 'properties'));
    const silent = properties
      .filter(([, property]) => !Object.hasOwn(property as object, 'description'))
      .map(([field]) => field);
    // The newest fields, behind feature gates upstream, may lack a text.
    assert.ok(silent.length <= properties.length / 4, `${name}: ${silent.join(', ')}`);
  }
});
