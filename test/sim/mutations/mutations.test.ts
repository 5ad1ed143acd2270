import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findMutation } from './find-mutation.ts';
import { MUTATIONS } from './mutations.ts';

test('[SIM6] every planted fault has its place in the code', () => {
  const places = MUTATIONS.map(({ file, find }) => {
    const text = readFileSync(fileURLToPath(new URL(`../../../${file}`, import.meta.url)), 'utf8');
    return text.split(find).length - 1;
  });
  assert.deepEqual(
    places,
    MUTATIONS.map(() => 1),
  );
  assert.ok(MUTATIONS.length >= 10);
});

test('[SIM6] a planted fault is found', { timeout: 120_000 }, async () => {
  const number = MUTATIONS.findIndex(({ scenario }) => scenario === 'steady-rollout');
  const { found, why } = await findMutation(number);
  assert.ok(found, why);
});
