import assert from 'node:assert/strict';
import { test } from 'node:test';
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
