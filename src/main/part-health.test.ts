import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PartHealth } from './part-health.ts';

test('[CST2] a part is well from its start to its end, and tells why it is not', async () => {
  const health = new PartHealth('scheduler');
  assert.throws(health.check, { message: 'not started' });
  const { promise, resolve } = Promise.withResolvers<void>();
  const running = health.run(() => promise);
  health.check();
  resolve();
  await running;
  assert.throws(health.check, { message: 'ended' });
  const failing = health.run(() => Promise.reject(new Error('no memory')));
  await assert.rejects(failing, { message: 'no memory' });
  assert.throws(health.check, { message: 'failed: no memory' });
});
