import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helpText, parseOptions, UsageError } from './options.ts';

const TARGETS = ['yaml', 'label selector'];

test('[FUZ5] the fuzzer takes its options, and does without', () => {
  assert.deepEqual(parseOptions([], TARGETS), { cases: 100_000, seed: undefined, from: 0, targets: [], help: false });
  const given = ['--cases', '5', '--seed', '7', '--from', '3', '--target', 'yaml', '--target', 'label selector', '-h'];
  assert.deepEqual(parseOptions(given, TARGETS), { cases: 5, seed: 7, from: 3, targets: TARGETS, help: true });
});

test('[FUZ5] what makes no sense to the fuzzer is told', () => {
  for (const [given, message] of [
    [['--cases', '1e6'], 'Cannot use --cases "1e6": expected a whole number'],
    [['--seed', ''], 'Cannot use --seed "": expected a whole number'],
    [['--target', 'x'], 'Cannot use target "x": expected one of yaml, label selector'],
  ] as const) {
    assert.throws(() => parseOptions(given, TARGETS), new UsageError(message));
  }
  assert.throws(() => parseOptions(['--odd'], TARGETS), UsageError);
});

test('[FUZ5] the help of the fuzzer names every option and target', () => {
  const text = helpText(TARGETS);
  for (const part of ['--cases', '--seed', '--from', '--target', '--help', 'Exit codes', ...TARGETS]) {
    assert.ok(text.includes(part), part);
  }
});
