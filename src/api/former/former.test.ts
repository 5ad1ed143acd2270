import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aMeta } from '#test/builders/workloads';
import { KINDS } from '../kinds.ts';
import type { ApiObject } from '../object.ts';
import type { ResourceDefinition, ServedVersion } from '../resource.ts';
import { schemaFor } from '../schema/schema.ts';

type Body = Readonly<Record<string, unknown>>;

function versionOf(apiVersion: string, kind: string): readonly [ResourceDefinition, ServedVersion<ApiObject>] {
  for (const definition of KINDS) {
    const served = definition.otherVersions.find(({ group, version }) => `${group}/${version}` === apiVersion);
    if (definition.kind === kind && served !== undefined) return [definition, served];
  }
  throw new Error(`Cannot find ${apiVersion} ${kind}`);
}

/** What is stored of an object that is written in a former version, without its metadata. */
function stored(apiVersion: string, kind: string, body: Body): Body {
  const [, served] = versionOf(apiVersion, kind);
  const { metadata: _, kind: _kind, ...object } = served.toStored({ apiVersion, kind, metadata: aMeta('x'), ...body });
  return object;
}

function shown(apiVersion: string, kind: string, body: Body): Body {
  const [definition, served] = versionOf(apiVersion, kind);
  const object = { apiVersion: definition.apiVersion, kind, metadata: aMeta('x'), ...body };
  const { metadata: _, kind: _kind, ...rest } = served.fromStored(object);
  return rest;
}

const TEMPLATE = { metadata: { labels: { app: 'web' } }, spec: { containers: [] } };
const SELECTOR = { matchLabels: { app: 'web' } };

test('[FRM1] every former version of a kind has its types, a life and a version to use instead', () => {
  const former = KINDS.flatMap(({ kind, otherVersions }) =>
    otherVersions.filter((version) => version.former !== undefined).map((version) => ({ ...version, kind })),
  );
  assert.ok(former.length > 35, `${former.length} versions`);
  const without = former.filter(({ group, version, kind }) => schemaFor({ group, version, kind }) === undefined);
  assert.deepEqual(without, []);
  const [definition, served] = versionOf('batch/v1beta1', 'CronJob');
  assert.deepEqual(served.former, { deprecated: '1.21', unavailable: '1.25', use: definition.apiVersion });
});

test('[FRM2] workloads without a selector select what their template labels, and are updated as those versions did', () => {
  const spec = { template: TEMPLATE };
  const rolling = (share: number | string) => ({
    type: 'RollingUpdate',
    rollingUpdate: { maxSurge: share, maxUnavailable: share },
  });
  assert.deepEqual(stored('extensions/v1beta1', 'Deployment', { spec: { ...spec, rollbackTo: { revision: 1 } } }), {
    apiVersion: 'apps/v1',
    spec: {
      revisionHistoryLimit: 2_147_483_647,
      progressDeadlineSeconds: 2_147_483_647,
      template: TEMPLATE,
      selector: SELECTOR,
      strategy: rolling(1),
    },
  });
  assert.deepEqual(stored('apps/v1beta1', 'Deployment', { spec: { ...spec, strategy: { type: 'Recreate' } } }), {
    apiVersion: 'apps/v1',
    spec: { revisionHistoryLimit: 2, template: TEMPLATE, selector: SELECTOR, strategy: { type: 'Recreate' } },
  });
  assert.deepEqual(stored('apps/v1beta2', 'Deployment', { spec }), { apiVersion: 'apps/v1', spec });
  const onDelete = { ...spec, selector: SELECTOR, updateStrategy: { type: 'OnDelete' } };
  assert.deepEqual(stored('extensions/v1beta1', 'DaemonSet', { spec }).spec, onDelete);
  assert.deepEqual(stored('apps/v1beta1', 'StatefulSet', { spec }).spec, onDelete);
  assert.deepEqual(stored('extensions/v1beta1', 'ReplicaSet', { spec: { ...spec, selector: {} } }).spec, {
    ...spec,
    selector: SELECTOR,
  });
  assert.deepEqual(shown('extensions/v1beta1', 'Deployment', { spec }), { apiVersion: 'extensions/v1beta1', spec });
});

