import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyMergePatch } from './merge-patch.ts';

// The examples of RFC 7386, appendix A.
const EXAMPLES: readonly (readonly [document: unknown, patch: unknown, result: unknown])[] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

for (const [document, patch, result] of EXAMPLES) {
  test(`[API53] ${JSON.stringify(patch)} merged into ${JSON.stringify(document)} gives ${JSON.stringify(result)}`, () => {
    assert.deepEqual(applyMergePatch(document, patch), result);
  });
}

test('[API53] what a merge patch does not touch is shared with the old document', () => {
  const document = { metadata: { name: 'a' }, spec: { replicas: 1 } };
  const merged = applyMergePatch(document, { spec: { replicas: 2 } }) as typeof document;
  assert.equal(merged.metadata, document.metadata);
  assert.deepEqual(document.spec, { replicas: 1 });
});

test('[API52] a key called __proto__ merges like any other', () => {
  const patch = JSON.parse('{"__proto__": {"polluted": true}}') as unknown;
  const merged = applyMergePatch({ a: 1 }, patch) as object;
  assert.deepEqual(Object.keys(merged), ['a', '__proto__']);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  assert.equal((merged as { polluted?: boolean }).polluted, undefined);
});
