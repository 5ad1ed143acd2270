import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap } from '#api/core/config-map';
import { Event } from '#api/core/event';
import { ApiError } from '#api/errors';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import type { Client } from './client.ts';
import { EventCorrelator } from './event-correlator.ts';
import { createEventRecorder, type EventRecorder, type Report } from './event-recorder.ts';

const namespace = 'default';

async function aRecorder(cluster: TestCluster): Promise<{ readonly events: EventRecorder; readonly about: ConfigMap }> {
  const events = createEventRecorder({ ...cluster, component: 'tester', host: 'node-1' });
  return { events, about: await cluster.client.create(ConfigMap, { metadata: { namespace, name: 'a' } }) };
}

const aReport = (message: string): Report => ({ type: 'Warning', reason: 'BackOff', message });

async function written({ client, world }: TestCluster): Promise<readonly Event[]> {
  await world.settle();
  const { items } = await client.list(Event, { namespace });
  return items.toSorted((left, right) => (left.message ?? '').localeCompare(right.message ?? ''));
}

test('[CLT50] a report becomes an event about its object', async () => {
  await using cluster = await aCluster();
  const { events, about } = await aRecorder(cluster);
  events.report(about, aReport('it failed'), 'data{size}');
  const [event] = await written(cluster);
  const { uid, resourceVersion } = about.metadata;
  assert.deepEqual(event?.involvedObject, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace,
    name: 'a',
    uid,
    resourceVersion,
    fieldPath: 'data{size}',
  });
  assert.deepEqual([event.type, event.reason, event.message, event.count], ['Warning', 'BackOff', 'it failed', 1]);
  assert.deepEqual(event.source, { component: 'tester', host: 'node-1' });
  assert.match(event.metadata.name, /^a\.[0-9a-f]+$/);
});

test('[CLT51] a repeat counts up and moves the last time only', async () => {
  await using cluster = await aCluster();
  const { events, about } = await aRecorder(cluster);
  events.report(about, aReport('it failed'));
  await cluster.world.advance(5000);
  events.report(about, aReport('it failed'));
  events.report(about, aReport('it failed'));
  const all = await written(cluster);
  assert.deepEqual(
    all.map(({ count, firstTimestamp, lastTimestamp }) => [count, firstTimestamp, lastTimestamp]),
    [[3, '2026-01-01T00:00:00Z', '2026-01-01T00:00:05Z']],
  );
});

test('[CLT51] a repeat of an event that has expired meanwhile starts a new one', async () => {
  await using cluster = await aCluster();
  const { events, about } = await aRecorder(cluster);
  events.report(about, aReport('it failed'));
  const [first] = await written(cluster);
  await cluster.client.delete(Event, { namespace, name: first?.metadata.name ?? '' });
  events.report(about, aReport('it failed'));
  assert.deepEqual(
    (await written(cluster)).map(({ count }) => count),
    [1],
  );
});

test('[CLT52] ten alike within ten minutes become one that counts', async () => {
  await using cluster = await aCluster();
  const { events, about } = await aRecorder(cluster);
  for (let number = 0; number < 12; number++) events.report(about, aReport(`failure ${number}`));
  const all = await written(cluster);
  const combined = all.filter(({ message }) => message?.startsWith('(combined from similar events): '));
  assert.deepEqual([all.length, combined.map(({ count }) => count)], [10, [3]]);
});

test('[CLT53] about one object 25 events may be written at once, then one every five minutes', async () => {
  await using cluster = await aCluster();
  const { events, about } = await aRecorder(cluster);
  for (let number = 0; number < 40; number++) events.report(about, aReport('it failed'));
  const [event] = await written(cluster);
  assert.equal(event?.count, 25);
  await cluster.world.advance(300_000);
  for (let number = 0; number < 5; number++) events.report(about, aReport('it failed'));
  assert.equal((await written(cluster))[0]?.count, 26);
});

