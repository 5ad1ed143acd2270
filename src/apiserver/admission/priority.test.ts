import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '#api/core/pod';
import { PriorityClass } from '#api/scheduling/priority-class';
import type { PodSpec } from '#api/types/core-v1';
import { deepFreeze } from '#base/deep-freeze';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { ensurePriorityClasses } from '../bootstrap.ts';

const namespace = 'default';
const CONTAINERS = [{ name: 'web', image: 'nginx:1' }];

const start = ({ client }: TestCluster, name: string, spec: Partial<PodSpec> = {}): Promise<Pod> =>
  client.create(Pod, { metadata: { namespace, name }, spec: { containers: CONTAINERS, ...spec } });
const define = ({ client }: TestCluster, name: string, fields: Partial<PriorityClass>): Promise<PriorityClass> =>
  client.create(PriorityClass, { metadata: { name }, ...fields });
const priorityOf = ({ spec }: Pod) => [spec.priorityClassName, spec.priority, spec.preemptionPolicy];
const refused = (subject: string, why: string) => ({ reason: 'Forbidden', message: `${subject} is forbidden: ${why}` });

test('[ADM20] a pod has the priority of the class it names, of the default class, or none', async () => {
  await using cluster = await aCluster();
  assert.deepEqual(priorityOf(await start(cluster, 'a')), [undefined, 0, 'PreemptLowerPriority']);
  await define(cluster, 'low', { value: 5, globalDefault: true, preemptionPolicy: 'Never' });
  await define(cluster, 'high', { value: 100 });
  assert.deepEqual(priorityOf(await start(cluster, 'b')), ['low', 5, 'Never']);
  const high = await start(cluster, 'c', { priorityClassName: 'high' });
  assert.deepEqual(priorityOf(high), ['high', 100, 'PreemptLowerPriority']);
  const { priority: _, preemptionPolicy: _policy, ...spec } = high.spec;
  const updated = await cluster.client.update(Pod, {
    ...high,
    spec,
    metadata: { ...high.metadata, labels: { a: 'b' } },
  });
  assert.deepEqual(priorityOf(updated), priorityOf(high));
});

test('[ADM21] a pod that names no class there is, or another priority than that of its class, is refused', async () => {
  await using cluster = await aCluster();
  await define(cluster, 'high', { value: 100 });
  await assert.rejects(
    start(cluster, 'a', { priorityClassName: 'gone' }),
    refused('pods "a"', 'no PriorityClass with name gone was found'),
  );
  const computed = 'must not be provided in pod spec; priority admission controller computed';
  await assert.rejects(
    start(cluster, 'b', { priorityClassName: 'high', priority: 7 }),
    refused('pods "b"', `the integer value of priority (7) ${computed} 100 from the given PriorityClass name`),
  );
  await assert.rejects(
    start(cluster, 'c', { preemptionPolicy: 'Never' }),
    refused(
      'pods "c"',
      `the string value of PreemptionPolicy (Never) ${computed} PreemptLowerPriority from the given PriorityClass name`,
    ),
  );
});

test('[ADM22] one class is the default', async () => {
  await using cluster = await aCluster();
  const low = await define(cluster, 'low', { value: 5, globalDefault: true });
  const why = 'PriorityClass low is already marked as default. Only one default can exist';
  const subject = 'priorityclasses.scheduling.k8s.io "other"';
  await assert.rejects(define(cluster, 'other', { value: 6, globalDefault: true }), refused(subject, why));
  const other = await define(cluster, 'other', { value: 6 });
  await assert.rejects(cluster.client.update(PriorityClass, { ...other, globalDefault: true }), refused(subject, why));
  await cluster.client.update(PriorityClass, { ...low, description: 'the usual' });
});

test('[ADM23] every cluster has the classes of the system, which cannot be deleted', async () => {
  await using cluster = await aCluster();
  await ensurePriorityClasses(cluster);
  await ensurePriorityClasses(cluster);
  const { items } = await cluster.client.list(PriorityClass);
  assert.deepEqual(
    items.map(({ metadata, value }) => [metadata.name, value]),
    [
      ['system-cluster-critical', 2_000_000_000],
      ['system-node-critical', 2_000_001_000],
    ],
  );
  await assert.rejects(
    cluster.client.delete(PriorityClass, { name: 'system-node-critical' }),
    refused(
      'priorityclasses.scheduling.k8s.io "system-node-critical"',
      'this is a system priority class and cannot be deleted',
    ),
  );
});

test('[ADM24] pods that share a spec share the one with their priority', async () => {
  await using cluster = await aCluster();
  await define(cluster, 'high', { value: 100 });
  const containers = deepFreeze([...CONTAINERS]);
  const spec = deepFreeze({ containers, priorityClassName: 'high' });
  const make = (name: string) => cluster.client.create(Pod, { metadata: { namespace, name }, spec });
  const [left, right] = [await make('left'), await make('right')];
  assert.equal(left.spec, right.spec);
});
