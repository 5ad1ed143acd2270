import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualWorld } from './virtual-world.ts';

test('[BAS3] timers fire in the order they fall due, then in the order they were set', async () => {
  const world = virtualWorld({ startMs: 1000 });
  const fired: string[] = [];
  const note = (name: string) => () => fired.push(`${name}@${world.clock.now()}`);
  world.clock.setTimer(20, note('c'));
  world.clock.setTimer(10, note('a'));
  world.clock.setTimer(10, note('b'));
  world.clock.setTimer(31, note('late'));
  await world.advance(30);
  assert.deepEqual(fired, ['a@1010', 'b@1010', 'c@1020']);
  assert.equal(world.clock.now(), 1030);
  assert.equal(world.pendingTimers(), 1);
});

test('[BAS1] a virtual timer is never synchronous, and a disposed one does not fire', async () => {
  const world = virtualWorld();
  let fired = 0;
  world.clock.setTimer(-5, () => fired++);
  const cancelled = world.clock.setTimer(0, () => fired++);
  cancelled[Symbol.dispose]();
  cancelled[Symbol.dispose]();
  assert.equal(fired, 0);
  assert.equal(world.pendingTimers(), 1);
  await world.advance(0);
  assert.equal(fired, 1);
  assert.equal(world.pendingTimers(), 0);
});

test('[BAS4] a timer sees what the one before it set off', async () => {
  const world = virtualWorld();
  const seen: string[] = [];
  const slow = async (): Promise<void> => {
    for (let step = 0; step < 50; step++) await Promise.resolve();
    await new Promise(setImmediate);
    seen.push('effect');
  };
  world.clock.setTimer(1, () => void slow());
  world.clock.setTimer(1, () => seen.push('next'));
  await world.advance(1);
  assert.deepEqual(seen, ['effect', 'next']);
});

test('[BAS9] where effects are promises alone, a timer sees those of the one before it, and the event loop has its turn at last', async () => {
  const world = virtualWorld({ effects: 'promises' });
  const seen: string[] = [];
  const slow = async (): Promise<void> => {
    for (let step = 0; step < 500; step++) await Promise.resolve();
    await new Promise<void>((resolve) => queueMicrotask(resolve));
    seen.push('effect');
    setImmediate(() => seen.push('turn'));
  };
  world.clock.setTimer(1, () => void slow());
  world.clock.setTimer(1, () => seen.push('next'));
  await world.advance(1);
  assert.deepEqual(seen, ['effect', 'next', 'turn']);
});

test('[BAS2] a virtual sleep ends in time, or with the reason of its signal and no timer left', async () => {
  const world = virtualWorld();
  const reason = new Error('enough');
  await assert.rejects(world.clock.sleep(10, AbortSignal.abort(reason)), reason);
  const controller = new AbortController();
  const sleeping = world.clock.sleep(10, controller.signal);
  controller.abort(reason);
  await assert.rejects(sleeping, reason);
  assert.equal(world.pendingTimers(), 0);
  const inTime = world.clock.sleep(10, new AbortController().signal);
  await world.advance(10);
  await inTime;
});

test('[BAS5] one seed gives one future, another seed another', () => {
  const future = (seed: number): readonly unknown[] => {
    const world = virtualWorld({ seed });
    return [...Array.from({ length: 20 }, () => world.random()), world.newId(), world.newId()];
  };
  assert.deepEqual(future(7), future(7));
  assert.notDeepEqual(future(7), future(8));
  const world = virtualWorld({ seed: 7 });
  const drawn = Array.from({ length: 10_000 }, () => world.random());
  assert.ok(drawn.every((number) => number >= 0 && number < 1));
  const mean = drawn.reduce((sum, number) => sum + number, 0) / drawn.length;
  assert.ok(Math.abs(mean - 0.5) < 0.02, `mean is ${mean}`);
  assert.match(world.newId(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('[BAS6] running until something that never comes ends with an error', async () => {
  const world = virtualWorld();
  const again = (): void => void world.clock.setTimer(1000, again);
  again();
  await assert.rejects(
    world.runUntilIdle(10_000),
    /Cannot reach the awaited state: 1 timers are pending after 10000 virtual ms/,
  );
  await assert.rejects(
    world.runUntil(() => false, 10_000),
    /1 timers are pending/,
  );
});

test('[BAS3] running until idle or until a state jumps over the waiting', async () => {
  const world = virtualWorld({ startMs: 0 });
  let steps = 0;
  const chain = async (): Promise<void> => {
    for (; steps < 5; steps++) await world.clock.sleep(1000);
  };
  const running = chain();
  await world.runUntil(() => steps === 2);
  assert.equal(world.clock.now(), 2000);
  await world.runUntilIdle();
  await running;
  assert.deepEqual({ steps, now: world.clock.now() }, { steps: 5, now: 5000 });
});
