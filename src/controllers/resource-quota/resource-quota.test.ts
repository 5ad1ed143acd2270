import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '#api/apps/deployment';
import { ReplicaSet } from '#api/apps/replica-set';
import { ConfigMap } from '#api/core/config-map';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { Pod } from '#api/core/pod';
import { ReplicationController } from '#api/core/replication-controller';
import { ResourceQuota } from '#api/core/resource-quota';
import { Secret } from '#api/core/secret';
import { Service } from '#api/core/service';
import type { ResourceList } from '#api/core/pod/resources';
import type { ResourceQuotaSpec } from '#api/types/core-v1';
import { KINDS } from '#api/kinds';
import { createEventRecorder } from '#client/event-recorder';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { aTemplate } from '#test/builders/workloads';
import { runController } from '../framework/run-controller.ts';
import { resourceQuota } from './controller.ts';

const namespace = 'default';

type Fixture = TestCluster & {
  used(name?: string): Promise<ResourceList | undefined>;
  limit(hard: ResourceList, spec?: ResourceQuotaSpec): Promise<void>;
  start(name: string, requests?: ResourceList): Promise<Pod>;
};

async function aFixture(): Promise<Fixture> {
  const cluster = await aCluster();
  const { client, world } = cluster;
  cluster.run(async (signal) => {
    const events = createEventRecorder({ ...cluster, signal, component: 'test' });
    await runController(resourceQuota(KINDS), { ...cluster, signal, events });
  });
  await world.settle();
  return Object.assign(cluster, {
    async used(name = 'team') {
      await world.advance(300);
      return (await client.get(ResourceQuota, { namespace, name })).status?.used;
    },
    async limit(hard: ResourceList, spec: ResourceQuotaSpec = {}) {
      await client.create(ResourceQuota, { metadata: { namespace, name: 'team' }, spec: { ...spec, hard } });
      await world.advance(600);
    },
    start: (name: string, requests: ResourceList = {}) =>
      client.create(Pod, {
        metadata: { namespace, name },
        spec: { containers: [{ name: 'web', image: 'nginx:1', resources: { requests } }] },
      }),
  });
}

const refused = (subject: string, why: string) => ({ reason: 'Forbidden', message: `${subject} is forbidden: ${why}` });

test('[QUO5] a new quota counts what is there, and what is made is charged with it', async () => {
  await using cluster = await aFixture();
  await cluster.start('a', { cpu: '1' });
  await cluster.limit({ pods: '10', 'requests.cpu': '3', 'count/configmaps': '1', 'limits.cpu': '5' });
  const quota = await cluster.client.get(ResourceQuota, { namespace, name: 'team' });
  assert.deepEqual(quota.status, {
    hard: { pods: '10', 'requests.cpu': '3', 'count/configmaps': '1', 'limits.cpu': '5' },
    used: { pods: '1', 'requests.cpu': '1', 'count/configmaps': '0', 'limits.cpu': '0' },
  });
  await cluster.client.create(ConfigMap, { metadata: { namespace, name: 'm' } });
  const charged = await cluster.client.get(ResourceQuota, { namespace, name: 'team' });
  assert.equal(charged.status?.used?.['count/configmaps'], '1');
});

test('[QUO6] what exceeds a quota is refused with what it wants, what is used and what is allowed', async () => {
  await using cluster = await aFixture();
  await cluster.limit({ pods: '2', 'requests.cpu': '1500m', 'requests.memory': '10Gi' });
  await cluster.start('a', { cpu: '1', memory: '1Gi' });
  await assert.rejects(
    cluster.start('b', { cpu: '1', memory: '1Gi' }),
    refused(
      'pods "b"',
      'exceeded quota: team, requested: requests.cpu=1, used: requests.cpu=1, limited: requests.cpu=1500m',
    ),
  );
  await assert.rejects(
    cluster.start('c'),
    refused('pods "c"', 'failed quota: team: must specify requests.cpu for: web; requests.memory for: web'),
  );
  assert.deepEqual(await cluster.used(), { pods: '1', 'requests.cpu': '1', 'requests.memory': '1Gi' });
});

