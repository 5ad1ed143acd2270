import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aMeta, aPod } from '#test/builders/workloads';
import type { ApiObject } from '../../object.ts';
import type { PersistentVolumeClaim, PodSpec, ResourceQuotaSpec, Service, ServiceSpec } from '../../types/core-v1.ts';
import { ResourceQuota } from '../resource-quota.ts';
import { writeAmounts } from './amounts.ts';
import { missingAmounts } from './missing.ts';
import { isInScopes } from './scopes.ts';
import { usageOf } from './usage.ts';

const aQuota = (spec: ResourceQuotaSpec, status?: ResourceQuota['status']): ResourceQuota => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: aMeta('team'),
  spec,
  ...(status && { status }),
});
const texts = (errors: readonly { readonly field: string; readonly message: string }[]): readonly string[] =>
  errors.map(({ field, message }) => `${field}: ${message}`);
const problems = (spec: ResourceQuotaSpec): readonly string[] => texts(ResourceQuota.validate(aQuota(spec)));

test('[KIN104] a quota limits names that exist, in amounts that make sense', () => {
  const hard = { pods: '1.5', cpu: '-1', bananas: '1', storage: '1', 'count/deployments.apps': '3' };
  assert.deepEqual(problems({ hard }), [
    'spec.hard[pods]: Invalid value: "1.5": must be an integer',
    'spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    'spec.hard[bananas]: Invalid value: "bananas": must be a standard resource type or fully qualified',
    'spec.hard[bananas]: Invalid value: "bananas": must be a standard resource for quota',
    'spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota',
  ]);
  const fine = {
    'requests.example.com/card': '1',
    'fast.storageclass.storage.k8s.io/requests.storage': '1Gi',
    'requests.hugepages-2Mi': '2Mi',
    'services.loadbalancers': '1',
  };
  assert.deepEqual(problems({ hard: fine }), []);
});

test('[KIN105] the scopes of a quota exist, fit what it limits and do not contradict each other', () => {
  assert.deepEqual(problems({ hard: { cpu: '1', services: '1' }, scopes: ['BestEffort', 'NotBestEffort', 'Odd'] }), [
    'spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Odd"]: unsupported scope applied to resource',
    'spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Odd"]: unsupported scope applied to resource',
    'spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Odd"]: unsupported scope applied to resource',
    'spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Odd"]: unsupported scope',
    'spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Odd"]: conflicting scopes',
  ]);
  const matchExpressions = [
    { scopeName: 'PriorityClass', operator: 'In' },
    { scopeName: 'PriorityClass', operator: 'Exists', values: ['high'] },
    { scopeName: 'Terminating', operator: 'Is' },
  ];
  assert.deepEqual(problems({ scopeSelector: { matchExpressions } }), [
    "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
    "spec.scopeSelector.matchExpressions.values: Invalid value: [\"high\"]: must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
    'spec.scopeSelector.matchExpressions.operator: Invalid value: "Is": must be \'Exist\' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity',
    'spec.scopeSelector.matchExpressions.operator: Invalid value: "Is": not a valid selector operator',
  ]);
});

test('[KIN105] of very many scopes that make no sense the first ten are told', () => {
  const scopes = Array.from({ length: 20_000 }, (_each, index) => `Odd${index}`);
  assert.equal(problems({ scopes }).length, 10);
  const matchExpressions = scopes.map((scopeName) => ({ scopeName, operator: 'Exists' }));
  assert.equal(problems({ scopeSelector: { matchExpressions } }).length, 10);
});

test('[KIN106] the scopes of a quota stay, its status is not made by clients and holds what a quota can limit', () => {
  const before = aQuota({ scopes: ['Terminating'] });
  assert.deepEqual(texts(ResourceQuota.validateUpdate(aQuota({ scopes: ['NotTerminating'] }), before)), [
    'spec.scopes: Invalid value: ["NotTerminating"]: field is immutable',
  ]);
  assert.deepEqual(
    texts(ResourceQuota.validateUpdate(aQuota({ hard: { pods: '1' }, scopes: ['Terminating'] }), before)),
    [],
  );
  assert.deepEqual(ResourceQuota.prepareForCreate(aQuota({}, { hard: { pods: '5' } })).status, {});
  const odd = aQuota({}, { hard: { pods: '-1' }, used: { bananas: '1' } });
  assert.deepEqual(
    texts(ResourceQuota.validateStatusUpdate(odd, odd)).map((text) => text.split(':')[0]),
    ['status.hard[pods]', 'status.used[bananas]', 'status.used[bananas]'],
  );
});

test('[KIN107] the table of quotas shows what is used of what, requests apart from limits', () => {
  const hard = { 'requests.cpu': '2', pods: '10', 'limits.memory': '1024Mi' };
  const quota = aQuota({ hard }, { hard, used: { pods: '3', 'requests.cpu': '500m' } });
  const cells = ResourceQuota.columns.slice(0, 3).map(({ cell }) => cell(quota, 0));
  assert.deepEqual(cells, ['team', 'pods: 3/10, requests.cpu: 500m/2', 'limits.memory: 0/1Gi']);
});

