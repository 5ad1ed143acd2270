/** Merge patches that lead from one value to another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyMergePatch } from './merge-patch.ts';
import { mergePatchBetween } from './merge-patch-between.ts';

test('[EXP7] what is gone is removed, what differs is replaced, and nothing else is named', () => {
  const before = { spec: { a: 1, b: [1, 2], c: { d: 'x', e: 'y' } } };
  const after = { spec: { b: [1], c: { d: 'x', e: 'z' }, f: true } };
  assert.deepEqual(mergePatchBetween(before, after), { spec: { a: null, b: [1], c: { e: 'z' }, f: true } });
});

test('[EXP7] the patch leads from one to the other', () => {
  const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer()));
  const value = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.oneof(leaf, fc.dictionary(fc.constantFrom('x', 'y'), leaf)),
  );
  fc.assert(
    fc.property(value, value, (before, after) => {
      const led = applyMergePatch(before, mergePatchBetween(before, after));
      assert.deepEqual(JSON.parse(JSON.stringify(led)), JSON.parse(JSON.stringify(after)));
    }),
  );
});
