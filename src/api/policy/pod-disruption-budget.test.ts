import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, newMeta, texts } from '#test/builders/kinds';
import type { Condition } from '../types/meta-v1.ts';
import type { PodDisruptionBudgetSpec, PodDisruptionBudgetStatus } from '../types/policy-v1.ts';
import { PodDisruptionBudget } from './pod-disruption-budget.ts';

const NOW_MS = Date.parse('2026-01-01T00:05:00Z');

const aBudget = (spec: PodDisruptionBudgetSpec, status?: PodDisruptionBudgetStatus): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: newMeta('web'),
  spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  ...(status === undefined ? {} : { status }),
});

test('[WRK15] a budget with one bound is taken, and its status starts with nothing', () => {
  const sent = aBudget({ maxUnavailable: '50%', unhealthyPodEvictionPolicy: 'AlwaysAllow' }, { expectedPods: 9 });
  const { object, errors } = create(PodDisruptionBudget, sent);
  assert.deepEqual(errors, []);
  assert.deepEqual(object.status, { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 });
  assert.deepEqual(create(PodDisruptionBudget, aBudget({})).errors, []);
});

const CASES: readonly (readonly [string, PodDisruptionBudgetSpec, readonly string[]])[] = [
  [
    'two bounds',
    { minAvailable: 1, maxUnavailable: 1, selector: {} },
    [
      'spec: Invalid value: {"MinAvailable":1,"Selector":{},"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
    ],
  ],
  [
    'a negative bound',
    { minAvailable: -1 },
    ['spec.minAvailable: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    'more than all',
    { maxUnavailable: '101%' },
    ['spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
  ],
  [
    'an unknown policy',
    { unhealthyPodEvictionPolicy: 'Never' },
    ['spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"'],
  ],
];

for (const [what, spec, errors] of CASES) {
  test(`[WRK15] a budget with ${what} is refused`, () => {
    assert.deepEqual(create(PodDisruptionBudget, aBudget(spec)).errors, errors);
  });
}

const CONDITION: Condition = {
  type: 'DisruptionAllowed',
  status: 'True',
  reason: 'SufficientPods',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};

test('[WRK16] reported counts are not negative, and conditions are well-formed', () => {
  const errors = (status: PodDisruptionBudgetStatus): readonly string[] =>
    texts(PodDisruptionBudget.validateStatusUpdate(aBudget({}, status), aBudget({})));
  assert.deepEqual(errors({ disruptionsAllowed: 1, conditions: [CONDITION] }), []);
  assert.deepEqual(errors({ disruptionsAllowed: -1 }), [
    'status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0',
  ]);
  const twisted = { ...CONDITION, status: 'Yes', reason: '', lastTransitionTime: '', observedGeneration: -1 };
  assert.deepEqual(errors({ conditions: [CONDITION, twisted] }), [
    'status.conditions[1]: Duplicate value: "DisruptionAllowed"',
    'status.conditions[1].status: Unsupported value: "Yes": supported values: "False", "True", "Unknown"',
    'status.conditions[1].observedGeneration: Invalid value: -1: must be greater than or equal to zero',
    'status.conditions[1].lastTransitionTime: Required value',
    'status.conditions[1].reason: Required value',
  ]);
});

test('[WRK16] the table shows the bound that is set and how many pods may go', () => {
  const row = PodDisruptionBudget.columns.map(({ name, cell }) => [
    name,
    cell(aBudget({ minAvailable: '50%' }, { disruptionsAllowed: 2 }), NOW_MS),
  ]);
  assert.deepEqual(row, [
    ['Name', 'web'],
    ['Min Available', '50%'],
    ['Max Unavailable', 'N/A'],
    ['Allowed Disruptions', 2],
    ['Age', '5m'],
  ]);
});
