import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncQueue } from './async-queue.ts';

async function drain<T>(queue: AsyncQueue<T>): Promise<readonly T[]> {
  const taken: T[] = [];
  for await (const item of queue) taken.push(item);
  return taken;
}

test('[BAS20] a queue delivers in order, before and after its consumer came', async () => {
  const queue = new AsyncQueue<number>();
  for (let item = 0; item < 5000; item++) queue.push(item);
  const draining = drain(queue);
  await Promise.resolve();
  for (let item = 5000; item < 6000; item++) queue.push(item);
  queue.end();
  assert.deepEqual(
    await draining,
    Array.from({ length: 6000 }, (_, item) => item),
  );

  const waiting = new AsyncQueue<string>();
  const first = waiting.next();
  assert.equal(waiting.push('late'), true);
  assert.deepEqual(await first, { done: false, value: 'late' });
});

test('[BAS20] what waits is taken at once, and nothing where nothing waits', async () => {
  const queue = new AsyncQueue<string>();
  assert.equal(queue.takeNow(), undefined);
  queue.push('a');
  queue.push('b');
  queue.end();
  assert.deepEqual([queue.takeNow(), await drain(queue), queue.takeNow()], ['a', ['b'], undefined]);
});

test('[BAS21] a full queue refuses and keeps what it has', async () => {
  const queue = new AsyncQueue<string>(2);
  assert.deepEqual([queue.push('a'), queue.push('b'), queue.push('c')], [true, true, false]);
  assert.equal(queue.size, 2);
  await queue.next();
  assert.equal(queue.push('d'), true);
  queue.end();
  assert.deepEqual(await drain(queue), ['b', 'd']);
});

test('[BAS22] an ended queue delivers the rest and accepts nothing', async () => {
  const ended = new AsyncQueue<string>();
  ended.push('a');
  ended.end();
  assert.deepEqual([ended.push('b'), ended.ended], [false, true]);
  assert.deepEqual(await drain(ended), ['a']);

  const failed = new AsyncQueue<string>();
  failed.push('a');
  failed.fail(new Error('cut'));
  failed.fail(new Error('again'));
  assert.deepEqual(await failed.next(), { done: false, value: 'a' });
  await assert.rejects(failed.next(), /cut/);
  assert.deepEqual(await failed.next(), { done: true, value: undefined });

  const waited = new AsyncQueue<string>();
  const pending = [waited.next(), waited.next()] as const;
  waited.fail(new Error('cut'));
  await assert.rejects(pending[0], /cut/);
  assert.deepEqual(await pending[1], { done: true, value: undefined });
});

test('[BAS23] a consumer that leaves ends the queue', async () => {
  const queue = new AsyncQueue<number>();
  queue.push(1);
  queue.push(2);
  for await (const item of queue) {
    assert.equal(item, 1);
    break;
  }
  assert.deepEqual([queue.size, queue.ended, queue.push(3)], [0, true, false]);
  const owned = new AsyncQueue<number>();
  {
    await using inner = owned;
    inner.push(1);
  }
  assert.deepEqual([owned.size, owned.ended], [0, true]);
});
