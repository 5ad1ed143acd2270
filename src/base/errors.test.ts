import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNever, errorMessage } from './errors.ts';

test('[BAS32] a message tells the causes, each once', () => {
  const disk = new Error('disk is full');
  assert.equal(errorMessage(new Error('Cannot write', { cause: disk })), 'Cannot write: disk is full');
  assert.equal(errorMessage(new Error('Cannot write: disk is full', { cause: disk })), 'Cannot write: disk is full');
  const coded = new Error('2 UNKNOWN: disk is full');
  assert.equal(errorMessage(new Error('disk is full', { cause: coded })), 'disk is full');
  const circle = new Error('round');
  circle.cause = circle;
  assert.equal(errorMessage(circle), 'round');
});

test('[BAS32] anything thrown has a message', () => {
  const messages = ['text', 7, null, { message: 'by hand' }, new RangeError()].map(errorMessage);
  assert.deepEqual(messages, ['text', '7', 'null', 'by hand', 'RangeError']);
});

test('[BAS33] an impossible case throws, naming the value', () => {
  assert.throws(() => assertNever('Paused' as never), /Cannot handle "Paused": expected a known case/);
});
