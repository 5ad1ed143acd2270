import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Remembered } from './remembered.ts';

test('[ACC14] answers are worked out once, and kept only while they are few and their questions short', () => {
  const remembered = new Remembered<number>();
  let made = 0;
  const ask = (key: string) => remembered.get(key, () => ++made);
  assert.deepEqual([ask('a'), ask('a'), ask('b')], [1, 1, 2]);
  ask('x'.repeat(2000));
  assert.equal(remembered.size, 2);
  for (let index = 0; index < 10_000; index++) ask(`key ${index}`);
  assert.ok(remembered.size <= 4096);
});
