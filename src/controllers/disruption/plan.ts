/** Decides what a disruption budget's status says: how many of its pods are healthy, and how many may go. */
import { isReady } from '#api/core/pod-state';
import { setCondition } from '#api/meta/conditions';
import { formatTime, parseTime } from '#api/meta/time';
import { DISRUPTION_ALLOWED, disruptionCondition } from '#api/policy/disruption-condition';
import type { Pod } from '#api/types/core-v1';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '#api/types/policy-v1';
import type { ExpectedPods } from './plan-expected.ts';

export type DisruptionSnapshot = {
  readonly budget: PodDisruptionBudget;
  /** Those it selects, whatever their phase. */
  readonly pods: readonly Pod[];
  readonly expected: ExpectedPods;
  readonly nowMs: number;
};

export type DisruptionPlan = {
  readonly status: PodDisruptionBudgetStatus;
  /** Evicted long ago, and still there: they count again. */
  readonly notDeleted: readonly Pod[];
  readonly againInMs: number | undefined;
};

// An evicted pod that is not deleted by then is taken to stay.
const DELETION_TIMEOUT_MS = 2 * 60_000;

export function planDisruption(snapshot: DisruptionSnapshot): DisruptionPlan {
  const { budget, pods, expected, nowMs } = snapshot;
  const disrupted = planDisrupted(snapshot);
  const healthy = pods.filter(
    (pod) => pod.metadata.deletionTimestamp === undefined && !disrupted.expected.has(pod.metadata.name) && isReady(pod),
  );
  const { expectedPods, desiredHealthy } = expected;
  const spare = healthy.length - desiredHealthy;
  const conditions = budget.status?.conditions;
  const status: PodDisruptionBudgetStatus = {
    observedGeneration: budget.metadata.generation ?? 0,
    ...(disrupted.expected.size === 0 ? {} : { disruptedPods: Object.fromEntries(disrupted.expected) }),
    // A budget without pods allows nothing, so that its first pods are safe until they are counted.
    disruptionsAllowed: expectedPods <= 0 ? 0 : Math.max(0, spare),
    currentHealthy: healthy.length,
    desiredHealthy,
    expectedPods,
    ...(conditions === undefined ? {} : { conditions }),
  };
  const next = { ...status, conditions: disruptionCondition(status, nowMs) };
  return { status: next, notDeleted: disrupted.overdue, againInMs: disrupted.againInMs };
}

type Disrupted = {
  /** By name, with the time of the eviction. */
  readonly expected: ReadonlyMap<string, string>;
  readonly overdue: readonly Pod[];
  readonly againInMs: number | undefined;
};

function planDisrupted({ budget, pods, nowMs }: DisruptionSnapshot): Disrupted {
  const noted = new Map(Object.entries(budget.status?.disruptedPods ?? {}));
  const expected = new Map<string, string>();
  const overdue: Pod[] = [];
  const waits: number[] = [];
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    const time = noted.get(name);
    if (time === undefined || deletionTimestamp !== undefined) continue;
    const leftMs = parseTime(time) + DELETION_TIMEOUT_MS - nowMs;
    if (leftMs < 0) overdue.push(pod);
    else {
      expected.set(name, time);
      // Right at the deadline it still counts as expected.
      waits.push(leftMs + 1);
    }
  }
  return { expected, overdue, againInMs: waits.length === 0 ? undefined : Math.min(...waits) };
}

/** What a budget says while nothing can be expected: it allows nothing, and why. */
export function planFailure(
  { status = {} }: PodDisruptionBudget,
  message: string,
  nowMs: number,
): PodDisruptionBudgetStatus {
  const conditions = setCondition(status.conditions, {
    type: DISRUPTION_ALLOWED,
    status: 'False',
    observedGeneration: status.observedGeneration ?? 0,
    lastTransitionTime: formatTime(nowMs),
    reason: 'SyncFailed',
    message,
  });
  return { ...status, disruptionsAllowed: 0, conditions };
}
