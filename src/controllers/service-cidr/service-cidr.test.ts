import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Service } from '#api/core/service';
import { isApiError } from '#api/errors';
import type { IPAddress } from '#api/networking/ip-address';
import { ServiceCIDR } from '#api/networking/service-cidr';
import { createEventRecorder } from '#client/event-recorder';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { aMeta } from '#test/builders/workloads';
import { runController } from '../framework/run-controller.ts';
import { serviceCidr } from './controller.ts';
import { mayGo } from './plan.ts';

const aRange = (name: string, ...cidrs: readonly string[]): ServiceCIDR => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: aMeta(name),
  spec: { cidrs },
});

const OURS = { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' };
const anAddress = (name: string, labels = OURS): Pick<IPAddress, 'metadata'> => ({ metadata: aMeta(name, { labels }) });

test('[NKD16] a range may go when every address that services have of it is in another', () => {
  const small = aRange('small', '198.18.1.0/24');
  const used = [anAddress('198.18.1.9')];
  assert.equal(mayGo(small, [small], []), true);
  assert.equal(mayGo(small, [small], used), false);
  assert.equal(mayGo(small, [small, aRange('same', '198.18.1.0/24')], used), true);
  assert.equal(mayGo(small, [small, aRange('part', '198.18.1.0/28')], used), true);
  assert.equal(mayGo(small, [small, aRange('part', '198.18.1.0/29')], used), false);
  assert.equal(mayGo(small, [small], [anAddress('198.18.1.9', {} as typeof OURS)]), true);
  assert.equal(mayGo(small, [small], [anAddress('198.18.2.9')]), true);
  const both = aRange('both', '198.18.1.0/24', '2001:db8::/64');
  assert.equal(mayGo(both, [both, aRange('wide', '198.18.0.0/16')], [anAddress('2001:db8::9')]), false);
});

type Seen = readonly [finalizers: readonly string[], ...condition: readonly (string | undefined)[]];

async function seen({ client }: TestCluster, name: string): Promise<Seen | 'gone'> {
  try {
    const { metadata, status } = await client.get(ServiceCIDR, { name });
    const [ready] = status?.conditions ?? [];
    return [metadata.finalizers ?? [], ready?.type, ready?.status, ready?.reason, ready?.message];
  } catch (error) {
    if (isApiError(error, 'NotFound')) return 'gone';
    throw error;
  }
}

const FINALIZERS = ['networking.k8s.io/service-cidr-finalizer'];

test('[NKD17] a range becomes ready, and one that is deleted stays until no service needs it', async () => {
  await using cluster = await aCluster();
  const { client, world } = cluster;
  cluster.run(async (signal) => {
    const events = createEventRecorder({ ...cluster, signal, component: 'service-cidr-controller' });
    await runController(serviceCidr, { ...cluster, signal, events });
  });
  await client.create(ServiceCIDR, { metadata: { name: 'more' }, spec: { cidrs: ['198.18.1.0/24'] } });
  await world.advance(1_000);
  assert.deepEqual(await seen(cluster, 'more'), [FINALIZERS, 'Ready', 'True', '', 'Kubernetes Service CIDR is ready']);
  const web = { name: 'web', namespace: 'default' };
  await client.create(Service, { metadata: web, spec: { clusterIP: '198.18.1.9', ports: [{ port: 80 }] } } as never);
  await client.delete(ServiceCIDR, { name: 'more' });
  await world.advance(20_000);
  const why = 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR';
  assert.deepEqual(await seen(cluster, 'more'), [FINALIZERS, 'Ready', 'False', 'Terminating', why]);
  await client.delete(Service, web);
  await world.advance(1_000);
  assert.equal(await seen(cluster, 'more'), 'gone');
});

test('[NKD17] a range that nobody needs goes ten seconds after it was deleted', async () => {
  await using cluster = await aCluster();
  const { client, world } = cluster;
  cluster.run(async (signal) => {
    const events = createEventRecorder({ ...cluster, signal, component: 'service-cidr-controller' });
    await runController(serviceCidr, { ...cluster, signal, events });
  });
  await client.create(ServiceCIDR, { metadata: { name: 'more' }, spec: { cidrs: ['198.18.1.0/24'] } });
  await world.advance(1_000);
  await client.delete(ServiceCIDR, { name: 'more' });
  await world.advance(8_000);
  assert.notEqual(await seen(cluster, 'more'), 'gone');
  await world.advance(3_000);
  assert.equal(await seen(cluster, 'more'), 'gone');
});
