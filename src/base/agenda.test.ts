import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agenda } from './agenda.ts';
import { seededRandom } from './seeded-random.ts';

test('[BAS3] whatever is added and cancelled meanwhile, entries come by time, and at one moment in the order they were added', () => {
  const random = seededRandom(5);
  const agenda = new Agenda();
  const waiting: { readonly dueMs: number; readonly number: number; readonly cancel: () => void }[] = [];
  const taken: number[] = [];
  let nowMs = 0;
  const add = (number: number): void => {
    const dueMs = nowMs + Math.floor(random() * 40) / 2;
    const timer = agenda.add(dueMs, () => taken.push(number));
    waiting.push({ dueMs, number, cancel: () => timer[Symbol.dispose]() });
  };
  const expected: number[] = [];
  for (let step = 0; step < 5_000; step++) {
    for (let more = random() * 4; more > 1; more--) add(step * 10 + Math.floor(more));
    if (random() < 0.3) waiting.splice(Math.floor(random() * waiting.length), 1)[0]?.cancel();
    const least = waiting.toSorted((left, right) => left.dueMs - right.dueMs)[0];
    const untilMs = nowMs + 5;
    if (least !== undefined && least.dueMs <= untilMs) {
      waiting.splice(waiting.indexOf(least), 1);
      expected.push(least.number);
      nowMs = least.dueMs;
    }
    agenda.next(untilMs)?.fire();
    assert.equal(agenda.size, waiting.length);
  }
  assert.ok(expected.length > 1_000, `${expected.length} entries were taken`);
  assert.deepEqual(taken, expected);
});
