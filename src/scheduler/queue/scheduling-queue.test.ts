/** When a waiting pod is tried. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '#api/core/pod';
import { type VirtualWorld, virtualWorld } from '#base/virtual-world';
import { aPod } from '#test/builders/workloads';
import { SchedulingQueue } from './scheduling-queue.ts';

// What happens is a name of a plugin: it helps those that this plugin refused.
const aQueue = (world: VirtualWorld = virtualWorld(), onActive = (): void => undefined) =>
  new SchedulingQueue<string>({
    world,
    onActive,
    helps: (plugin, event) => plugin === event,
    heldBackBy: ({ spec }) => ((spec.schedulingGates ?? []).length > 0 ? 'SchedulingGates' : undefined),
  });
type Queue = ReturnType<typeof aQueue>;

const pod = (name: string, spec: Partial<Pod['spec']> = {}) => aPod({ name, spec });
const names = (queue: Queue): (string | undefined)[] => {
  const popped: (string | undefined)[] = [];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) popped.push(next.metadata.name);
  return popped;
};
const refuse = (queue: Queue, name: string, ...plugins: readonly string[]): void =>
  queue.setAside(`uid-of-${name}`, new Set(plugins));

test('[SCH13] pods come out by priority, then in the order they came, each once', () => {
  using queue = aQueue();
  for (const each of [pod('a'), pod('b', { priority: 5 }), pod('c')]) queue.set(each);
  queue.set(pod('a'));
  queue.set(pod('gone'));
  queue.delete('uid-of-gone');
  assert.deepEqual(names(queue), ['b', 'a', 'c']);
});

test('[SCH13] a pod that was tried comes after those of its priority that wait longer', async () => {
  const world = virtualWorld();
  using queue = aQueue(world);
  for (const name of ['a', 'b']) queue.set(pod(name));
  queue.pop();
  queue.retry('uid-of-a');
  await world.advance(1000);
  assert.deepEqual(names(queue), ['b', 'a']);
});

test('[SCH14] a pod that was set aside comes back when something may help, not before its back-off', async () => {
  const world = virtualWorld();
  let activated = 0;
  using queue = aQueue(world, () => activated++);
  queue.set(pod('a'));
  queue.pop();
  refuse(queue, 'a', 'Fit', 'Taints');
  queue.wake('Ports');
  await world.advance(2000);
  assert.deepEqual(names(queue), []);
  queue.wake('Taints');
  assert.deepEqual(names(queue), ['a']);
  refuse(queue, 'a', 'Fit');
  queue.wake('Fit');
  await world.advance(1999);
  assert.deepEqual(names(queue), []);
  await world.advance(1);
  assert.deepEqual([names(queue), activated], [['a'], 3]);
});

test('[SCH14] a pod that nothing wakes is tried again after five minutes', async () => {
  const world = virtualWorld();
  using queue = aQueue(world);
  queue.set(pod('a'));
  queue.pop();
  refuse(queue, 'a');
  await world.advance(299_999);
  assert.deepEqual(names(queue), []);
  await world.advance(1);
  assert.deepEqual(names(queue), ['a']);
});

test('[SCH15] a pod whose binding failed comes back after its back-off, which doubles', async () => {
  const world = virtualWorld();
  using queue = aQueue(world);
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

test('[SCH16] a thousand events that help nobody wake nobody', async () => {
  const world = virtualWorld();
  let activated = 0;
  using queue = aQueue(world, () => activated++);
  for (let index = 0; index < 100; index++) queue.set(pod(`pod-${index}`));
  for (const name of names(queue)) refuse(queue, name ?? '', 'Fit');
  await world.advance(10_000);
  for (let index = 0; index < 1000; index++) queue.wake(`Other-${index % 10}`);
  assert.deepEqual([names(queue), activated], [[], 100]);
});

test('[SCH16] of pods of one kind, one is asked for all, and one that becomes another is asked for itself', async () => {
  const world = virtualWorld();
  const asked: string[] = [];
  using queue = new SchedulingQueue<string>({
    world,
    onActive: () => undefined,
    helps: (plugin, event, { metadata }) => (asked.push(metadata.name), plugin === event),
    ownChange: () => 'Own',
    kindOf: ({ metadata }) => metadata.labels?.['app'],
  });
  const labelled = (name: string, app: string) => aPod({ name, meta: { labels: { app } } });
  for (const name of ['a', 'b', 'c']) queue.set(labelled(name, 'web'));
  for (const name of names(queue)) refuse(queue, name ?? '', 'Fit');
  await world.advance(10_000);
  queue.wake('Other');
  assert.equal(asked.length, 1);
  queue.set(labelled('b', 'db'));
  asked.length = 0;
  queue.wake('Other');
  assert.deepEqual(asked.toSorted(), ['a', 'b']);
  queue.wake('Fit');
  assert.deepEqual(new Set(names(queue)), new Set(['a', 'b', 'c']));
});

test('[SCH17] what happens while a pod is tried is not lost on it', async () => {
  const world = virtualWorld();
  using queue = aQueue(world);
  for (const name of ['a', 'b', 'c']) queue.set(pod(name));
  queue.wake('Fit'); // before they were tried: known to them
  queue.pop();
  queue.wake('Ports');
  queue.pop();
  queue.wake('Fit');
  queue.pop();
  for (const name of ['a', 'b', 'c']) refuse(queue, name, name === 'b' ? 'Ports' : 'Fit');
  await world.advance(1000);
  assert.deepEqual(names(queue), ['a']);
});

test('[SCH18] a pod is not tried while a plugin holds it back, whatever happens, and is when it no longer does', async () => {
  const world = virtualWorld();
  using queue = aQueue(world);
  const gated = { schedulingGates: [{ name: 'example.com/wait' }] };
  queue.set(pod('a', gated));
  queue.wake('SchedulingGates');
  queue.activate(['uid-of-a']);
  await world.advance(600_000);
  assert.deepEqual([names(queue), queue.take('uid-of-a')], [[], undefined]);
  queue.set(pod('a', { schedulingGates: [] }));
  assert.deepEqual(names(queue), ['a']);
});

test('[SCH14] a pod that was set aside is tried again when its own spec or labels change, not when its status does', async () => {
  const world = virtualWorld();
  using queue = aQueue(world);
  const before = pod('a');
  queue.set(before);
  queue.pop();
  refuse(queue, 'a', 'Fit');
  await world.advance(1000);
  queue.set({ ...before, status: { phase: 'Pending' } });
  assert.deepEqual(names(queue), []);
  queue.set({ ...before, spec: { ...before.spec, tolerations: [] } });
  assert.deepEqual(names(queue), ['a']);
});

test('[SCH19] pods that belong together are taken out of turn, and brought back without a wait', async () => {
  const world = virtualWorld();
  using queue = aQueue(world);
  for (const name of ['a', 'b', 'c']) queue.set(pod(name));
  queue.pop();
  assert.equal(queue.take('uid-of-c')?.metadata.name, 'c');
  refuse(queue, 'a', 'Gang');
  refuse(queue, 'c', 'Gang');
  queue.activate(['uid-of-a', 'uid-of-c', 'uid-of-nobody']);
  assert.deepEqual(names(queue), ['b', 'a', 'c']);
  await world.advance(400_000);
  assert.deepEqual(names(queue), []);
});
