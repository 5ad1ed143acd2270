import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { Gate } from './gate.ts';

const signal = new AbortController().signal;

test('[BAS28] so many are in at once, and the others enter in the order in which they came', async () => {
  const gate = new Gate(3);
  const entered: number[] = [];
  let inside = 0;
  let most = 0;
  const visit = async (visitor: number): Promise<void> => {
    using _place = await gate.enter(signal);
    entered.push(visitor);
    most = Math.max(most, ++inside);
    await turn();
    inside--;
  };
  const visitors = Array.from({ length: 5000 }, (_, visitor) => visitor);
  await Promise.all(visitors.map(visit));
  assert.deepEqual([entered, most], [visitors, 3]);
});

test('[BAS29] who waits no longer takes no place; who comes when it is over is not let in', async () => {
  const gate = new Gate(1);
  const first = await gate.enter(signal);
  const ending = new AbortController();
  const second = gate.enter(ending.signal);
  const third = gate.enter(signal);
  ending.abort(new Error('over'));
  await assert.rejects(second, /over/);
  await assert.rejects(gate.enter(ending.signal), /over/);
  first[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  (await gate.enter(signal))[Symbol.dispose]();
});
