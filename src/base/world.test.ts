import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { virtualWorld } from './virtual-world.ts';
import { systemWorld } from './world.ts';

test('[BAS1] a system timer fires once, later, unless it was disposed', async () => {
  const { clock } = systemWorld();
  const fired: string[] = [];
  const cancelled = clock.setTimer(0, () => fired.push('cancelled'));
  const kept = Promise.withResolvers<void>();
  clock.setTimer(0, () => {
    fired.push('kept');
    kept.resolve();
  });
  cancelled[Symbol.dispose]();
  assert.deepEqual(fired, []);
  await kept.promise;
  assert.deepEqual(fired, ['kept']);
});

test('[BAS2] a system sleep ends with the reason of its signal', async () => {
  const { clock } = systemWorld();
  const reason = new Error('enough');
  await assert.rejects(clock.sleep(60_000, AbortSignal.abort(reason)), reason);
  const controller = new AbortController();
  const sleeping = clock.sleep(60_000, controller.signal);
  controller.abort(reason);
  await assert.rejects(sleeping, reason);
  await clock.sleep(0);
});

test('[BAS7] a delay of more than 32 bits is waited for in full', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const [delayMs, longestMs] = [30 * 86_400_000, 2 ** 31 - 1];
    let fired = 0;
    systemWorld().clock.setTimer(delayMs, () => fired++);
    mock.timers.tick(longestMs);
    mock.timers.tick(delayMs - longestMs - 1);
    assert.equal(fired, 0);
    mock.timers.tick(1);
    assert.equal(fired, 1);
  } finally {
    mock.timers.reset();
  }
});

test('[BAS5] the system world gives numbers in [0, 1) and new ids', () => {
  const world = systemWorld();
  const drawn = Array.from({ length: 100 }, () => world.random());
  assert.ok(drawn.every((number) => number >= 0 && number < 1));
  assert.notEqual(world.newId(), world.newId());
  assert.ok(Math.abs(world.clock.now() - Date.now()) < 60_000);
});

test('[BAS40] who waits for the next turn goes on after what was ready; on virtual time there is nothing to wait for', async () => {
  const order: string[] = [];
  setImmediate(() => order.push('ready'));
  const { clock } = systemWorld();
  const wait = async (): Promise<void> => {
    await clock.nextTurn();
    order.push('waited');
  };
  await Promise.all([wait(), wait()]);
  assert.deepEqual(order, ['ready', 'waited', 'waited']);
  assert.equal(virtualWorld().clock.nextTurn(), undefined);
});