test('[CLT54] a server that is away for a while costs no event and begins no second series', async () => {
  await using cluster = await aCluster();
  let down = false;
  const away = new ApiError('ServiceUnavailable', 'down');
  const guarded = <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      if (down) throw away;
      return await call(...args);
    };
  };
  const { create, patch } = cluster.client;
  const client: Client = {
    ...cluster.client,
    create: guarded(create) as Client['create'],
    patch: guarded(patch) as Client['patch'],
  };
  const events = createEventRecorder({ ...cluster, client, component: 'tester' });
  const about = await create(ConfigMap, { metadata: { namespace, name: 'a' } });
  events.report(about, aReport('it failed'));
  await cluster.world.settle();
  down = true;
  events.report(about, aReport('it failed'));
  events.report(about, aReport('it failed otherwise'));
  await cluster.world.advance(35_000);
  down = false;
  await cluster.world.advance(30_000);
  events.report(about, aReport('it failed'));
  const all = (await written(cluster)).map(({ message, count }) => [message, count]);
  assert.deepEqual(all, [
    ['it failed', 3],
    ['it failed otherwise', 1],
  ]);
});

test('[CLT56] what is reported in one moment is listed in its order', async () => {
  await using cluster = await aCluster();
  const { events, about } = await aRecorder(cluster);
  const expected = Array.from({ length: 9 }, (_, number) => `step ${number}`);
  for (const message of expected) events.report(about, aReport(message));
  await cluster.world.settle();
  const { items } = await cluster.client.list(Event, { namespace });
  assert.deepEqual(
    items.map(({ message }) => message),
    expected,
  );
});

test('[CLT55] what is told after it happened stands where it belongs in a list', async () => {
  await using cluster = await aCluster();
  const { client, world } = cluster;
  const { events, about } = await aRecorder(cluster);
  for (let round = 0; round < 20; round++) {
    const decidedMs = world.clock.now();
    await world.advance(1);
    events.report(about, aReport(`${round} what followed`));
    events.report(about, { ...aReport(`${round} the decision`), atMs: decidedMs });
    await world.advance(600_000);
  }
  const { items } = await client.list(Event, { namespace });
  const expected = Array.from({ length: 20 }, (_, round) => [`${round} the decision`, `${round} what followed`]).flat();
  assert.deepEqual(
    items.map(({ message }) => message),
    expected,
  );
});

test('[CLT57] recorders that remember together count up their own events only', async () => {
  await using cluster = await aCluster();
  const correlator = new EventCorrelator(2);
  const recorders = ['node-1', 'node-2'].map((host) =>
    createEventRecorder({ ...cluster, component: 'tester', host, correlator }),
  );
  const about = await cluster.client.create(ConfigMap, { metadata: { namespace, name: 'a' } });
  for (let round = 0; round < 40; round++) {
    for (const recorder of recorders) recorder.report(about, aReport('it failed'));
  }
  const all = (await written(cluster)).map(({ source, count }) => [source?.host, count]);
  assert.equal(all.length, 2);
  assert.deepEqual(Object.fromEntries(all), { 'node-1': 25, 'node-2': 25 });
});

test('[CLT57] what happened to many other objects since is no longer remembered', async () => {
  await using cluster = await aCluster();
  const shared = { ...cluster, component: 'tester', correlator: new EventCorrelator(2) };
  const [one, other] = [createEventRecorder({ ...shared, host: 'a' }), createEventRecorder({ ...shared, host: 'b' })];
  const names = ['a', 'b', 'c', 'd', 'e'];
  const abouts = await Promise.all(
    names.map((name) => cluster.client.create(ConfigMap, { metadata: { namespace, name } })),
  );
  const [first] = abouts;
  assert.ok(first);
  one.report(first, aReport('first'));
  await cluster.world.settle();
  for (const about of abouts.slice(1)) other.report(about, aReport('then'));
  await cluster.world.settle();
  one.report(first, aReport('first'));
  const counts = (await written(cluster)).filter(({ message }) => message === 'first').map(({ count }) => count);
  assert.deepEqual(counts, [1, 1]);
});