test('[FRM3] backends of ingresses name service and port side by side, in both former groups', () => {
  const old = {
    spec: {
      backend: { serviceName: 'web', servicePort: 80 },
      rules: [{ host: 'a', http: { paths: [{ path: '/', backend: { serviceName: 'b', servicePort: 'http' } }] } }],
    },
  };
  const now = {
    spec: {
      defaultBackend: { service: { name: 'web', port: { number: 80 } } },
      rules: [
        {
          host: 'a',
          http: {
            paths: [
              {
                path: '/',
                pathType: 'ImplementationSpecific',
                backend: { service: { name: 'b', port: { name: 'http' } } },
              },
            ],
          },
        },
      ],
    },
  };
  for (const apiVersion of ['networking.k8s.io/v1beta1', 'extensions/v1beta1']) {
    assert.deepEqual(stored(apiVersion, 'Ingress', old), { apiVersion: 'networking.k8s.io/v1', ...now });
    const { spec } = shown(apiVersion, 'Ingress', now) as unknown as typeof old;
    assert.deepEqual(spec, old.spec);
  }
});

test('[FRM4] an empty selector of a former budget selects nothing, and nothing is lost on the way', () => {
  const there = (selector: object): Body => stored('policy/v1beta1', 'PodDisruptionBudget', { spec: { selector } });
  const back = (spec: unknown): Body => shown('policy/v1beta1', 'PodDisruptionBudget', { spec });
  const key = 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match';
  assert.deepEqual(there({}).spec, { selector: { matchExpressions: [{ key, operator: 'Exists' }] } });
  assert.deepEqual(back(there({}).spec).spec, { selector: {} });
  assert.deepEqual(back({ selector: {} }).spec, {
    selector: { matchExpressions: [{ key, operator: 'DoesNotExist' }] },
  });
  assert.deepEqual(there(back({ selector: {} }).spec as object), there(back({ selector: {} }).spec as object));
  assert.deepEqual(there(SELECTOR).spec, { selector: SELECTOR });
});

test('[FRM5] slices keep zone and node in their topology, events their other names', () => {
  const topology = { 'topology.kubernetes.io/zone': 'z', 'kubernetes.io/hostname': 'n', rack: 'r' };
  const slice = stored('discovery.k8s.io/v1beta1', 'EndpointSlice', {
    endpoints: [{ addresses: ['198.18.0.1'], topology }],
  });
  const endpoint = { addresses: ['198.18.0.1'], nodeName: 'n', zone: 'z', deprecatedTopology: { rack: 'r' } };
  assert.deepEqual(slice, { apiVersion: 'discovery.k8s.io/v1', endpoints: [endpoint] });
  assert.deepEqual(shown('discovery.k8s.io/v1beta1', 'EndpointSlice', slice).endpoints, [
    {
      addresses: ['198.18.0.1'],
      nodeName: 'n',
      topology: { rack: 'r', 'topology.kubernetes.io/zone': 'z' },
    },
  ]);
  const event = stored('events.k8s.io/v1beta1', 'Event', { regarding: { kind: 'Pod' }, note: 'hello' });
  assert.deepEqual(event, { apiVersion: 'v1', involvedObject: { kind: 'Pod' }, message: 'hello' });
});

