/** What a machine lacks to run containers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingParts } from './missing-parts.ts';

test('[CLI34] the hollow runtime lacks nothing anywhere', async () => {
  assert.deepEqual(await missingParts({ runtime: 'hollow' }), []);
});

test('[CLI34] containers need root', async () => {
  const missing = await missingParts({ runtime: 'cri' });
  assert.equal(missing.includes('root'), process.getuid?.() !== 0);
});
