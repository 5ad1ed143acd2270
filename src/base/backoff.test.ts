import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from './backoff.ts';

test('[BAS25] the delay doubles from the base up to the cap', () => {
  const policy = { baseMs: 10_000, capMs: 300_000 };
  const delays = [0, 1, 2, 3, 5, 6, 5000].map((failures) => backoffMs(failures, policy, () => 0.5));
  assert.deepEqual(delays, [0, 10_000, 20_000, 40_000, 160_000, 300_000, 300_000]);
});

test('[BAS25] jitter only shortens, and another factor grows otherwise', () => {
  const policy = { baseMs: 100, capMs: 1000, factor: 3, jitter: 0.5 };
  assert.equal(
    backoffMs(2, policy, () => 0),
    300,
  );
  assert.equal(
    backoffMs(2, policy, () => 0.5),
    225,
  );
  assert.equal(
    backoffMs(9, policy, () => 1),
    500,
  );
});
