import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileJsonPath, JsonPathError, withValueAt } from './json-path.ts';
import { printerColumns } from './printer-columns.ts';

const OBJECT = {
  metadata: { labels: { 'app.kubernetes.io/name': 'web' } },
  spec: { list: [{ n: 1 }, { n: 2 }, { n: 3 }], replicas: 2 },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Busy', status: 'False' },
    ],
  },
};

test('[EXT10] columns read values by JSONPath', () => {
  const rows: readonly (readonly [path: string, ...found: unknown[]])[] = [
    ['.spec.replicas', 2],
    ['.spec.nothing.here'],
    ['.spec.list[0].n', 1],
    ['.spec.list[-1].n', 3],
    ['.spec.list[1:].n', 2, 3],
    ['.spec.list[*].n', 1, 2, 3],
    [".metadata.labels['app.kubernetes.io/name']", 'web'],
    ['.metadata.labels.app\\.kubernetes\\.io/name', 'web'],
    ['.status.conditions[?(@.type=="Ready")].status', 'True'],
    ['.spec.list[?(@.n > 1)].n', 2, 3],
    ['.constructor'],
  ];
  for (const [path, ...found] of rows) assert.deepEqual([path, ...compileJsonPath(path)(OBJECT)], [path, ...found]);
  assert.throws(() => compileJsonPath('.a[?'), JsonPathError);
});

test('[EXT11] cells have the type of their column, dates are ages, what is not there is null', () => {
  const object = {
    ...OBJECT,
    apiVersion: 'a/v1',
    kind: 'A',
    metadata: { name: 'x', creationTimestamp: '2026-11-23T00:00:00Z' },
  };
  const cells = (type: string, jsonPath: string) =>
    printerColumns([{ name: 'C', type, jsonPath }])[1]?.cell(object as never, Date.parse('2026-11-23T00:05:00Z'));
  assert.equal(cells('integer', '.spec.replicas'), 2);
  assert.equal(cells('string', '.spec.replicas'), '2');
  assert.equal(cells('string', '.spec.list[0]'), '{"n":1}');
  assert.equal(cells('boolean', '.spec.replicas'), null);
  assert.equal(cells('date', '.metadata.creationTimestamp'), '5m');
  assert.equal(cells('date', '.status.conditions[0].type'), '<invalid>');
  assert.equal(cells('string', '.spec[['), null);
  assert.deepEqual(
    printerColumns().map(({ name }) => name),
    ['Name', 'Age'],
  );
});

test('[EXT12] a value is written by path without touching what is beside it', () => {
  assert.deepEqual(withValueAt({ spec: { a: 1 } }, ['spec', 'deep', 'n'], 5), { spec: { a: 1, deep: { n: 5 } } });
});

test('[EXT10] a path that is none is refused at once, however long', () => {
  const quoted = String.raw`\\`.repeat(50_000);
  for (const path of [`.a['${quoted}`, `.a["${quoted}`, `.a['${quoted}'`]) {
    assert.throws(() => compileJsonPath(path), JsonPathError);
  }
});