test('[QUO7] of many writers that want the last of something one gets it, and who fails is charged nothing', async () => {
  await using cluster = await aFixture();
  await cluster.limit({ pods: '3' });
  const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd', 'e', 'a'].map((name) => cluster.start(name)));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected', 'rejected'],
  );
  assert.deepEqual(await cluster.used(), { pods: '3' });
  await cluster.client.delete(Pod, { namespace, name: 'c' });
  await cluster.used();
  await assert.rejects(cluster.start('a'), { reason: 'AlreadyExists' });
  assert.deepEqual(await cluster.used(), { pods: '2' });
});

test('[QUO8] a dry run is refused alike and charges nothing', async () => {
  await using cluster = await aFixture();
  await cluster.limit({ 'count/configmaps': '1' });
  const make = (name: string, dryRun: boolean) =>
    cluster.client.create(ConfigMap, { metadata: { namespace, name } }, { dryRun });
  await make('a', true);
  await make('b', false);
  await assert.rejects(
    make('c', true),
    refused(
      'configmaps "c"',
      'exceeded quota: team, requested: count/configmaps=1, used: count/configmaps=1, limited: count/configmaps=1',
    ),
  );
});

test('[QUO9] an update is charged with what it adds', async () => {
  await using cluster = await aFixture();
  const spec = { ports: [{ port: 80 }], selector: { app: 'web' } };
  const service = await cluster.client.create(Service, { metadata: { namespace, name: 'web' }, spec });
  await cluster.limit({ services: '1', 'services.nodeports': '1', 'services.loadbalancers': '0' });
  const balanced = { ...service, spec: { ...service.spec, type: 'LoadBalancer' } };
  await assert.rejects(
    cluster.client.update(Service, balanced),
    refused(
      'services "web"',
      'exceeded quota: team, requested: services.loadbalancers=1, used: services.loadbalancers=0, limited: services.loadbalancers=0',
    ),
  );
  await cluster.client.update(Service, { ...service, spec: { ...service.spec, type: 'NodePort' } });
  assert.deepEqual(await cluster.used(), { services: '1', 'services.nodeports': '1', 'services.loadbalancers': '0' });
});

test('[QUO10] what is deleted or has ended is given back', async () => {
  await using cluster = await aFixture();
  await cluster.limit({ pods: '5', 'count/pods': '5' });
  const [a] = [await cluster.start('a'), await cluster.start('b'), await cluster.start('c')];
  await cluster.client.update(Pod, { ...a, status: { ...a.status, phase: 'Succeeded' } }, { subresource: 'status' });
  await cluster.client.delete(Pod, { namespace, name: 'b' });
  assert.deepEqual(await cluster.used(), { pods: '1', 'count/pods': '2' });
});

test("[QUO11] other amounts hold from when they are counted, and a quota about other pods is in nobody else's way", async () => {
  await using cluster = await aFixture();
  await cluster.limit({ pods: '0' }, { scopes: ['Terminating'] });
  await cluster.start('a');
  assert.deepEqual(await cluster.used(), { pods: '0' });
  const quota = await cluster.client.get(ResourceQuota, { namespace, name: 'team' });
  const hard = { pods: '1', 'requests.cpu': '1' };
  await cluster.client.update(ResourceQuota, { ...quota, spec: { ...quota.spec, hard } });
  assert.deepEqual(await cluster.used(), { pods: '0', 'requests.cpu': '0' });
});

test('[QUO12] a quota that nobody has counted yet allows nothing of what it is about', async () => {
  await using cluster = await aCluster();
  const { client } = cluster;
  const made = await client.create(ResourceQuota, {
    metadata: { namespace, name: 'team' },
    spec: { hard: { 'count/configmaps': '5' } },
  });
  await client.update(
    ResourceQuota,
    { ...made, status: { hard: { 'count/configmaps': '5' } } },
    { subresource: 'status' },
  );
  await assert.rejects(
    client.create(ConfigMap, { metadata: { namespace, name: 'm' } }),
    refused('configmaps "m"', 'status unknown for quota: team, resources: count/configmaps'),
  );
});

test('[QUO13] kinds of any group are limited by their number', async () => {
  await using cluster = await aFixture();
  await cluster.limit({ 'count/deployments.apps': '0' });
  const spec = { selector: { matchLabels: { app: 'web' } }, template: aTemplate() };
  await assert.rejects(
    cluster.client.create(Deployment, { metadata: { namespace, name: 'web' }, spec }),
    refused(
      'deployments.apps "web"',
      'exceeded quota: team, requested: count/deployments.apps=1, used: count/deployments.apps=0, limited: count/deployments.apps=0',
    ),
  );
});

