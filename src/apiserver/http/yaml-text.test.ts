import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExactInteger } from '#api/meta/exact-integer';
import { parseYaml } from './yaml-text.ts';

test('[SRV34] of YAML keys that stand twice the last one counts, and each is told with its line', () => {
  const text = `a: 1
list:
- {b: 1, b: 2}
- key: [x, y]
  key: z
a: 2
"a": 3
deep: {a: 1}
`;
  assert.deepEqual(parseYaml(text), {
    value: { a: 3, list: [{ b: 2 }, { key: 'z' }], deep: { a: 1 } },
    findings: [
      [
        'yaml: unmarshal errors:',
        '  line 3: key "b" already set in map',
        '  line 5: key "key" already set in map',
        '  line 6: key "a" already set in map',
        '  line 7: key "a" already set in map',
      ].join('\n'),
    ],
  });
  assert.deepEqual(parseYaml('a: 1\nb: {a: 2}\n'), { value: { a: 1, b: { a: 2 } }, findings: [] });
  assert.throws(() => parseYaml('a: 1\na: &x 2\nb: *x\n'), /error converting YAML to JSON/);
});

test('[SRV34] JSON is YAML: it is read as such, and its keys that stand twice are told in the same words', () => {
  assert.deepEqual(parseYaml(' {"a": [1e3, "x"], "b": 9007199254740993}'), {
    value: { a: [1000, 'x'], b: new ExactInteger(9007199254740993n) },
    findings: [],
  });
  assert.deepEqual(parseYaml('{"a": 1, "a": 2}').findings, [
    'yaml: unmarshal errors:\n  line 1: key "a" already set in map',
  ]);
  assert.deepEqual(parseYaml('{a: 1, b: [x]}').value, { a: 1, b: ['x'] });
});

test('[SRV34] of many keys that stand twice the first hundred are told, in no more time than one', () => {
  const text = Array.from({ length: 300 }, (_each, index) => `k${index}: 1\nk${index}: 2`).join('\n');
  const [finding = ''] = parseYaml(text).findings;
  const lines = finding.split('\n').slice(1);
  assert.equal(lines.length, 100);
  assert.equal(lines.at(-1), '  line 200: key "k99" already set in map');
});

test('[SRV37] YAML with more than 100,000 values, or 10,000 fields in one object, is refused before anything is built of it', () => {
  const fields = (count: number): string => Array.from({ length: count }, (_each, index) => `k${index}: v`).join('\n');
  assert.throws(() => parseYaml(fields(10_001)), /error converting YAML to JSON: yaml: too many fields in one object/);
  assert.deepEqual(parseYaml(fields(10_000)).findings, []);
  const items = (count: number): string => '- {a: v}\n'.repeat(count);
  assert.throws(
    () => parseYaml(items(50_000)),
    /error converting YAML to JSON: yaml: too many values: limit is 100000/,
  );
  assert.deepEqual(parseYaml(items(49_000)).findings, []);
  const long = `data:\n  text: |\n${'    key: value\n'.repeat(60_000)}`;
  assert.deepEqual(parseYaml(long).findings, []);
});

test('[SRV37] nothing and several documents are refused', () => {
  assert.throws(() => parseYaml('# nothing\n'), /yaml: expected a document, but the input is empty/);
  assert.throws(() => parseYaml('a: 1\n---\nb: 2\n'), /yaml: expected a single document in the stream, but found more/);
});
