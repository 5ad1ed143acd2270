import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestOptions } from '#api/request';
import { aPipeline, type TestPipeline } from '#test/builders/pipeline';

const label = (pipeline: TestPipeline, name: string, labels: Record<string, string | null>) =>
  pipeline.ask({
    verb: 'patch',
    name,
    patchType: 'application/merge-patch+json',
    body: { metadata: { labels } },
  });

test('[REG50] a watch without a revision tells what there is, then what changes', async () => {
  await using pipeline = await aPipeline();
  await pipeline.create('a');
  const watch = await pipeline.watch();
  await pipeline.create('b');
  await label(pipeline, 'a', { x: 'y' });
  await pipeline.ask({ verb: 'delete', name: 'b' });
  await pipeline.world.settle();
  assert.deepEqual(watch.texts(), ['ADDED a@3', 'ADDED b@4', 'MODIFIED a@5', 'DELETED b@6']);
});

test('[REG51] a watch from a revision tells everything since and nothing before', async () => {
  await using pipeline = await aPipeline();
  await pipeline.create('a');
  const { resourceVersion } = await pipeline.list();
  await pipeline.create('b');
  await pipeline.ask({ verb: 'delete', name: 'a' });
  const watch = await pipeline.watch({ options: { resourceVersion } });
  await pipeline.world.settle();
  assert.deepEqual(watch.texts(), ['ADDED b@4', 'DELETED a@5']);
});

test('[REG52] objects that enter or leave the filter of a watch are added and deleted', async () => {
  await using pipeline = await aPipeline();
  const { resourceVersion } = await pipeline.list();
  const watch = await pipeline.watch({ options: { resourceVersion, labelSelector: 'tier=front' } });
  await pipeline.create('a');
  await label(pipeline, 'a', { tier: 'front' });
  await label(pipeline, 'a', { other: 'x' });
  await label(pipeline, 'a', { tier: 'back' });
  await pipeline.ask({ verb: 'delete', name: 'a' });
  await pipeline.world.settle();
  assert.deepEqual(watch.texts(), ['ADDED a@4', 'MODIFIED a@5', 'DELETED a@6']);
  assert.deepEqual(watch.events[2]?.object.metadata.labels, { tier: 'front', other: 'x' });
});

test('[REG53] a watch of one name or one namespace hears of nothing else', async () => {
  await using pipeline = await aPipeline();
  const { resourceVersion } = await pipeline.list();
  const options = { resourceVersion };
  const named = await pipeline.watch({ options, name: 'a' });
  const elsewhere = await pipeline.watch({ options, namespace: 'other' });
  const everywhere = await pipeline.watch({ options, namespace: undefined as never });
  await pipeline.create('a');
  await pipeline.create('ab');
  await pipeline.world.settle();
  assert.deepEqual(
    [named.texts(), elsewhere.texts(), everywhere.texts()],
    [['ADDED a@3'], [], ['ADDED a@3', 'ADDED ab@4']],
  );
});

test('[REG54] with sendInitialEvents a bookmark marks the end of what there was', async () => {
  await using pipeline = await aPipeline();
  await pipeline.create('a');
  const options: RequestOptions = {
    sendInitialEvents: true,
    allowWatchBookmarks: true,
    resourceVersionMatch: 'NotOlderThan',
    resourceVersion: '1',
  };
  const watch = await pipeline.watch({ options });
  await pipeline.create('b');
  await pipeline.world.settle();
  assert.deepEqual(watch.texts(), ['ADDED a@3', 'BOOKMARK @3', 'ADDED b@4']);
  assert.deepEqual(watch.events[1]?.object.metadata.annotations, { 'k8s.io/initial-events-end': 'true' });
  const without = await pipeline.watch({ options: { sendInitialEvents: false, resourceVersionMatch: 'NotOlderThan' } });
  await pipeline.create('c');
  await pipeline.world.settle();
  assert.deepEqual(without.texts(), ['ADDED c@5']);
});