const METADATA = { namespace, name: 'it' };

test('[QUO14] the number of older kinds is limited under two names, goes up with each and down again', async () => {
  await using cluster = await aFixture();
  const { client } = cluster;
  const names = ['secrets', 'replicationcontrollers', 'count/secrets', 'count/replicasets.apps'] as const;
  await cluster.limit(Object.fromEntries(names.map((name) => [name, '1'])));
  const template = aTemplate();
  await client.create(Secret, { metadata: METADATA });
  await client.create(ReplicaSet, {
    metadata: METADATA,
    spec: { selector: { matchLabels: { app: 'web' } }, template },
  });
  await client.create(ReplicationController, { metadata: METADATA, spec: { replicas: 0, template } });
  const used = (count: string): ResourceList => Object.fromEntries(names.map((name) => [name, count]));
  assert.deepEqual(await cluster.used(), used('1'));
  await assert.rejects(
    client.create(Secret, { metadata: { namespace, name: 'more' } }),
    refused(
      'secrets "more"',
      'exceeded quota: team, requested: count/secrets=1,secrets=1, used: count/secrets=1,secrets=1, limited: count/secrets=1,secrets=1',
    ),
  );
  await client.delete(Secret, METADATA);
  await client.delete(ReplicaSet, METADATA, { propagationPolicy: 'Background' });
  await client.delete(ReplicationController, METADATA, { propagationPolicy: 'Background' });
  assert.deepEqual(await cluster.used(), used('0'));
});

test('[QUO15] pods of every quality and of every length of life are counted by the quotas that are about them', async () => {
  await using cluster = await aFixture();
  const { client, world } = cluster;
  const scopes = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating'];
  for (const scope of scopes) {
    const spec = { hard: { pods: '5' }, scopes: [scope] };
    await client.create(ResourceQuota, { metadata: { namespace, name: scope.toLowerCase() }, spec });
  }
  await world.advance(600);
  await cluster.start('calm');
  await cluster.start('busy', { cpu: '1' });
  const [container] = aTemplate().spec.containers;
  const spec = { containers: [container!], activeDeadlineSeconds: 60 };
  await client.create(Pod, { metadata: { namespace, name: 'brief' }, spec });
  const used = await Promise.all(scopes.map(async (scope) => (await cluster.used(scope.toLowerCase()))?.['pods']));
  assert.deepEqual(used, ['2', '1', '1', '2']);
});

test('[QUO16] a claim is charged with the storage it asks for, and a pod that is resized with what it gets more', async () => {
  await using cluster = await aFixture();
  const { client, handle, signal } = cluster;
  await cluster.limit({ 'requests.storage': '3Gi', 'requests.cpu': '2' });
  const claim = (storage: string) => ({
    metadata: METADATA,
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
  });
  await assert.rejects(
    client.create(PersistentVolumeClaim, claim('4Gi')),
    refused(
      'persistentvolumeclaims "it"',
      'exceeded quota: team, requested: requests.storage=4Gi, used: requests.storage=0, limited: requests.storage=3Gi',
    ),
  );
  await client.create(PersistentVolumeClaim, claim('2Gi'));
  const pod = await cluster.start('web', { cpu: '1' });
  const resize = async (cpu: string): Promise<unknown> => {
    const [container] = pod.spec.containers;
    const containers = [{ ...container!, resources: { requests: { cpu } } }];
    const body = { ...pod, spec: { ...pod.spec, containers } };
    const { group, version, plural } = Pod;
    const user = { name: 'tester', groups: ['system:masters'] };
    const target = { group, version, plural, subresource: 'resize', namespace, name: 'web' };
    return await handle({ ...target, verb: 'update', body, options: {}, user, signal });
  };
  await assert.rejects(
    resize('3'),
    refused(
      'pods "web"',
      'exceeded quota: team, requested: requests.cpu=2, used: requests.cpu=1, limited: requests.cpu=2',
    ),
  );
  await resize('1500m');
  assert.deepEqual(await cluster.used(), { 'requests.storage': '2Gi', 'requests.cpu': '1500m' });
});
