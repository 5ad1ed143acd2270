import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '#api/apps/deployment';
import { ConfigMap } from '#api/core/config-map';
import { Pod } from '#api/core/pod';
import { ResourceQuota } from '#api/core/resource-quota';
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
