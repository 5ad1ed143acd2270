import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FieldSet, NOTHING_BELOW } from './field-set.ts';
import { shared } from './shared-sets.ts';

const element = fc.constantFrom('f:a', 'f:b', 'f:a\0f:b', 'f:', 'f:__proto__', 'k:{"name":"x"}');
const flat = fc.uniqueArray(element, { maxLength: 4 }).map((names) => setOf(names, NOTHING_BELOW));

test('[APL15] equal sets of fields become one, and different ones stay as they are', () => {
  fc.assert(
    fc.property(fc.uniqueArray(element, { maxLength: 4 }), flat, (names, below) => {
      const [once, again] = [shared(setOf(names, shared(below))), shared(setOf(names, shared({ ...below })))];
      assert.deepEqual(once, setOf(names, below));
      assert.equal(once, again);
      assert.ok(Object.isFrozen(once));
    }),
  );
});

function setOf(names: readonly string[], below: FieldSet): FieldSet {
  return Object.fromEntries(names.map((name) => [name, below]));
}
