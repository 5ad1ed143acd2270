import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LimitRange } from '#api/core/limit-range';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { Pod } from '#api/core/pod';
import type { Container, LimitRangeItem } from '#api/types/core-v1';
import { deepFreeze } from '#base/deep-freeze';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { aMeta } from '#test/builders/workloads';
import { claimViolations } from './check-bounds.ts';

async function withLimits(...limits: readonly LimitRangeItem[]): Promise<TestCluster> {
  const cluster = await aCluster();
  await cluster.client.create(LimitRange, { metadata: { name: 'bounds', namespace: 'default' }, spec: { limits } });
  return cluster;
}

const aContainer = (name: string, resources: Container['resources'] = {}): Container => ({
  name,
  image: 'nginx:1',
  resources,
});

const start = (
  { client }: TestCluster,
  containers: readonly Container[],
  initContainers: readonly Container[] = [],
): Promise<Pod> =>
  client.create(Pod, { metadata: { name: 'web', namespace: 'default' }, spec: { containers, initContainers } });

const refusal = (why: string) => ({ reason: 'Forbidden', message: `pods "web" is forbidden: ${why}` });

test('[ADM10] containers that say nothing get the defaults of their namespace, and an annotation says which', async () => {
  await using cluster = await withLimits({
    type: 'Container',
    default: { cpu: '500m', memory: '512Mi' },
    defaultRequest: { cpu: '250m' },
  });
  const own = aContainer('own', { requests: { cpu: '100m', memory: '1Mi' }, limits: { cpu: '1', memory: '2Mi' } });
  const pod = await start(cluster, [aContainer('a'), own], [aContainer('i')]);
  const filled = { limits: { cpu: '500m', memory: '512Mi' }, requests: { cpu: '250m', memory: '512Mi' } };
  assert.deepEqual(
    [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(({ resources }) => resources),
    [filled, own.resources, filled],
  );
  assert.equal(
    pod.metadata.annotations?.['kubernetes.io/limit-ranger'],
    'LimitRanger plugin set: cpu, memory request for container a; cpu, memory limit for container a; ' +
      'cpu, memory request for init container i; cpu, memory limit for init container i',
  );
});

test('[ADM11] pods that share a spec share what a limit range makes of it', async () => {
  await using cluster = await withLimits({ type: 'Container', default: { cpu: '500m' } });
  const spec = deepFreeze({ containers: [aContainer('a')] });
  const make = (name: string) => cluster.client.create(Pod, { metadata: { name, namespace: 'default' }, spec });
  const [left, right] = [await make('left'), await make('right')];
  assert.equal(left.spec.containers, right.spec.containers);
});

test('[ADM12] a container that asks for less or may use more than the range says is refused with every reason', async () => {
  await using cluster = await withLimits({
    type: 'Container',
    min: { cpu: '100m' },
    max: { cpu: '1', memory: '1Gi' },
    maxLimitRequestRatio: { cpu: '4' },
  });
  const resources = { requests: { cpu: '50m', memory: '1Gi' }, limits: { cpu: '2', memory: '1Gi' } };
  await assert.rejects(
    start(cluster, [aContainer('a', resources), aContainer('b', resources)]),
    refusal(
      '[minimum cpu usage per Container is 100m, but request is 50m, ' +
        'maximum cpu usage per Container is 1, but limit is 2, ' +
        'cpu max limit to request ratio per Container is 4, but provided ratio is 40.000000]',
    ),
  );
});

test('[ADM13] a pod is held to the sum of its containers; who has no request or limit cannot keep a bound', async () => {
  await using cluster = await withLimits({ type: 'Pod', max: { cpu: '2' }, min: { memory: '64Mi' } });
  const resources = { requests: { cpu: '1500m', memory: '1Gi' }, limits: { cpu: '1500m', memory: '1Gi' } };
  await assert.rejects(
    start(cluster, [aContainer('a', resources), aContainer('b', resources)]),
    refusal('maximum cpu usage per Pod is 2, but limit is 3'),
  );
  await assert.rejects(
    start(cluster, [aContainer('a')]),
    refusal(
      '[minimum memory usage per Pod is 64Mi.  No request is specified, maximum cpu usage per Pod is 2.  No limit is specified]',
    ),
  );
  assert.equal((await start(cluster, [aContainer('a', resources)])).metadata.name, 'web');
});

test('[ADM14] a claim asks for storage within the bounds of its namespace', () => {
  const range: LimitRange = {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: aMeta('bounds'),
    spec: { limits: [{ type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '10Gi' } }] },
  };
  const of = (requests?: Readonly<Record<string, string>>): readonly string[] => {
    const spec = { resources: requests === undefined ? {} : { requests } };
    const claim: PersistentVolumeClaim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: aMeta('c'),
      spec,
    };
    return claimViolations(range, claim);
  };
  assert.deepEqual(of({ storage: '5Gi' }), []);
  assert.deepEqual(of({ storage: '1Mi' }), [
    'minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi',
  ]);
  assert.deepEqual(of({ storage: '20Gi' }), [
    'maximum storage usage per PersistentVolumeClaim is 10Gi, but request is 20Gi',
  ]);
  assert.deepEqual(of(), [
    'minimum storage usage per PersistentVolumeClaim is 1Gi.  No request is specified',
    'maximum storage usage per PersistentVolumeClaim is 10Gi.  No request is specified',
  ]);
});

test('[ADM15] what a pod is resized to and what a claim asks for is within the bounds too', async () => {
  await using cluster = await withLimits(
    { type: 'Container', max: { cpu: '1' } },
    { type: 'PersistentVolumeClaim', max: { storage: '1Gi' } },
  );
  const { client, handle, signal } = cluster;
  const pod = await start(cluster, [aContainer('a', { requests: { cpu: '1' }, limits: { cpu: '1' } })]);
  const containers = [{ ...pod.spec.containers[0]!, resources: { requests: { cpu: '2' }, limits: { cpu: '2' } } }];
  const body = { ...pod, spec: { ...pod.spec, containers } };
  const { group, version, plural } = Pod;
  const user = { name: 'tester', groups: ['system:masters'] };
  const target = { group, version, plural, subresource: 'resize', namespace: 'default', name: 'web' };
  await assert.rejects(
    handle({ ...target, verb: 'update', body, options: {}, user, signal }),
    refusal('maximum cpu usage per Container is 1, but limit is 2'),
  );
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } };
  await assert.rejects(client.create(PersistentVolumeClaim, { metadata: { namespace: 'default', name: 'c' }, spec }), {
    message:
      'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi',
  });
});
