import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { virtualWorld } from '#base/virtual-world';
import { systemWorld } from '#base/world';
import { WorkQueue } from './work-queue.ts';

const never = (): AbortSignal => new AbortController().signal;

test('[CLT30] a key waits once, and keys come in the order they were added', async () => {
  using queue = new WorkQueue(virtualWorld());
  for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
  const taken = [await queue.take(never()), await queue.take(never()), await queue.take(never())];
  assert.deepEqual({ taken, left: queue.size }, { taken: ['a', 'b', 'c'], left: 0 });
});

test('[CLT31] a key that is added while it is worked on comes back when that work is done', async () => {
  using queue = new WorkQueue(virtualWorld());
  queue.add('a');
  await queue.take(never());
  queue.add('a');
  queue.add('a');
  assert.equal(queue.size, 0);
  queue.done('a');
  assert.equal(queue.size, 1);
  assert.equal(await queue.take(never()), 'a');
  queue.done('a');
  assert.equal(queue.idle, true);
});

test('[CLT31] a worker that waits gets the key that comes back', async () => {
  using queue = new WorkQueue(virtualWorld());
  queue.add('a');
  await queue.take(never());
  const waiting = queue.take(never());
  queue.add('a');
  queue.done('a');
  assert.equal(await waiting, 'a');
});

test('[CLT35] a key that its own work brings back over and over pauses, and others get their turn', async () => {
  const world = virtualWorld();
  using queue = new WorkQueue(world);
  queue.add('a');
  let laps = 0;
  for (; queue.size > 0 && laps < 1_000; laps++) {
    const key = (await queue.take(never())) ?? '';
    queue.add(key);
    queue.done(key);
  }
  assert.deepEqual([laps, queue.idle], [101, false]);
  await world.advance(100);
  assert.equal(queue.size, 1);
});

test('[CLT36] keys that need no work leave others their turns', async () => {
  using queue = new WorkQueue(systemWorld());
  for (let key = 0; key < 200; key++) queue.add(`${key}`);
  let turns = 0;
  let next = setImmediate(function count() {
    turns++;
    next = setImmediate(count);
  });
  while (queue.size > 0) queue.done((await queue.take(never())) ?? '');
  clearImmediate(next);
  assert.ok(turns >= 3, `${turns} turns`);
});

test('[CLT32] of several delays for a key the earliest counts', async () => {
  const world = virtualWorld();
  using queue = new WorkQueue(world);
  queue.addAfter('a', 100);
  queue.addAfter('a', 50);
  queue.addAfter('a', 200);
  await world.advance(49);
  assert.equal(queue.size, 0);
  await world.advance(1);
  assert.equal(queue.size, 1);
  await world.advance(1000);
  assert.deepEqual({ size: queue.size, timers: world.pendingTimers() }, { size: 1, timers: 0 });
});

test('[CLT33] the delay of a failing key doubles from 5 ms to 1000 s, and starts anew once it is forgotten', async () => {
  const world = virtualWorld();
  using queue = new WorkQueue(world);
  const delays: number[] = [];
  for (let failure = 0; failure < 20; failure++) {
    const startedMs = world.clock.now();
    queue.retry('a');
    await world.runUntil(() => queue.size === 1);
    delays.push(world.clock.now() - startedMs);
    queue.done((await queue.take(never())) ?? '');
  }
  assert.deepEqual(delays.slice(0, 4), [5, 10, 20, 40]);
  assert.deepEqual(delays.slice(-3), [655_360, 1_000_000, 1_000_000]);
  queue.forget('a');
  queue.retry('a');
  await world.advance(5);
  assert.equal(queue.size, 1);
});

test('[CLT34] an ended queue and an aborted signal give nothing, and leave no timer', async () => {
  const world = virtualWorld();
  const queue = new WorkQueue(world);
  const ending = new AbortController();
  const left = queue.take(ending.signal);
  ending.abort();
  assert.equal(await left, undefined);
  const waiting = queue.take(never());
  queue.addAfter('a', 10);
  queue[Symbol.dispose]();
  queue.add('b');
  queue.addAfter('c', 1);
  assert.deepEqual([await waiting, await queue.take(never()), world.pendingTimers()], [undefined, undefined, 0]);
});

test('[CLT30] whatever happens, no key is worked on twice at once and none is lost', async () => {
  const step = fc.tuple(fc.constantFrom('add', 'take', 'done'), fc.constantFrom('a', 'b', 'c'));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      using queue = new WorkQueue(virtualWorld());
      const working = new Set<string>();
      const owed = new Set<string>();
      for (const [act, key] of steps) {
        if (act === 'add') {
          queue.add(key);
          owed.add(key);
        } else if (act === 'done' && working.delete(key)) queue.done(key);
        else if (act === 'take' && queue.size > 0) {
          const taken = (await queue.take(never())) ?? '';
          assert.ok(!working.has(taken) && owed.delete(taken));
          working.add(taken);
        }
      }
      for (const key of working) queue.done(key);
      assert.equal(queue.size, owed.size);
    }),
  );
});
