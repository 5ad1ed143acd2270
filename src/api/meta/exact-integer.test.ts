import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ExactInteger, exactInteger, isInt64, isUint64, sameNumber, toBigInt } from './exact-integer.ts';
import { cloneJson, equalJson } from './json-value.ts';
import { applyMergePatch } from './merge-patch.ts';
import { semanticEqual } from './semantic-equal.ts';

const huge = fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n });

test('[API23] a whole number that a double holds is one; any other is its digits, which count as the nearest double', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (value) => {
      const number = exactInteger(value);
      assert.equal(typeof number === 'number', Number.isSafeInteger(Number(value)));
      assert.equal(toBigInt(number), value);
      assert.equal(JSON.stringify(number), String(value));
      assert.equal(Number(number), Number(value));
      assert.equal(isInt64(number), value < 2n ** 63n);
      assert.equal(isUint64(number), value >= 0n);
    }),
  );
});

test('[API23] two whole numbers are the same only if every digit is', () => {
  fc.assert(
    fc.property(huge, (value) => {
      const [one, again, next] = [new ExactInteger(value), new ExactInteger(value), new ExactInteger(value + 1n)];
      for (const same of [sameNumber, equalJson, semanticEqual]) {
        assert.ok(same(one, again));
        assert.ok(!same(one, next));
        assert.ok(!same(one, Number(value)));
      }
      assert.ok(equalJson({ a: [one] }, { a: [again] }));
      assert.ok(!semanticEqual({ a: [one] }, { a: [next] }));
    }),
  );
});

test('[API23] patches and copies pass whole numbers on as they are', () => {
  fc.assert(
    fc.property(huge, (value) => {
      const number = new ExactInteger(value);
      assert.deepEqual(cloneJson({ a: [number] }), { a: [number] });
      assert.deepEqual(applyMergePatch({ a: 1, b: number }, { a: number }), { a: number, b: number });
      assert.deepEqual(applyMergePatch({ a: number }, { a: { b: 1 } }), { a: { b: 1 } });
    }),
  );
});
