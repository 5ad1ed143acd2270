import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '#api/core/pod';
import { ApiError } from '#api/errors';
import type { Client } from '#client/client';
import type { ContainerStatus } from '#api/types/core-v1';
import { aCluster } from '#test/builders/cluster';
import { StatusWriter } from './status-writer.ts';

const REF = { namespace: 'default', name: 'web-1' };
const SPEC = { nodeName: 'node-1', containers: [{ name: 'web', image: 'nginx:1' }] };

test('[NOD158] the status of a pod that is gone, or whose name another has, is written to nobody', async () => {
  await using cluster = await aCluster();
  const create = (): Promise<Pod> => cluster.client.create(Pod, { metadata: REF, spec: SPEC });
  for (const replace of [async () => undefined, create]) {
    const pod = await create();
    await cluster.client.delete(Pod, REF, { gracePeriodSeconds: 0 });
    await replace();
    let updates = 0;
    const update: Client['update'] = (...args) => {
      if (++updates > 3) throw new Error('too often'); // a writer that never gives up would not let the test end
      return cluster.client.update(...args);
    };
    let gone = 0;
    const agent = { world: cluster.world, logger: cluster.logger, client: { ...cluster.client, update } };
    const owner = { written: () => assert.fail('written'), gone: () => void gone++ };
    const writer = new StatusWriter(pod, { agent, signal: cluster.signal }, owner);
    writer.want({ phase: 'Running' });
    await cluster.world.advance(60_000);
    assert.deepEqual({ updates, gone, settled: writer.settled }, { updates: 1, gone: 1, settled: true });
  }
});

test('[NOD159] a status that was taken although its answer got lost is told as written', async () => {
  await using cluster = await aCluster();
  const pod = await cluster.client.create(Pod, { metadata: REF, spec: SPEC });
  const { client, world, logger, signal } = cluster;
  const written: string[] = [];
  const update: Client['update'] = async (...args) => {
    writer.observe((await client.update(...args)) as unknown as Pod); // the watch is faster
    throw new ApiError('ServiceUnavailable', 'the connection was lost');
  };
  const owner = {
    written: ({ status }: Pod) => void written.push(status?.phase ?? ''),
    gone: () => assert.fail('gone'),
  };
  const agent = { world, logger, client: { ...client, update } };
  const writer: StatusWriter = new StatusWriter(pod, { agent, signal }, owner);
  writer.want({ ...pod.status, phase: 'Succeeded' });
  await world.advance(60_000);
  assert.deepEqual({ written, settled: writer.settled }, { written: ['Succeeded'], settled: true });
});

test('[NOD159] a status that is never taken, or undone each time, is written again after pauses only', async () => {
  await using cluster = await aCluster();
  const pod = await cluster.client.create(Pod, { metadata: REF, spec: SPEC });
  const { client, world, logger, signal } = cluster;
  let updates = 0;
  const writerWith = (update: Client['update'], written: (pod: Pod) => void = () => undefined): StatusWriter => {
    const agent = { world, logger, client: { ...client, update } };
    return new StatusWriter(pod, { agent, signal }, { written, gone: () => assert.fail('gone') });
  };
  const limit = (): void => {
    if (++updates > 1_000) throw new TypeError('without a pause'); // or the test would never end
  };
  const refused = writerWith(async () => {
    limit();
    throw new ApiError('Conflict', 'somebody was faster');
  });
  refused.want({ phase: 'Running' });
  await world.settle();
  assert.equal(updates, 4);
  await world.advance(60_000);
  assert.ok(updates < 20, `${updates} tries in a minute`);
  refused.stop();
  updates = 0;
  const undone = writerWith(
    async (...args) => {
      limit();
      return await client.update(...args);
    },
    (written) => {
      undone.observe({ ...written, status: { phase: 'Failed' } });
      undone.want({ phase: 'Running' });
    },
  );
  undone.want({ phase: 'Running' });
  await world.settle();
  assert.equal(updates, 20);
  await world.advance(10_000);
  assert.ok(updates <= 80, `${updates} writes in ten seconds`);
  undone.stop();
});

test('[NOD159b] that a pod is on its way is told together with what follows within a second, or alone after it', async () => {
  await using cluster = await aCluster();
  const pod = await cluster.client.create(Pod, { metadata: REF, spec: SPEC });
  const { client, world, logger, signal } = cluster;
  const written: unknown[] = [];
  const owner = {
    written: ({ status }: Pod) => void written.push([status?.phase, status?.podIP]),
    gone: () => assert.fail('gone'),
  };
  const writer = new StatusWriter(pod, { agent: { world, logger, client }, signal }, owner);
  const waiting = (reason: string): readonly ContainerStatus[] => [
    { name: 'web', state: { waiting: { reason } }, ready: false, restartCount: 0, image: 'nginx:1', imageID: '' },
  ];
  const startTime = '2026-01-02T00:00:00Z';
  const begun = { ...pod.status, phase: 'Pending', startTime, containerStatuses: waiting('ContainerCreating') };
  const withSandbox = { ...begun, podIP: '198.18.0.7', podIPs: [{ ip: '198.18.0.7' }] };
  writer.want(begun);
  await world.advance(100);
  writer.want(withSandbox);
  await world.advance(500);
  assert.deepEqual([written, writer.settled], [[], false]);
  writer.want({ ...withSandbox, phase: 'Running' });
  await world.settle();
  assert.deepEqual(written, [['Running', '198.18.0.7']]);
  writer.want(begun);
  await world.settle();
  assert.deepEqual(written[1], ['Pending', undefined]);
  writer.want(withSandbox);
  await world.advance(999);
  assert.equal(written.length, 2);
  await world.advance(1);
  assert.deepEqual([written[2], writer.settled], [['Pending', '198.18.0.7'], true]);
  writer.want({ ...begun, containerStatuses: waiting('ErrImagePull') });
  await world.settle();
  assert.equal(written.length, 4);
});
