import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aMeta, aPod, readyStatus } from '#test/builders/workloads';
import { toStatus, type ApiError, isApiError } from '#api/errors';
import type { PodDisruptionBudget, PodDisruptionBudgetSpec, PodDisruptionBudgetStatus } from '#api/types/policy-v1';
import { planEviction, spendDisruption } from './plan-eviction.ts';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');

const aBudget = (
  status: PodDisruptionBudgetStatus = {},
  spec: PodDisruptionBudgetSpec = { selector: { matchLabels: { app: 'web' } } },
): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: aMeta('keep'),
  spec,
  status: { observedGeneration: 1, disruptionsAllowed: 1, ...status },
});
const READY = aPod({ status: readyStatus() });
const SICK = aPod();

test('[PDB1] pods that have ended, are ending or never ran are asked no budget', () => {
  const none = [aBudget({ disruptionsAllowed: 0 })];
  assert.deepEqual(planEviction(aPod({ status: { phase: 'Failed' } }), none), { action: 'delete' });
  const ending = aPod({ meta: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
  assert.deepEqual(planEviction(ending, none), { action: 'delete' });
  assert.deepEqual(planEviction(aPod({ status: { phase: 'Pending' } }), none), { action: 'delete as seen' });
});

test('[PDB1] a pod without a budget goes; one with a budget spends of it', () => {
  assert.deepEqual(planEviction(READY, []), { action: 'delete' });
  const other = aBudget({}, { selector: { matchLabels: { app: 'api' } } });
  const broken = aBudget({}, { selector: { matchExpressions: [{ key: 'a', operator: 'Twice' }] } });
  const nothing = aBudget({}, {});
  assert.deepEqual(planEviction(READY, [other, broken, nothing]), { action: 'delete' });
  assert.deepEqual(planEviction(READY, [aBudget()]), { action: 'spend', budget: 'keep' });
  assert.deepEqual(planEviction(READY, [aBudget({}, { selector: {} })]), { action: 'spend', budget: 'keep' });
});

test('[PDB2] a pod that two budgets select is an error of the server', () => {
  assert.throws(() => planEviction(READY, [aBudget(), aBudget()]), {
    reason: 'Unknown',
    code: 500,
    message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  });
});

test('[PDB3] a pod that is not healthy goes uncounted when enough are, or when the budget always lets it', () => {
  const enough = aBudget({ currentHealthy: 2, desiredHealthy: 2, disruptionsAllowed: 0 });
  assert.deepEqual(planEviction(SICK, [enough]), { action: 'delete as seen', budget: 'keep' });
  assert.deepEqual(planEviction(READY, [enough]), { action: 'spend', budget: 'keep' });
  const few = { currentHealthy: 1, desiredHealthy: 2 };
  assert.deepEqual(planEviction(SICK, [aBudget(few)]), { action: 'spend', budget: 'keep' });
  const always = aBudget(few, { selector: {}, unhealthyPodEvictionPolicy: 'AlwaysAllow' });
  assert.deepEqual(planEviction(SICK, [always]), { action: 'delete as seen', budget: 'keep' });
});

test('[PDB4] what is spent is counted, with the pod and the time', () => {
  const budget = aBudget({ disruptionsAllowed: 2, disruptedPods: { old: '2025-12-31T23:59:00Z' } });
  assert.deepEqual(spendDisruption(budget, 'web-1', NOW_MS).status, {
    observedGeneration: 1,
    disruptionsAllowed: 1,
    disruptedPods: { old: '2025-12-31T23:59:00Z', 'web-1': '2026-01-01T00:00:00Z' },
  });
});

test('[PDB4] with the last one the budget says that it allows no more', () => {
  const { conditions } = spendDisruption(aBudget(), 'web-1', NOW_MS).status ?? {};
  assert.deepEqual(conditions, [
    {
      type: 'DisruptionAllowed',
      status: 'False',
      observedGeneration: 1,
      lastTransitionTime: '2026-01-01T00:00:00Z',
      reason: 'InsufficientPods',
      message: '',
    },
  ]);
});

function refusalOf(budget: PodDisruptionBudget): ApiError {
  try {
    spendDisruption(budget, 'web-1', NOW_MS);
  } catch (error) {
    if (isApiError(error)) return error;
    throw error;
  }
  throw new Error('Expected a refusal');
}

test('[PDB5] a budget that is spent refuses with its counts', () => {
  const spent = aBudget({ disruptionsAllowed: 0, desiredHealthy: 2, currentHealthy: 1 });
  assert.deepEqual(toStatus(refusalOf(spent)), {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    reason: 'TooManyRequests',
    details: {
      causes: [
        { reason: 'DisruptionBudget', message: 'The disruption budget keep needs 2 healthy pods and has 1 currently' },
      ],
    },
    code: 429,
  });
});

test('[PDB5] a budget that its controller has not looked at yet asks to come back', () => {
  assert.deepEqual(refusalOf(aBudget({ observedGeneration: 0 })).details, {
    causes: [
      { reason: 'DisruptionBudget', message: 'The disruption budget keep is still being processed by the server.' },
    ],
    retryAfterSeconds: 10,
  });
});

test('[PDB5] a budget that cannot be right, or waits for too many pods, forbids', () => {
  const message = (status: PodDisruptionBudgetStatus): string => refusalOf(aBudget(status)).message;
  assert.equal(
    message({ disruptionsAllowed: -1 }),
    'poddisruptionbudget.policy "keep" is forbidden: pdb disruptions allowed is negative',
  );
  const pods = Array.from({ length: 2001 }, (_, index) => [`web-${index}`, '2026-01-01T00:00:00Z']);
  assert.match(message({ disruptedPods: Object.fromEntries(pods) }), /DisruptedPods map too big/);
});
