import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerHash } from './container-hash.ts';

test('[NOD12] a definition has the same hash in every version of the agent', () => {
  assert.deepEqual(
    ['nginx:1', 'nginx:2', 'größe:1', ''].map((image) => containerHash({ name: 'web', image })),
    ['49819f64', '4c81a41d', '7f44e841', '84c3d843'],
  );
});
