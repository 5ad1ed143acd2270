import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event } from '#api/core/event';
import { Pod } from '#api/core/pod';
import { CLAIM_FINALIZER } from '#api/resource/pod-claims';
import { ResourceClaim } from '#api/resource/resource-claim';
import { ResourceClaimTemplate } from '#api/resource/resource-claim-template';
import type { PodSpec } from '#api/types/core-v1';
import { createEventRecorder } from '#client/event-recorder';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { aMeta, aTemplate } from '#test/builders/workloads';
import { runController } from '../framework/run-controller.ts';
import { buildClaim } from './build-claim.ts';
import { resourceClaim } from './controller.ts';

const namespace = 'default';
const devices = { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }] };
const TEMPLATE = {
  metadata: { namespace, name: 'one-gpu' },
  spec: { metadata: { labels: { tier: 'gold' }, annotations: { a: 'b' } }, spec: { devices } },
};
const FROM_TEMPLATE = [{ name: 'gpu', resourceClaimTemplateName: 'one-gpu' }];
const SHARED = [{ name: 'gpu', resourceClaimName: 'shared' }];

async function aRunningCluster(): Promise<TestCluster> {
  const cluster = await aCluster();
  const events = createEventRecorder({ ...cluster, component: 'resource_claim' });
  cluster.run((signal) => runController(resourceClaim, { ...cluster, signal, events }));
  await cluster.world.settle();
  return cluster;
}

async function aPod({ client, world }: TestCluster, name: string, spec: Partial<PodSpec>): Promise<Pod> {
  const pod = await client.create(Pod, { metadata: { namespace, name }, spec: { ...aTemplate().spec, ...spec } });
  await world.advance(1_000);
  return pod;
}

/** As the scheduler does it for a pod. */
async function allocate({ client, world }: TestCluster, name: string, pods: readonly Pod[]): Promise<void> {
  const claim = await client.get(ResourceClaim, { namespace, name });
  const { finalizers = [] } = claim.metadata;
  const metadata = { ...claim.metadata, finalizers: [...finalizers, CLAIM_FINALIZER] };
  const held = await client.update(ResourceClaim, { ...claim, metadata });
  const result = { request: 'gpu', driver: 'd.example', pool: 'n1', device: 'gpu-0' };
  const reservedFor = pods.map(({ metadata: { name: pod, uid } }) => ({ resource: 'pods', name: pod, uid }));
  const status = { allocation: { devices: { results: [result] } }, reservedFor };
  await client.update(ResourceClaim, { ...held, status }, { subresource: 'status' });
  await world.advance(1_000);
}

async function end({ client, world }: TestCluster, name: string): Promise<void> {
  const pod = await client.get(Pod, { namespace, name });
  await client.update(Pod, { ...pod, status: { ...pod.status, phase: 'Succeeded' } }, { subresource: 'status' });
  await world.advance(1_000);
}

const claimsOf = async ({ client }: TestCluster): Promise<readonly ResourceClaim[]> =>
  (await client.list(ResourceClaim, { namespace })).items;

test('[DRA20] a pod gets a claim of its own from a template, and learns its name', async () => {
  await using cluster = await aRunningCluster();
  await cluster.client.create(ResourceClaimTemplate, TEMPLATE);
  const pod = await aPod(cluster, 'web', { resourceClaims: FROM_TEMPLATE });
  const [claim, ...others] = await claimsOf(cluster);
  assert.deepEqual(others, []);
  const { name = '', labels, annotations, ownerReferences } = claim?.metadata ?? {};
  assert.match(name, /^web-gpu-[a-z0-9]{5}$/);
  assert.deepEqual(
    { labels, annotations, owner: ownerReferences?.map(({ uid, controller }) => [uid, controller]) },
    {
      labels: { tier: 'gold' },
      annotations: { a: 'b', 'resource.kubernetes.io/pod-claim-name': 'gpu' },
      owner: [[pod.metadata.uid, true]],
    },
  );
  assert.equal(claim?.spec.devices?.requests?.[0]?.exactly?.count, 1);
  const { status } = await cluster.client.get(Pod, { namespace, name: 'web' });
  assert.deepEqual(status?.resourceClaimStatuses, [{ name: 'gpu', resourceClaimName: name }]);
});