test('[REG55] bookmarks come every minute, claim what other kinds have reached, and no later event is older', async () => {
  await using pipeline = await aPipeline();
  const { resourceVersion } = await pipeline.list();
  const options = { resourceVersion, allowWatchBookmarks: true };
  const watch = await pipeline.watch({ options });
  const quiet = await pipeline.watch({ options: { resourceVersion } });
  await pipeline.create('a');
  await pipeline.world.advance(60_000);
  await pipeline.ask({
    group: '',
    plural: 'namespaces',
    verb: 'create',
    namespace: undefined as never,
    body: { metadata: { name: 'n' }, spec: {} },
  });
  await pipeline.world.advance(60_000);
  await pipeline.create('b');
  await pipeline.world.settle();
  assert.deepEqual(watch.texts(), ['ADDED a@3', 'BOOKMARK @3', 'BOOKMARK @4', 'ADDED b@5']);
  assert.deepEqual(quiet.texts(), ['ADDED a@3', 'ADDED b@5']);
});

test('[REG56] a watch ends after timeoutSeconds with a last bookmark, and leaves no timer', async () => {
  await using pipeline = await aPipeline();
  const timersBefore = pipeline.world.pendingTimers();
  const watch = await pipeline.watch({ options: { timeoutSeconds: 5, allowWatchBookmarks: true } });
  await pipeline.create('a');
  await pipeline.world.advance(5000);
  await watch.ended;
  assert.deepEqual(watch.texts(), ['ADDED a@3', 'BOOKMARK @3']);
  assert.equal(pipeline.world.pendingTimers(), timersBefore);
});

test('[REG57] a watch ends when the client leaves', async () => {
  await using pipeline = await aPipeline();
  const leaving = new AbortController();
  const request = { verb: 'watch', options: {}, signal: leaving.signal } as const;
  const result = await pipeline.ask(request);
  assert.ok(result.type === 'watch');
  const ended = Array.fromAsync(result.events);
  leaving.abort();
  assert.deepEqual(await ended, []);
  assert.equal(pipeline.world.pendingTimers(), 0);
});

test('[REG58] a watch from a revision that is no longer known fails with Expired', async () => {
  await using pipeline = await aPipeline({ retainedEvents: 3 });
  for (const name of ['a', 'b', 'c', 'd', 'e']) await pipeline.create(name);
  await assert.rejects(pipeline.watch({ options: { resourceVersion: '2' } }), { reason: 'Expired', code: 410 });
  const watch = await pipeline.watch({ options: { resourceVersion: String(pipeline.store.compactedRevision) } });
  await pipeline.world.settle();
  assert.equal(watch.events.length, 3);
});

test('[REG59] a watch from a future revision waits three seconds for it, then fails', async () => {
  await using pipeline = await aPipeline();
  const waiting = assert.rejects(pipeline.watch({ options: { resourceVersion: '99' } }), { reason: 'Timeout' });
  await pipeline.world.advance(4000);
  await waiting;
});

test('[REG60] events replayed onto a list give a later list, in rising revisions, each change once', async () => {
  await using pipeline = await aPipeline();
  const started = await pipeline.list();
  const watch = await pipeline.watch({ options: { resourceVersion: started.resourceVersion } });
  const { random } = pipeline.world;
  for (let step = 0; step < 300; step++) {
    const name = `w${Math.floor(random() * 20)}`;
    const choice = random();
    const write =
      choice < 0.4
        ? pipeline.create(name)
        : choice < 0.7
          ? label(pipeline, name, { step: String(step) })
          : pipeline.ask({ verb: 'delete', name });
    await write.catch((error: { reason: string }) => assert.match(error.reason, /AlreadyExists|NotFound/));
  }
  await pipeline.world.settle();
  const replayed = new Map(started.items.map((item) => [item.metadata.name, item]));
  let last = 0;
  for (const { type, object } of watch.events) {
    const revision = Number(object.metadata.resourceVersion);
    assert.ok(revision > last, `${revision} after ${last}`);
    last = revision;
    if (type === 'DELETED') replayed.delete(object.metadata.name);
    else replayed.set(object.metadata.name, object as (typeof started.items)[number]);
  }
  const { items } = await pipeline.list();
  assert.deepEqual(
    items,
    [...replayed.values()].toSorted((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1)),
  );
});
