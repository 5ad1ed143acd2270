import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCondition, isConditionTrue, removeCondition, setCondition } from './conditions.ts';

const ready = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };
const other = { type: 'Initialized', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };

test('[KIN2] a new condition goes to the end', () => {
  assert.deepEqual(setCondition([other], ready), [other, ready]);
  assert.deepEqual(setCondition(undefined, ready), [ready]);
});

test('[KIN2] a status that stays keeps its transition time', () => {
  const next = { ...ready, reason: 'Again', lastTransitionTime: '2026-02-02T00:00:00Z' };
  assert.deepEqual(setCondition([ready, other], next), [{ ...ready, reason: 'Again' }, other]);
});

test('[KIN2] a status that changes takes the new transition time', () => {
  const next = { ...ready, status: 'False', lastTransitionTime: '2026-02-02T00:00:00Z' };
  assert.deepEqual(setCondition([ready], next), [next]);
});

test('[KIN2] setting what is already so gives back the same list', () => {
  const list = [ready];
  assert.equal(setCondition(list, { ...ready, lastTransitionTime: '2026-02-02T00:00:00Z' }), list);
});

test('[KIN2] conditions are found, read and removed by type', () => {
  assert.equal(findCondition([ready], 'Ready'), ready);
  assert.equal(isConditionTrue([ready], 'Ready'), true);
  assert.equal(isConditionTrue(undefined, 'Ready'), false);
  assert.deepEqual(removeCondition([ready, other], 'Ready'), [other]);
  const list = [other];
  assert.equal(removeCondition(list, 'Ready'), list);
});
