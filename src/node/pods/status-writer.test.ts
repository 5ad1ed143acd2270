import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '#api/core/pod';
import { ApiError } from '#api/errors';
import type { Client } from '#client/client';
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
    const writer = new StatusWriter(pod, {
      agent: { world: cluster.world, logger: cluster.logger, client: { ...cluster.client, update } },
      signal: cluster.signal,
      onWritten: () => assert.fail('written'),
      onGone: () => gone++,
    });
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
  const writer: StatusWriter = new StatusWriter(pod, {
    agent: { world, logger, client: { ...client, update } },
    signal,
    onWritten: ({ status }) => written.push(status?.phase ?? ''),
    onGone: () => assert.fail('gone'),
  });
  writer.want({ ...pod.status, phase: 'Succeeded' });
  await world.advance(60_000);
  assert.deepEqual({ written, settled: writer.settled }, { written: ['Succeeded'], settled: true });
});

test('[NOD159] a status that is never taken, or undone each time, is written again after pauses only', async () => {
  await using cluster = await aCluster();
  const pod = await cluster.client.create(Pod, { metadata: REF, spec: SPEC });
  const { client, world, logger, signal } = cluster;
  let updates = 0;
  const writerWith = (update: Client['update'], onWritten: (pod: Pod) => void = () => undefined): StatusWriter =>
    new StatusWriter(pod, {
      agent: { world, logger, client: { ...client, update } },
      signal,
      onWritten,
      onGone: () => assert.fail('gone'),
    });
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

test('[NOD159b] that a sandbox has come up is told together with what follows within a second, or alone after it', async () => {
  await using cluster = await aCluster();
  const pod = await cluster.client.create(Pod, { metadata: REF, spec: SPEC });
  const { client, world, logger, signal } = cluster;
  const written: unknown[] = [];
  const writer = new StatusWriter(pod, {
    agent: { world, logger, client },
    signal,
    onWritten: ({ status }) => written.push([status?.phase, status?.podIP]),
    onGone: () => assert.fail('gone'),
  });
  const begun = { ...pod.status, phase: 'Pending', startTime: '2026-01-02T00:00:00Z' };
  const withSandbox = { ...begun, podIP: '198.18.0.7', podIPs: [{ ip: '198.18.0.7' }] };
  writer.want(begun);
  await world.advance(100);
  writer.want(withSandbox);
  await world.advance(500);
  writer.want({ ...withSandbox, phase: 'Running' });
  await world.advance(5_000);
  assert.deepEqual(written, [
    ['Pending', undefined],
    ['Running', '198.18.0.7'],
  ]);
  writer.want(begun);
  await world.advance(5_000);
  writer.want(withSandbox);
  await world.advance(500);
  const early = written.length;
  await world.advance(600);
  assert.deepEqual([early, written.length, writer.settled], [3, 4, true]);
});
