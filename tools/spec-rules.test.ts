import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findGaps } from './spec-rules.ts';

const page = (path: string, text: string): { path: string; text: string } => ({ path, text });
const SPEC = page('docs/spec/store.md', '# store\n\n- **STO1** A write.\n- [STO2] A read.\n\n| STO3 | A watch. |\n');
// Written in pieces: this file is itself among the tests that are compared.
const named = (ids: string): string => `${'te'}st('${ids} a behaviour', () => {});\n`;

test('[HOU10] a rule without a test, and a rule with two definitions, are told', () => {
  const tests = [page('src/store/a.test.ts', named('[STO1]') + named('[STO2][STO3]'))];
  assert.deepEqual(findGaps([SPEC], tests), []);
  assert.deepEqual(findGaps([SPEC, page('docs/spec/other.md', '- **STO1** Again.\n- **OTH1** New.\n')], tests), [
    'STO1: defined in docs/spec/store.md and docs/spec/other.md',
    'OTH1: no test names it (docs/spec/other.md)',
  ]);
});

test('[HOU11] a test that names a missing rule is told', () => {
  const tests = [page('src/store/a.test.ts', named('[STO1, STO2]') + named('[STO3]') + named('[STO9]'))];
  assert.deepEqual(findGaps([SPEC], tests), ['STO9: no such rule in docs/spec (src/store/a.test.ts)']);
});

test('[HOU12] no rules or no tests is a failure', () => {
  assert.match(findGaps([], [page('a.test.ts', named('[STO1]'))])[0] ?? '', /no rule was found/);
  assert.match(findGaps([SPEC], [page('a.test.ts', '')])[0] ?? '', /no test that names a rule/);
});
