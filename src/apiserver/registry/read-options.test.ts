import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiError } from '#api/errors';
import type { RequestOptions } from '#api/request';
import { requireListOptions, requireWatchOptions } from './read-options.ts';

function problemsOf(check: (options: RequestOptions) => void, options: RequestOptions): readonly string[] {
  try {
    check(options);
    return [];
  } catch (error) {
    return ((error as ApiError).details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`);
  }
}

test('[REG49] a list says how its resourceVersion is meant only where that means something', () => {
  const problems = (options: RequestOptions): readonly string[] => problemsOf(requireListOptions, options);
  const passed: readonly RequestOptions[] = [
    {},
    { resourceVersion: '0' },
    { resourceVersion: '0', resourceVersionMatch: 'NotOlderThan' },
    { resourceVersion: '5', resourceVersionMatch: 'Exact', limit: 3 },
    { continue: 'x', limit: 3 },
  ];
  assert.deepEqual(passed.flatMap(problems), []);
  assert.deepEqual(problems({ resourceVersionMatch: 'Exact', continue: 'x' }), [
    'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided',
  ]);
  assert.deepEqual(problems({ resourceVersion: '0', resourceVersionMatch: 'Exact', sendInitialEvents: false }), [
    'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
  ]);
});

test('[REG61] a watch that asks for what there is says that nothing older will do, and no other watch does', () => {
  const problems = (options: RequestOptions): readonly string[] => problemsOf(requireWatchOptions, options);
  assert.deepEqual(
    [{}, { resourceVersion: '5' }, { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' } as const].flatMap(
      problems,
    ),
    [],
  );
  assert.deepEqual(problems({ sendInitialEvents: true }), [
    'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
  ]);
  assert.deepEqual(problems({ resourceVersionMatch: 'Exact' }), [
    'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"',
  ]);
});