const PODS = { group: '', plural: 'pods' };
const usage = (plural: string, object: ApiObject, group = ''): Readonly<Record<string, string>> =>
  writeAmounts(usageOf({ group, plural }, object, Date.parse('2026-01-01T00:10:00Z')));

test('[QUO1] a pod uses what its containers ask for and are limited to, overhead included, until it has ended', () => {
  const resources = { requests: { cpu: '1', memory: '1Gi', 'example.com/card': '1' }, limits: { cpu: '2' } };
  const spec: Partial<PodSpec> = {
    containers: [{ name: 'a', image: 'a', resources }],
    initContainers: [{ name: 'i', image: 'i', resources: { requests: { memory: '3Gi', 'ephemeral-storage': '1Mi' } } }],
    overhead: { cpu: '100m' },
  };
  assert.deepEqual(usage('pods', aPod({ spec })), {
    'count/pods': '1',
    pods: '1',
    cpu: '1100m',
    'requests.cpu': '1100m',
    'limits.cpu': '2100m',
    memory: '3Gi',
    'requests.memory': '3Gi',
    'requests.example.com/card': '1',
    'ephemeral-storage': '1Mi',
    'requests.ephemeral-storage': '1Mi',
  });
  assert.deepEqual(usage('pods', aPod({ spec, status: { phase: 'Succeeded' } })), { 'count/pods': '1' });
  const ending = { deletionTimestamp: '2026-01-01T00:09:00Z', deletionGracePeriodSeconds: 30 };
  assert.deepEqual(usage('pods', aPod({ spec, meta: ending })), { 'count/pods': '1' });
});

test('[QUO2] a service uses node ports and a load balancer, a claim uses storage of its class, others their number', () => {
  const aService = (spec: Partial<ServiceSpec>): Service => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: aMeta('web'),
    spec: { ports: [{ port: 80 }, { port: 443, nodePort: 30_443 }], ...spec },
  });
  const ofService = (nodePorts: string, balancers: string) => ({
    'count/services': '1',
    services: '1',
    'services.nodeports': nodePorts,
    'services.loadbalancers': balancers,
  });
  assert.deepEqual(usage('services', aService({ type: 'ClusterIP' })), ofService('0', '0'));
  assert.deepEqual(usage('services', aService({ type: 'NodePort' })), ofService('2', '0'));
  assert.deepEqual(usage('services', aService({ type: 'LoadBalancer' })), ofService('2', '1'));
  const sparing = { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false };
  assert.deepEqual(usage('services', aService(sparing)), ofService('1', '1'));
  const claim: PersistentVolumeClaim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: aMeta('data'),
    spec: { storageClassName: 'fast', resources: { requests: { storage: '1Gi' } } },
    status: { allocatedResources: { storage: '2Gi' } },
  };
  assert.deepEqual(usage('persistentvolumeclaims', claim), {
    'count/persistentvolumeclaims': '1',
    persistentvolumeclaims: '1',
    'requests.storage': '2Gi',
    'fast.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
    'fast.storageclass.storage.k8s.io/requests.storage': '2Gi',
  });
  assert.deepEqual(usage('deployments', aPod(), 'apps'), { 'count/deployments.apps': '1' });
});

test('[QUO3] a quota with scopes is about the pods that all of them fit, and about nothing else', () => {
  const fits = (scopes: ResourceQuotaSpec, spec: Partial<PodSpec> = {}): boolean =>
    isInScopes(scopes, PODS, aPod({ spec }));
  const inClass = (operator: string, ...values: readonly string[]): ResourceQuotaSpec => ({
    scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator, values }] },
  });
  const reaching = {
    affinity: {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', namespaces: ['other'] }],
      },
    },
  };
  assert.deepEqual(
    [
      fits({ scopes: ['Terminating'] }, { activeDeadlineSeconds: 5 }),
      fits({ scopes: ['Terminating'] }),
      fits({ scopes: ['NotTerminating', 'BestEffort'] }),
      fits({ scopes: ['NotBestEffort'] }),
      fits(inClass('In', 'high'), { priorityClassName: 'high' }),
      fits(inClass('NotIn', 'high')),
      fits(inClass('Exists')),
      fits({ scopes: ['CrossNamespacePodAffinity'] }, reaching),
      fits({ scopes: ['CrossNamespacePodAffinity'] }),
      isInScopes({ scopes: ['NotTerminating'] }, { group: '', plural: 'services' }, aPod()),
      isInScopes({}, { group: '', plural: 'services' }, aPod()),
    ],
    [true, false, true, false, true, true, false, true, false, false, true],
  );
});

test('[QUO4] where CPU or memory is limited, every container says how much; other resources need not be named', () => {
  const silent = aPod({ spec: { initContainers: [{ name: 'init', image: 'i' }] } });
  const names = ['limits.memory', 'cpu', 'pods', 'requests.ephemeral-storage'];
  assert.equal(missingAmounts(PODS, silent, names), 'must specify cpu for: init,web; limits.memory for: init,web');
  assert.equal(missingAmounts(PODS, silent, ['pods']), undefined);
  assert.equal(missingAmounts({ group: '', plural: 'services' }, silent, names), undefined);
});
