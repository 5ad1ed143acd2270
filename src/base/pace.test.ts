import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from './pace.ts';

test('[BAS27] after a burst each further step waits its turn, and rest brings the burst back', () => {
  let nowMs = 1_000;
  const pace = new Pace({ now: () => nowMs }, { burst: 3, everyMs: 100 });
  const steps = (count: number): readonly number[] => Array.from({ length: count }, () => pace.next());
  assert.deepEqual(steps(5), [0, 0, 0, 100, 100]);
  nowMs += 40;
  assert.deepEqual(steps(1), [60]);
  nowMs += 60;
  assert.deepEqual(steps(2), [0, 100]);
  nowMs -= 500;
  assert.deepEqual(steps(1), [100]);
  nowMs += 10_000;
  assert.deepEqual(steps(4), [0, 0, 0, 100]);
});
