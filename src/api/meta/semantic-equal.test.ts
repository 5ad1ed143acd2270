import assert from 'node:assert/strict';
import { test } from 'node:test';
import { semanticEqual } from './semantic-equal.ts';

const CASES: readonly (readonly [unknown, unknown, boolean])[] = [
  [{ a: 1, b: [{ c: 'x' }] }, { b: [{ c: 'x' }], a: 1 }, true],
  [{ a: 1 }, { a: 2 }, false],
  [{ list: [] }, {}, true],
  [{}, { list: [] }, true],
  [{ list: [1] }, { list: [1, 2] }, false],
  [{ labels: {} }, {}, true],
  [{ emptyDir: {} }, {}, false],
  [{ labelSelector: {} }, {}, false],
  [{ a: null }, {}, true],
  [{ a: 0 }, {}, false],
  [{ labels: {} }, { labels: { constructor: 'x' } }, false],
];

for (const [left, right, equal] of CASES) {
  test(`[KIN7] ${JSON.stringify(left)} ${equal ? 'equals' : 'differs from'} ${JSON.stringify(right)}`, () => {
    assert.equal(semanticEqual(left, right), equal);
  });
}
