import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPercent, scaledValue } from './intorstring.ts';

test('[API7] a percentage scales the total and rounds the way it is told; a count stays as it is', () => {
  assert.equal(scaledValue('25%', 10, 'up'), 3);
  assert.equal(scaledValue('25%', 10, 'down'), 2);
  assert.equal(scaledValue('100%', 7, 'down'), 7);
  assert.equal(scaledValue(4, 10, 'up'), 4);
});

test('[API7] a text that is no percentage has no value', () => {
  assert.equal(scaledValue('25', 10, 'up'), undefined);
  assert.equal(scaledValue('a%', 10, 'up'), undefined);
  assert.deepEqual(['25%', '25', 25, '-1%'].map(isPercent), [true, false, false, false]);
});