test('[DRA21] without its template a pod waits and is told of it; a claim that is lost is made anew', async () => {
  await using cluster = await aRunningCluster();
  const { client, world } = cluster;
  await aPod(cluster, 'web', { resourceClaims: FROM_TEMPLATE });
  const [event] = (await client.list(Event, { namespace })).items;
  assert.deepEqual(
    [event?.reason, event?.message],
    [
      'FailedResourceClaimCreation',
      'PodResourceClaim gpu: resource claim template "one-gpu": resourceclaimtemplate.resource.k8s.io "one-gpu" not found',
    ],
  );
  await client.create(ResourceClaimTemplate, TEMPLATE);
  await world.advance(1_000);
  const [first] = await claimsOf(cluster);
  assert.ok(first !== undefined);
  await client.delete(ResourceClaim, { namespace, name: first.metadata.name });
  await world.advance(1_000);
  const [second, ...others] = await claimsOf(cluster);
  const { status } = await client.get(Pod, { namespace, name: 'web' });
  assert.deepEqual(others, []);
  assert.notEqual(second?.metadata.uid, first.metadata.uid);
  assert.deepEqual(status?.resourceClaimStatuses, [{ name: 'gpu', resourceClaimName: second?.metadata.name }]);
});

test('[DRA22] a claim loses the users that are done, and gives its devices back with the last of them', async () => {
  await using cluster = await aRunningCluster();
  const { client, world } = cluster;
  await client.create(ResourceClaim, { metadata: { namespace, name: 'shared' }, spec: { devices } });
  const one = await aPod(cluster, 'one', { resourceClaims: SHARED });
  const two = await aPod(cluster, 'two', { resourceClaims: SHARED });
  await allocate(cluster, 'shared', [one, two]);
  const look = async (): Promise<readonly unknown[]> => {
    const { metadata, status } = await client.get(ResourceClaim, { namespace, name: 'shared' });
    return [status?.reservedFor?.map(({ name }) => name), status?.allocation !== undefined, metadata.finalizers];
  };
  assert.deepEqual(await look(), [['one', 'two'], true, [CLAIM_FINALIZER]]);
  await end(cluster, 'one');
  assert.deepEqual(await look(), [['two'], true, [CLAIM_FINALIZER]]);
  await client.delete(Pod, { namespace, name: 'two' }, { gracePeriodSeconds: 0 });
  await world.advance(1_000);
  assert.deepEqual(await look(), [undefined, false, undefined]);
});

test('[DRA23] a claim that was made for a pod goes when the pod is done; one that is deleted waits for its users', async () => {
  await using cluster = await aRunningCluster();
  const { client, world } = cluster;
  await client.create(ResourceClaimTemplate, TEMPLATE);
  const pod = await aPod(cluster, 'web', { resourceClaims: FROM_TEMPLATE });
  const [claim] = await claimsOf(cluster);
  await allocate(cluster, claim?.metadata.name ?? '', [pod]);
  await client.delete(ResourceClaim, { namespace, name: claim?.metadata.name ?? '' });
  await world.advance(1_000);
  assert.equal((await claimsOf(cluster)).length, 1);
  await end(cluster, 'web');
  assert.deepEqual(await claimsOf(cluster), []);
  await aPod(cluster, 'short', { resourceClaims: FROM_TEMPLATE });
  assert.equal((await claimsOf(cluster)).length, 1);
  await end(cluster, 'short');
  assert.deepEqual(await claimsOf(cluster), []);
});

test('[DRA24] a pod that runs without having been scheduled by us is entered in its claim', async () => {
  await using cluster = await aRunningCluster();
  await cluster.client.create(ResourceClaim, { metadata: { namespace, name: 'shared' }, spec: { devices } });
  await allocate(cluster, 'shared', []);
  const pod = await aPod(cluster, 'web', { resourceClaims: SHARED, nodeName: 'n1' });
  const { status } = await cluster.client.get(ResourceClaim, { namespace, name: 'shared' });
  assert.deepEqual(status?.reservedFor, [{ resource: 'pods', name: 'web', uid: pod.metadata.uid }]);
});

test('[DRA20] long names of pod and claim both stay recognisable', () => {
  const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: aMeta('p'.repeat(80)), spec: aTemplate().spec };
  const template = { apiVersion: 'v1', kind: 'T', ...TEMPLATE, metadata: aMeta('one-gpu') };
  const { generateName = '' } = buildClaim(pod, { name: 'c'.repeat(20) }, template).metadata;
  assert.match(generateName, /^p{20,}-c{5,}$/);
  assert.ok(generateName.length <= 58);
});
