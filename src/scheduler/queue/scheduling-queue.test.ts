/** When a waiting pod is tried. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualWorld } from '#base/virtual-world';
import { aPod } from '#test/builders/workloads';
import { SchedulingQueue } from './scheduling-queue.ts';

const pod = (name: string, priority = 0) => aPod({ name, spec: { priority } });
const names = (queue: SchedulingQueue): (string | undefined)[] => {
  const popped: (string | undefined)[] = [];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) popped.push(next.metadata.name);
  return popped;
};

test('[SCH13] pods come out by priority, then in the order they came, each once', () => {
  using queue = new SchedulingQueue(virtualWorld(), () => undefined);
  for (const each of [pod('a'), pod('b', 5), pod('c')]) queue.set(each);
  queue.set(pod('a'));
  queue.set(pod('gone'));
  queue.delete('uid-of-gone');
  assert.deepEqual(names(queue), ['b', 'a', 'c']);
});

test('[SCH14] a pod that was set aside comes back when something may help, not before its back-off', async () => {
  const world = virtualWorld();
  let activated = 0;
  using queue = new SchedulingQueue(world, () => activated++);
  queue.set(pod('a'));
  queue.pop();
  queue.setAside('uid-of-a');
  queue.wake(() => false);
  await world.advance(2000);
  assert.deepEqual(names(queue), []);
  queue.wake(() => true);
  assert.deepEqual(names(queue), ['a']);
  queue.setAside('uid-of-a');
  queue.wake(() => true);
  await world.advance(1999);
  assert.deepEqual(names(queue), []);
  await world.advance(1);
  assert.deepEqual([names(queue), activated], [['a'], 3]);
});

test('[SCH14] a pod that nothing wakes is tried again after five minutes', async () => {
  const world = virtualWorld();
  using queue = new SchedulingQueue(world, () => undefined);
  queue.set(pod('a'));
  queue.pop();
  queue.setAside('uid-of-a');
  await world.advance(300_000);
  assert.deepEqual(names(queue), ['a']);
});

test('[SCH15] a pod whose binding failed comes back after its back-off, which doubles', async () => {
  const world = virtualWorld();
  using queue = new SchedulingQueue(world, () => undefined);
  queue.set(pod('a'));
  for (const waitMs of [1000, 2000, 4000, 8000, 10_000, 10_000]) {
    queue.pop();
    queue.retry('uid-of-a');
    await world.advance(waitMs - 1);
    assert.deepEqual(names(queue), []);
    await world.advance(1);
  }
  assert.equal(world.pendingTimers(), 0);
});
