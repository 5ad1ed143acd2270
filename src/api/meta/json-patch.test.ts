import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyJsonPatch } from './json-patch.ts';
import { PatchError } from './patch-error.ts';

const DOCUMENT = { metadata: { labels: { 'a/b': '1', 'c~d': '2' } }, list: ['x', 'y'] };

const APPLIED: readonly (readonly [what: string, patch: readonly object[], result: object])[] = [
  [
    'adds a key',
    [{ op: 'add', path: '/metadata/name', value: 'web' }],
    { ...DOCUMENT, metadata: { ...DOCUMENT.metadata, name: 'web' } },
  ],
  [
    'adds into a list and at its end',
    [
      { op: 'add', path: '/list/1', value: 'm' },
      { op: 'add', path: '/list/-', value: 'z' },
    ],
    { ...DOCUMENT, list: ['x', 'm', 'y', 'z'] },
  ],
  [
    'removes escaped keys',
    [
      { op: 'remove', path: '/metadata/labels/a~1b' },
      { op: 'remove', path: '/metadata/labels/c~0d' },
    ],
    { ...DOCUMENT, metadata: { labels: {} } },
  ],
  ['replaces', [{ op: 'replace', path: '/list/0', value: { deep: [1] } }], { ...DOCUMENT, list: [{ deep: [1] }, 'y'] }],
  ['moves', [{ op: 'move', from: '/list/0', path: '/first' }], { ...DOCUMENT, list: ['y'], first: 'x' }],
  [
    'copies',
    [{ op: 'copy', from: '/metadata/labels', path: '/labels' }],
    { ...DOCUMENT, labels: DOCUMENT.metadata.labels },
  ],
  [
    'tests',
    [
      { op: 'test', path: '/list', value: ['x', 'y'] },
      { op: 'test', path: '/missing', value: null },
    ],
    DOCUMENT,
  ],
  ['sets null', [{ op: 'add', path: '/nothing' }], { ...DOCUMENT, nothing: null }],
];

for (const [what, patch, result] of APPLIED) {
  test(`[API50] a JSON patch ${what}`, () => {
    const before = structuredClone(DOCUMENT);
    assert.deepEqual(applyJsonPatch(DOCUMENT, patch), result);
    assert.deepEqual(DOCUMENT, before);
  });
}

test('[API50] a copied value is another one than its source', () => {
  const patch = [
    { op: 'copy', from: '/list', path: '/copy' },
    { op: 'add', path: '/list/-', value: 'z' },
  ];
  assert.deepEqual(applyJsonPatch({ list: ['x'] }, patch), { list: ['x', 'z'], copy: ['x'] });
});

test('[API50] a value that is added and taken away again leaves the document as it was', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
      fc.string(),
      fc.jsonValue(),
      (document, key, value) => {
        fc.pre(!Object.hasOwn(document, key));
        const path = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        const patch = [
          { op: 'add', path, value },
          { op: 'test', path, value },
          { op: 'remove', path },
        ];
        assert.deepEqual(applyJsonPatch(document, patch), document);
      },
    ),
  );
});

const REFUSED: readonly (readonly [patch: unknown, reason: PatchError['reason'], message: string])[] = [
  [{ op: 'add' }, 'BadRequest', 'json: cannot unmarshal object into Go value of type jsonpatch.Patch'],
  [[{ op: 'test', path: '/list/0', value: 'y' }], 'Invalid', 'testing value /list/0 failed: test failed'],
  [
    [{ op: 'remove', path: '/metadata/name' }],
    'Invalid',
    "error in remove for path: '/metadata/name': Unable to remove nonexistent key: name: missing value",
  ],
  [
    [{ op: 'replace', path: '/spec', value: 1 }],
    'Invalid',
    'replace operation does not apply: doc is missing key: /spec: missing value',
  ],
  [
    [{ op: 'add', path: '/spec/replicas', value: 1 }],
    'Invalid',
    'add operation does not apply: doc is missing path: "/spec/replicas": missing value',
  ],
  [
    [{ op: 'add', path: '/list/3', value: 1 }],
    'Invalid',
    "error in add for path: '/list/3': Unable to access invalid index: 3: invalid index referenced",
  ],
  [
    [{ op: 'add', path: '/constructor/prototype/x', value: 1 }],
    'Invalid',
    'add operation does not apply: doc is missing path: "/constructor/prototype/x": missing value',
  ],
  [
    [{ op: 'add', path: '', value: {} }],
    'Invalid',
    'add operation does not apply: doc is missing path: "": missing value',
  ],
  [[{ op: 'grow', path: '/list' }], 'Invalid', 'Unexpected kind: grow'],
];

for (const [patch, reason, message] of REFUSED) {
  test(`[API51] the JSON patch ${JSON.stringify(patch)} is refused`, () => {
    assert.throws(() => applyJsonPatch(DOCUMENT, patch), new PatchError(reason, message));
  });
}

test('[API51] a patch of more than 10,000 operations, or of copies that swell, is refused', () => {
  const many = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: null }));
  assert.throws(
    () => applyJsonPatch({}, many),
    new PatchError('RequestEntityTooLarge', 'The allowed maximum operations in a JSON patch is 10000, got 10001'),
  );
  const doubling = Array.from({ length: 60 }, (_each, index) => ({ op: 'copy', from: '/a', path: `/a/${index}` }));
  assert.throws(
    () => applyJsonPatch({ a: { text: 'x'.repeat(100) } }, doubling),
    /^PatchError: Unable to complete the copy/,
  );
});

test('[API51] a patch that moves more than 100,000,000 items of lists is refused', () => {
  const insert = Array.from({ length: 10_000 }, () => ({ op: 'add', path: '/0', value: 1 }));
  const list = (count: number): readonly number[] => Array.from({ length: count }, () => 0);
  assert.throws(() => applyJsonPatch(list(5001), insert), /^PatchError: Unable to complete the changes of lists/);
  assert.equal((applyJsonPatch(list(5000), insert) as readonly number[]).length, 15_000);
  const append = insert.map((operation) => ({ ...operation, path: '/-' }));
  assert.equal((applyJsonPatch(list(90_000), append) as readonly number[]).length, 100_000);
});

test('[API52] a key called __proto__ is patched like any other', () => {
  const patched = applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }]);
  assert.deepEqual(Object.keys(patched as object), ['__proto__']);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});
