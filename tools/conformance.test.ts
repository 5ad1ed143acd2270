import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkProofs } from './conformance/check-proofs.ts';
import { count, parseRows, tally } from './conformance/rows.ts';
import { asJson, asRows, asTable } from './conformance.ts';

const LIST = [
  'group\trow\tproofs\topen',
  'api\tserver version\tCFM1\t',
  'api\tevery kind\tCFM1:v1/pods STO1\t',
  'api\tpolicies\t\texcluded: a later issue',
  'node\tsysctl\tSTO1\tthe value is not read back',
  '',
].join('\n');
const page = (path: string, text: string): { path: string; text: string } => ({ path, text });
const SPECS = [page('docs/spec/a.md', '- **CFM1** A row.\n- **STO1** A write.\n')];
// Written in pieces: this file is itself among the tests that are looked at.
const named = (rule: string): string => `${'te'}st('[${rule}] a behaviour', () => {});\n`;
const TESTS = [
  page('test/a/one.test.ts', named('CFM1')),
  page('test/a/samples/pods.ts', "{ 'v1/pods': {} }"),
  page('src/store/b.test.ts', named('STO1')),
];

test('[CFM90] rows are counted by group: covered, left, excluded, total', () => {
  const { rows, problems } = parseRows(LIST);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    [...tally(rows)],
    [
      ['api', { covered: 2, left: 0, excluded: 1, total: 3 }],
      ['node', { covered: 0, left: 1, excluded: 0, total: 1 }],
    ],
  );
  assert.deepEqual(count(rows), { covered: 2, left: 1, excluded: 1, total: 4 });
});

test('[CFM91] a row that proves nothing without saying why, or stands twice, and an empty list are told', () => {
  const broken = 'group\trow\tproofs\topen\napi\tone\t\t\napi\ttwo\tSTO1\t\napi\ttwo\tSTO1\t\napi\tthree\n';
  assert.deepEqual(parseRows(broken).problems, [
    'line 2: "one" is neither proven nor open',
    'line 4: "two" is there twice',
    'line 5: has not four columns, the first two filled',
  ]);
  assert.match(parseRows('').problems.join('\n'), /first line is "", expected .*\n.*the list has none/s);
});

test('[CFM92] a proof that is no rule, that no test names, or whose case no test has is told', () => {
  const { rows } = parseRows(LIST);
  const { problems, testsOf } = checkProofs(rows, SPECS, TESTS);
  assert.deepEqual(problems, []);
  assert.deepEqual(rows.map(testsOf), [
    ['test/a/one.test.ts'],
    ['test/a/one.test.ts', 'src/store/b.test.ts'],
    [],
    ['src/store/b.test.ts'],
  ]);
  assert.deepEqual(checkProofs(rows, SPECS.slice(1), TESTS).problems.slice(0, 1), [
    '"server version": CFM1 is no rule of docs/spec',
  ]);
  assert.deepEqual(checkProofs(rows, SPECS, TESTS.slice(0, 1)).problems, [
    '"every kind": the tests of CFM1 have no case v1/pods',
    '"every kind": no test names STO1',
    '"sysctl": no test names STO1',
  ]);
});

test('[CFM93] the counts are a table or JSON, and the rows of one group can be listed', () => {
  const { rows } = parseRows(LIST);
  const report = { rows, testsOf: checkProofs(rows, SPECS, TESTS).testsOf };
  assert.equal(
    asTable(report),
    [
      'GROUP  COVERED  LEFT  EXCLUDED  TOTAL',
      'api    2        0     1         3',
      'node   0        1     0         1',
      'all    2        1     1         4',
    ].join('\n'),
  );
  assert.equal(
    asRows(report, 'api'),
    [
      'covered   server version  CFM1',
      'covered   every kind      CFM1 STO1',
      'excluded  policies        a later issue',
    ].join('\n'),
  );
  const told = JSON.parse(asJson(report)) as { groups: { all: object }; rows: { name: string; tests: string[] }[] };
  assert.deepEqual(told.groups.all, { covered: 2, left: 1, excluded: 1, total: 4 });
  assert.deepEqual(told.rows[0]?.tests, ['test/a/one.test.ts']);
});
