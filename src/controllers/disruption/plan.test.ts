import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aMeta, aPod, readyStatus } from '#test/builders/workloads';
import type { Pod } from '#api/types/core-v1';
import type { PodDisruptionBudget, PodDisruptionBudgetSpec, PodDisruptionBudgetStatus } from '#api/types/policy-v1';
import { planDisruption, planFailure } from './plan.ts';
import { planExpected, type PodScale } from './plan-expected.ts';
import { staleInMs } from './plan-stale.ts';

const NOW = '2026-01-01T00:10:00Z';
const nowMs = Date.parse(NOW);

const aBudget = (spec: PodDisruptionBudgetSpec = {}, status?: PodDisruptionBudgetStatus): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: aMeta('keep', { generation: 3 }),
  spec,
  ...(status === undefined ? {} : { status }),
});
const ownedBy = (name: string, uid: string): Pod =>
  aPod({
    name,
    meta: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: uid, uid, controller: true }] },
  });

const SCALES: Readonly<Record<string, PodScale>> = {
  new: { uid: 'web', replicas: 4 },
  old: { uid: 'web', replicas: 4 },
  api: { uid: 'api', replicas: 3 },
  odd: { problem: 'found no controllers for pod "d"' },
};
const scaleOf = ({ metadata }: Pod): PodScale => SCALES[metadata.ownerReferences?.[0]?.uid ?? ''] ?? { problem: '' };
const PODS = [ownedBy('a', 'new'), ownedBy('b', 'old'), ownedBy('c', 'api')];

test('[PDB20] a count of pods that must stay is of the pods that there are', () => {
  assert.deepEqual(planExpected(aBudget({ minAvailable: 2 }), [...PODS, aPod()], scaleOf), {
    expectedPods: 4,
    desiredHealthy: 2,
    unmanaged: [],
  });
  assert.deepEqual(planExpected(aBudget(), PODS, scaleOf), { expectedPods: 0, desiredHealthy: 0, unmanaged: [] });
});

test('[PDB21] percentages, and what may be gone, are of what the controllers were asked for', () => {
  const counts = (spec: PodDisruptionBudgetSpec): unknown => {
    const expected = planExpected(aBudget(spec), PODS, scaleOf);
    return typeof expected === 'string' ? expected : [expected.expectedPods, expected.desiredHealthy];
  };
  assert.deepEqual(counts({ minAvailable: '50%' }), [7, 4]);
  assert.deepEqual(counts({ maxUnavailable: '50%' }), [7, 3]);
  assert.deepEqual(counts({ maxUnavailable: 1 }), [7, 6]);
  assert.deepEqual(counts({ maxUnavailable: 9 }), [7, 0]);
});

test('[PDB21] pods without a controller are told, a controller that is not known is a failure', () => {
  const alone = aPod({ name: 'alone' });
  assert.deepEqual(planExpected(aBudget({ maxUnavailable: 1 }), [...PODS, alone], scaleOf), {
    expectedPods: 7,
    desiredHealthy: 6,
    unmanaged: [alone],
  });
  const odd = [...PODS, ownedBy('d', 'odd')];
  assert.equal(planExpected(aBudget({ maxUnavailable: 1 }), odd, scaleOf), 'found no controllers for pod "d"');
});

const EXPECTED = { expectedPods: 3, desiredHealthy: 1, unmanaged: [] };
const ready = (name: string, meta: object = {}): Pod => aPod({ name, meta, status: readyStatus() });

test('[PDB22] pods that are ready, not ending and not evicted are healthy; what is more than must be may go', () => {
  const pods = [
    ready('a'),
    ready('b'),
    ready('c'),
    ready('d', { deletionTimestamp: NOW }),
    aPod({ name: 'e' }),
    ready('f'),
  ];
  const disruptedPods = { c: '2026-01-01T00:09:00Z', d: '2026-01-01T00:09:00Z', gone: '2026-01-01T00:09:00Z' };
  const { status, againInMs } = planDisruption({
    budget: aBudget({}, { disruptedPods }),
    pods,
    expected: EXPECTED,
    nowMs,
  });
  assert.deepEqual(status, {
    observedGeneration: 3,
    disruptedPods: { c: '2026-01-01T00:09:00Z' },
    disruptionsAllowed: 2,
    currentHealthy: 3,
    desiredHealthy: 1,
    expectedPods: 3,
    conditions: [
      {
        type: 'DisruptionAllowed',
        status: 'True',
        observedGeneration: 3,
        lastTransitionTime: NOW,
        reason: 'SufficientPods',
        message: '',
      },
    ],
  });
  assert.equal(againInMs, 60_001);
});

test('[PDB22] too few healthy pods allow nothing, and neither does a budget without pods', () => {
  const allowed = (pods: readonly Pod[], expected = EXPECTED): unknown => {
    const { status } = planDisruption({ budget: aBudget(), pods, expected, nowMs });
    return [status.disruptionsAllowed, status.conditions?.[0]?.reason];
  };
  assert.deepEqual(allowed([ready('a')]), [0, 'InsufficientPods']);
  assert.deepEqual(allowed([]), [0, 'InsufficientPods']);
  const none = { expectedPods: 0, desiredHealthy: 0, unmanaged: [] };
  assert.deepEqual(allowed([ready('a')], none), [0, 'InsufficientPods']);
});

test('[PDB23] an evicted pod that is not deleted in two minutes counts again', () => {
  const budget = aBudget({}, { disruptedPods: { a: '2026-01-01T00:07:59Z' } });
  const pods = [ready('a'), ready('b')];
  const { status, notDeleted, againInMs } = planDisruption({ budget, pods, expected: EXPECTED, nowMs });
  assert.deepEqual([status.currentHealthy, status.disruptedPods, againInMs], [2, undefined, undefined]);
  assert.deepEqual(notDeleted, [pods[0]]);
});

test('[PDB24] while nothing can be expected nothing is allowed, and the condition says why', () => {
  const status = { disruptionsAllowed: 2, currentHealthy: 3, observedGeneration: 2 };
  const { conditions, ...counts } = planFailure(aBudget({}, status), 'no idea', nowMs);
  assert.deepEqual(counts, { disruptionsAllowed: 0, currentHealthy: 3, observedGeneration: 2 });
  const [condition] = conditions ?? [];
  assert.deepEqual([condition?.status, condition?.reason, condition?.message], ['False', 'SyncFailed', 'no idea']);
});

test('[PDB25] an announced deletion that does not come is taken back after two minutes', () => {
  const announced = (lastTransitionTime: string, meta: object = {}, phase = 'Running'): Pod =>
    aPod({ meta, status: { phase, conditions: [{ type: 'DisruptionTarget', status: 'True', lastTransitionTime }] } });
  assert.equal(staleInMs(announced('2026-01-01T00:09:30Z'), nowMs), 90_000);
  assert.equal(staleInMs(announced('2026-01-01T00:00:00Z'), nowMs), 0);
  assert.equal(staleInMs(announced(NOW, { deletionTimestamp: NOW }), nowMs), undefined);
  assert.equal(staleInMs(announced(NOW, {}, 'Failed'), nowMs), undefined);
  assert.equal(staleInMs(aPod(), nowMs), undefined);
});

test('[PDB25] what an agent announces stays: it ends the pod itself, however long that takes', () => {
  const reason = 'TerminationByKubelet';
  const condition = { type: 'DisruptionTarget', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason };
  assert.equal(staleInMs(aPod({ status: { phase: 'Running', conditions: [condition] } }), nowMs), undefined);
});