test('[FRM6] subjects of former bindings are told apart by version or not at all', () => {
  const roleRef = { kind: 'Role', name: 'r' };
  const GROUP = 'rbac.authorization.k8s.io';
  const first = stored(`${GROUP}/v1alpha1`, 'RoleBinding', {
    roleRef,
    subjects: [
      { kind: 'User', name: '*', apiVersion: `${GROUP}/v1alpha1` },
      { kind: 'ServiceAccount', name: 'robot', namespace: 'a', apiVersion: 'v1' },
    ],
  });
  assert.deepEqual(first, {
    apiVersion: `${GROUP}/v1`,
    roleRef: { ...roleRef, apiGroup: GROUP },
    subjects: [
      { kind: 'Group', name: 'system:authenticated', apiGroup: GROUP },
      { kind: 'ServiceAccount', name: 'robot', namespace: 'a' },
    ],
  });
  assert.deepEqual(shown(`${GROUP}/v1alpha1`, 'RoleBinding', first).subjects, [
    { kind: 'Group', name: 'system:authenticated', apiVersion: `${GROUP}/v1alpha1` },
    { kind: 'ServiceAccount', name: 'robot', namespace: 'a', apiVersion: 'v1' },
  ]);
  const second = stored(`${GROUP}/v1beta1`, 'ClusterRoleBinding', {
    roleRef,
    subjects: [{ kind: 'User', name: 'ann' }],
  });
  assert.deepEqual(second.subjects, [{ kind: 'User', name: 'ann', apiGroup: GROUP }]);
});

test('[FRM7] a former definition of a kind has one schema for all versions, which gets the types it lacks', () => {
  const names = { plural: 'things', kind: 'Thing' };
  const old = {
    spec: {
      group: 'example.com',
      version: 'v1',
      scope: 'Namespaced',
      names,
      additionalPrinterColumns: [{ name: 'Size', type: 'integer', JSONPath: '.spec.size' }],
      subresources: { status: {} },
      preserveUnknownFields: false,
      validation: {
        openAPIV3Schema: { properties: { spec: { properties: { size: { type: 'integer' }, list: { items: {} } } } } },
      },
    },
  };
  const now = stored('apiextensions.k8s.io/v1beta1', 'CustomResourceDefinition', old);
  const anything = { 'x-kubernetes-preserve-unknown-fields': true };
  assert.deepEqual(now.spec, {
    group: 'example.com',
    scope: 'Namespaced',
    names,
    preserveUnknownFields: false,
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: { size: { type: 'integer' }, list: { type: 'array', items: anything } },
              },
            },
          },
        },
      },
    ],
  });
  const { spec } = shown('apiextensions.k8s.io/v1beta1', 'CustomResourceDefinition', now) as typeof old;
  assert.equal(spec.version, 'v1');
  const { validation: _, preserveUnknownFields: _preserve, ...open } = old.spec;
  const bare = stored('apiextensions.k8s.io/v1beta1', 'CustomResourceDefinition', { spec: open }).spec as {
    readonly versions: readonly { readonly schema: unknown }[];
  };
  assert.deepEqual(bare.versions[0]?.schema, { openAPIV3Schema: { type: 'object', ...anything } });
});

test('[FRM8] metrics of former autoscalers are flat, and their behavior travels in an annotation', () => {
  const spec = { scaleTargetRef: { kind: 'Deployment', name: 'web' }, maxReplicas: 3 };
  const flat = {
    spec: { ...spec, metrics: [{ type: 'Resource', resource: { name: 'cpu', targetAverageUtilization: 50 } }] },
    status: {
      currentReplicas: 1,
      currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', currentAverageValue: '5m' } }],
    },
  };
  const now = stored('autoscaling/v2beta1', 'HorizontalPodAutoscaler', flat);
  assert.deepEqual(now, {
    apiVersion: 'autoscaling/v2',
    spec: {
      ...spec,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
    },
    status: {
      currentReplicas: 1,
      currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageValue: '5m' } } }],
    },
  });
  const { apiVersion: _, ...back } = shown('autoscaling/v2beta1', 'HorizontalPodAutoscaler', now);
  assert.deepEqual(back, flat);
  const [, served] = versionOf('autoscaling/v2beta1', 'HorizontalPodAutoscaler');
  const behavior = { scaleDown: { stabilizationWindowSeconds: 5 } };
  const whole = {
    ...now,
    kind: 'HorizontalPodAutoscaler',
    metadata: aMeta('x'),
    spec: { ...spec, behavior },
  } as ApiObject;
  assert.deepEqual(served.toStored(served.fromStored(whole)), whole);
});
