/** How many replicas an autoscaler wants, and why. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { HorizontalPodAutoscaler } from '#api/autoscaling/horizontal-pod-autoscaler';
import type { HorizontalPodAutoscalerSpec } from '#api/types/autoscaling-v2';
import { aMeta, aPod, readyStatus } from '#test/builders/workloads';
import { type MetricOutcome, planScale } from './plan.ts';
import { type Memory, firstMemory, planLimited, planStabilized, DEFAULT_RULES, remember } from './plan-behavior.ts';
import { planMetricReplicas } from './plan-metric.ts';
import { planReadings, type Readings } from './plan-readings.ts';

const NOTHING_REMEMBERED: Memory = { recommendations: [], ups: [], downs: [] };
const NOW = Date.parse('2026-01-01T01:00:00Z');
const TOLERANCES = { up: 0.1, down: 0.1 };
const pods = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    aPod({ name: `web-${index}`, status: { ...readyStatus(), startTime: '2026-01-01T00:00:00Z' } }),
  );

function loads(values: readonly number[], rest: Partial<Readings> = {}): Readings {
  const all = pods(values.length);
  return { ready: new Map(all.map((pod, index) => [pod, values[index] ?? 0])), unready: [], missing: [], ...rest };
}

const at70 = { type: 'Utilization', percent: 70, requestOf: () => 100 } as const;

describe('one metric', () => {
  const cases = [
    { name: 'scales up by the ratio of load to target', readings: loads([140, 140]), replicas: 4 },
    { name: 'stays within the tolerance', readings: loads([75, 76]), replicas: 2 },
    { name: 'scales down', readings: loads([10, 10, 10]), replicas: 1 },
    {
      name: 'takes pods that are not ready to be idle before it scales up',
      readings: loads([300], { unready: [aPod({ name: 'new' })] }),
      replicas: 5,
    },
    {
      name: 'does not scale up when the unready would bring the load down',
      readings: loads([90], { unready: [aPod({ name: 'new' })] }),
      replicas: 2,
    },
    {
      name: 'takes missing pods to be fully loaded before it scales down',
      readings: loads([10, 10], { missing: [aPod({ name: 'lost' })] }),
      replicas: 2,
    },
    {
      name: 'takes missing pods to be idle before it scales up',
      readings: loads([200], { missing: [aPod({ name: 'lost' })] }),
      replicas: 3,
    },
  ];
  for (const { name, readings, replicas } of cases) {
    test(`[HPA1] ${name}`, () => {
      const currentReplicas = readings.ready.size + readings.unready.length + readings.missing.length;
      assert.equal(
        planMetricReplicas({ currentReplicas, readings, target: at70, tolerances: TOLERANCES })?.replicas,
        replicas,
      );
    });
  }

  test('[HPA1] an average value is compared with the target itself', () => {
    const target = { type: 'AverageValue', value: 100 } as const;
    const proposal = planMetricReplicas({
      currentReplicas: 2,
      readings: loads([150, 250]),
      target,
      tolerances: TOLERANCES,
    });
    assert.deepEqual(proposal, { averageValue: 200, replicas: 4 });
  });

  test('[HPA1] without any reading nothing is proposed', () => {
    assert.equal(
      planMetricReplicas({ currentReplicas: 2, readings: loads([]), target: at70, tolerances: TOLERANCES }),
      undefined,
    );
  });
});

describe('readings', () => {
  const reading = { value: 50, atMs: NOW, windowMs: 1000 };
  const startedAgo = (ms: number) => new Date(NOW - ms).toISOString();
  const sort = (status: object, resource = 'cpu') => {
    const pod = aPod({ status: { phase: 'Running', ...status } });
    const { ready, unready, missing } = planReadings({ pods: [pod], resource, readingOf: () => reading, nowMs: NOW });
    return [ready.size, unready.length, missing.length];
  };
  const condition = (status: string, ago: number) => ({
    conditions: [{ type: 'Ready', status, lastTransitionTime: startedAgo(ago) }],
  });

  test('[HPA2] a pod that starts up does not count for CPU until a reading covers only the time since it was ready', () => {
    assert.deepEqual(sort({ startTime: startedAgo(60_000), ...condition('True', 10_000) }), [1, 0, 0]);
    assert.deepEqual(sort({ startTime: startedAgo(60_000), ...condition('True', 500) }), [0, 1, 0]);
    assert.deepEqual(sort({ startTime: startedAgo(60_000), ...condition('False', 10_000) }), [0, 1, 0]);
    assert.deepEqual(sort({ startTime: startedAgo(60_000), ...condition('False', 10_000) }, 'memory'), [1, 0, 0]);
  });

  test('[HPA2] later, only a pod that never became ready is left out', () => {
    assert.deepEqual(sort({ startTime: startedAgo(600_000), ...condition('False', 590_000) }), [0, 1, 0]);
    assert.deepEqual(sort({ startTime: startedAgo(600_000), ...condition('False', 10_000) }), [1, 0, 0]);
  });

  test('[HPA2] pods that end are ignored, pending ones are not ready, silent ones are missing', () => {
    const all = [
      aPod({ name: 'ending', meta: { deletionTimestamp: startedAgo(0) } }),
      aPod({ name: 'failed', status: { phase: 'Failed' } }),
      aPod({ name: 'pending', status: { phase: 'Pending' } }),
      aPod({ name: 'silent' }),
    ];
    const { ready, unready, missing } = planReadings({
      pods: all,
      resource: 'cpu',
      readingOf: () => undefined,
      nowMs: NOW,
    });
    assert.deepEqual(
      [ready.size, unready.map((pod) => pod.metadata.name), missing.map((pod) => pod.metadata.name)],
      [0, ['pending'], ['silent']],
    );
  });
});

function anAutoscaler(spec: Partial<HorizontalPodAutoscalerSpec> = {}): HorizontalPodAutoscaler {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: aMeta('web'),
    spec: { scaleTargetRef, minReplicas: 2, maxReplicas: 10, ...spec },
  };
}

const wants = (replicas: number): MetricOutcome => ({
  known: true,
  replicas,
  description: 'cpu resource utilization (percentage of request)',
  status: { type: 'Resource' },
});
const unreadable: MetricOutcome = {
  known: false,
  reason: 'FailedGetResourceMetric',
  message: 'failed to get cpu utilization: no',
};

const plan = (currentReplicas: number, outcomes: readonly MetricOutcome[], memory: Memory = NOTHING_REMEMBERED) =>
  planScale({ autoscaler: anAutoscaler(), currentReplicas, outcomes, memory, nowMs: NOW });

describe('the whole decision', () => {
  test('[HPA3] the metric that wants most decides, and the event names it', () => {
    const { replicas, because, conditions } = plan(2, [wants(3), wants(4)]);
    assert.deepEqual([replicas, because], [4, 'cpu resource utilization (percentage of request) above target']);
    assert.deepEqual(
      conditions.map(({ type, status, reason }) => [type, status, reason]),
      [
        ['AbleToScale', 'True', 'ReadyForNewScale'],
        ['ScalingActive', 'True', 'ValidMetricFound'],
        ['ScalingLimited', 'False', 'DesiredWithinRange'],
      ],
    );
  });

  test('[HPA3] a metric that cannot be read forbids scaling down, not up', () => {
    assert.deepEqual([plan(4, [wants(2), unreadable]).replicas, plan(4, [wants(6), unreadable]).replicas], [4, 6]);
    const { conditions, failure } = plan(4, [unreadable]);
    assert.deepEqual(
      conditions.map(({ type, status, reason }) => [type, status, reason]),
      [['ScalingActive', 'False', 'FailedGetResourceMetric']],
    );
    assert.equal(failure?.message, 'failed to get cpu utilization: no');
  });

  test('[HPA4] sizes outside the bounds are brought back, and zero means switched off', () => {
    assert.deepEqual([plan(12, []).replicas, plan(1, []).replicas, plan(0, []).replicas], [10, 2, 0]);
    assert.equal(plan(0, []).conditions[0]?.reason, 'ScalingDisabled');
    assert.equal(plan(8, [wants(50)]).replicas, 10);
  });

  test('[HPA5] scaling down waits for the highest recommendation of the last five minutes', () => {
    const memory: Memory = { ...NOTHING_REMEMBERED, recommendations: [{ atMs: NOW - 299_000, replicas: 6 }] };
    assert.equal(plan(8, [wants(2)], memory).replicas, 6);
    assert.equal(plan(8, [wants(2)], memory).conditions[0]?.reason, 'ScaleDownStabilized');
    const older: Memory = { ...NOTHING_REMEMBERED, recommendations: [{ atMs: NOW - 301_000, replicas: 6 }] };
    assert.equal(plan(8, [wants(2)], older).replicas, 2);
  });

  test('[HPA6] scaling up is held to doubling or four more in 15 seconds', () => {
    assert.equal(planLimited(10, { min: 1, max: 100 }, situation(2)).replicas, 6);
    assert.equal(planLimited(100, { min: 1, max: 100 }, situation(20)).replicas, 40);
    const justDoubled: Memory = { ...NOTHING_REMEMBERED, ups: [{ atMs: NOW - 14_000, change: 10 }] };
    const held = planLimited(100, { min: 1, max: 100 }, situation(20, justDoubled));
    assert.deepEqual([held.replicas, held.reason], [20, 'ScaleUpLimit']);
  });

  test('[HPA6] a disabled direction never moves', () => {
    const rules = { ...DEFAULT_RULES, scaleDown: { selectPolicy: 'Disabled' } };
    assert.equal(planLimited(1, { min: 1, max: 9 }, { ...situation(5), rules }).replicas, 5);
  });

  const situation = (current: number, memory = NOTHING_REMEMBERED) => ({
    current,
    rules: DEFAULT_RULES,
    memory,
    nowMs: NOW,
  });

  test('[HPA7] whatever was recommended and done before, the size ends within its bounds and moves towards the wish', () => {
    const moments = fc.array(
      fc.record({ ago: fc.integer({ min: 0, max: 600_000 }), replicas: fc.integer({ min: 1, max: 20 }) }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 10 }),
        fc.integer({ min: 1, max: 50 }),
        moments,
        (current, wish, history) => {
          const recommendations = history.map(({ ago, replicas }) => ({ atMs: NOW - ago, replicas }));
          const memory = { ...NOTHING_REMEMBERED, recommendations };
          const { replicas } = plan(current, [wants(wish)], memory);
          assert.ok(replicas >= 2 && replicas <= 10);
          assert.ok(Math.sign(replicas - current) * Math.sign(wish - current) >= 0);
          const stabilized = planStabilized(wish, situation(current, memory)).replicas;
          assert.ok(stabilized >= Math.min(current, wish) && stabilized <= Math.max(current, wish));
        },
      ),
    );
  });

  test('[HPA5] a target seen for the first time is not scaled down before the window has passed', () => {
    const memory = firstMemory(3, NOW - 200_000);
    assert.equal(plan(3, [wants(2)], memory).replicas, 3);
    assert.equal(plan(3, [wants(2)], firstMemory(3, NOW - 300_000)).replicas, 2);
  });

  test('[HPA5] what is older than any window is forgotten', () => {
    const memory = remember(
      { ...NOTHING_REMEMBERED, ups: [{ atMs: NOW - 3_600_001, change: 1 }] },
      { desired: 4, from: 2, to: 4, nowMs: NOW },
    );
    assert.deepEqual(memory, {
      recommendations: [{ atMs: NOW, replicas: 4 }],
      ups: [{ atMs: NOW, change: 2 }],
      downs: [],
    });
  });
});
