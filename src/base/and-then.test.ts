import assert from 'node:assert/strict';
import { test } from 'node:test';
import { andThen } from './and-then.ts';

test('[BAS42] what is there is gone on with at once', () => {
  assert.equal(
    andThen(1, (value) => value + 1),
    2,
  );
});

test('[BAS42] a promise is gone on with when it is kept', async () => {
  assert.equal(await andThen(Promise.resolve(1), (value) => value + 1), 2);
  await assert.rejects(async () => await andThen(Promise.reject<number>(new Error('no')), (value) => value + 1), /no/);
});
