import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cloneJson, equalJson } from './json-value.ts';

test('[API54] a clone equals its source and shares nothing with it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const clone = cloneJson(value);
      assert.deepEqual(clone, value);
      assert.ok(equalJson(clone, value));
      if (typeof value === 'object' && value !== null) assert.notEqual(clone, value);
    }),
  );
});

test('[API54] values are equal whatever the order of their keys, and different otherwise', () => {
  assert.ok(equalJson({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 }));
  const different: readonly (readonly [unknown, unknown])[] = [
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: 1 }, { b: 1 }],
    [
      [1, 2],
      [2, 1],
    ],
    [[], {}],
    [{}, null],
    [1, '1'],
    [{}, { constructor: 1 }],
  ];
  for (const [left, right] of different) assert.equal(equalJson(left, right), false);
});
