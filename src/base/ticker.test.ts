import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ticks } from './ticker.ts';
import { virtualWorld } from './virtual-world.ts';

test('[BAS15] ticks come once an interval until the signal aborts', async () => {
  const world = virtualWorld({ startMs: 0 });
  const ending = new AbortController();
  const times: number[] = [];
  const loop = (async () => {
    for await (const now of ticks(10, { world, signal: ending.signal })) times.push(now);
  })();
  await world.advance(35);
  assert.deepEqual(times, [10, 20, 30]);
  ending.abort();
  await loop;
  assert.equal(world.pendingTimers(), 0);
});

test('[BAS16] a slow loop misses ticks and keeps the rhythm', async () => {
  const world = virtualWorld({ startMs: 0 });
  const ending = new AbortController();
  const times: number[] = [];
  const loop = (async () => {
    for await (const now of ticks(10, { world, signal: ending.signal })) {
      times.push(now);
      if (times.length === 1) await world.clock.sleep(25);
    }
  })();
  await world.advance(50);
  assert.deepEqual(times, [10, 40, 50]);
  ending.abort();
  await loop;
});

test('[BAS17] ticks survive a clock that was set back', async () => {
  const world = virtualWorld({ startMs: 1_000_000 });
  let setBackMs = 0;
  const clock = { ...timersOf(world), now: () => world.clock.now() - setBackMs };
  const ending = new AbortController();
  let count = 0;
  const loop = (async () => {
    for await (const _now of ticks(10, { world: { clock }, signal: ending.signal })) count++;
  })();
  await world.advance(10);
  setBackMs = 500_000;
  await world.advance(30);
  assert.ok(count >= 3, `${count} ticks`);
  ending.abort();
  await loop;
});

function timersOf({ clock }: ReturnType<typeof virtualWorld>): Omit<typeof clock, 'now'> {
  return {
    setTimer: (delayMs, fire) => clock.setTimer(delayMs, fire),
    sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
    nextTurn: () => clock.nextTurn(),
  };
}
