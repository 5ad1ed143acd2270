import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualWorld } from '#base/virtual-world';
import { beforeDeadline, limitOf } from './deadline.ts';

test('[SRV30] a request may take a minute, or less if its client says so', () => {
  assert.deepEqual(
    [null, '', '0s', '-5s', '32s', '1m30s', '250ms'].map(limitOf),
    [60_000, 60_000, 60_000, 60_000, 32_000, 60_000, 250],
  );
  assert.throws(() => limitOf('soon'), {
    reason: 'BadRequest',
    message: 'invalid timeout specified in the request URL - time: invalid duration "soon"',
  });
});

test('[SRV31] a request that takes too long is 504, and leaves no timer when it does not', async () => {
  const { clock, advance, pendingTimers } = virtualWorld();
  assert.equal(await beforeDeadline(Promise.resolve('done'), 1000, clock), 'done');
  await assert.rejects(beforeDeadline(Promise.reject(new RangeError('no')), 1000, clock), RangeError);
  const never = assert.rejects(beforeDeadline(new Promise(() => undefined), 1000, clock), {
    reason: 'Timeout',
    code: 504,
    message: 'Timeout: request did not complete within the allotted timeout',
  });
  await advance(1000);
  await never;
  assert.equal(pendingTimers(), 0);
});
