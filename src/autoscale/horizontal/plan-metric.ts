/** How many replicas one resource metric asks for (upstream: replica_calculator.go). */
import type { Pod } from '#api/core/pod';
import type { Readings } from './plan-readings.ts';

export type MetricTarget =
  | { readonly type: 'Utilization'; readonly percent: number; readonly requestOf: (pod: Pod) => number }
  | { readonly type: 'AverageValue'; readonly value: number };

export type Tolerances = { readonly up: number; readonly down: number };

export type MetricProposal = {
  readonly replicas: number;
  /** Average load of the pods that count, in the metric's unit. */
  readonly averageValue: number;
  /** Of what they request; for Utilization targets only. */
  readonly averageUtilization?: number;
};

type Asked = {
  readonly currentReplicas: number;
  readonly readings: Readings;
  readonly target: MetricTarget;
  readonly tolerances: Tolerances;
};

/** Undefined when no pod has a reading that counts. */
export function planMetricReplicas({
  currentReplicas,
  readings,
  target,
  tolerances,
}: Asked): MetricProposal | undefined {
  const { ready, unready, missing } = readings;
  if (ready.size === 0) return undefined;
  const ratio = usageRatio(ready, target);
  const measured = describe(ready, target);
  const rising = unready.length > 0 && ratio > 1;
  if (!rising && missing.length === 0) {
    const replicas = isWithin(ratio, tolerances) ? currentReplicas : Math.ceil(ratio * ready.size);
    return { ...measured, replicas };
  }
  const completed = complete(readings, target, ratio);
  const cautious = usageRatio(completed, target);
  // Assumptions may keep the size as it is; they never turn the direction that the measured load asks for.
  if (isWithin(cautious, tolerances) || direction(cautious) !== direction(ratio)) {
    return { ...measured, replicas: currentReplicas };
  }
  const replicas = Math.ceil(cautious * completed.size);
  const wrongWay = direction(cautious) * (replicas - currentReplicas) < 0;
  return { ...measured, replicas: wrongWay ? currentReplicas : replicas };
}

const direction = (ratio: number): number => Math.sign(ratio - 1);

/** Assumes the worst of what is not known: idle when that would scale up, fully loaded when it would scale down. */
function complete(
  { ready, unready, missing }: Readings,
  target: MetricTarget,
  ratio: number,
): ReadonlyMap<Pod, number> {
  const completed = new Map(ready);
  if (ratio < 1) for (const pod of missing) completed.set(pod, fullLoad(pod, target));
  if (ratio > 1) for (const pod of [...missing, ...unready]) completed.set(pod, 0);
  return completed;
}

function fullLoad(pod: Pod, target: MetricTarget): number {
  if (target.type === 'AverageValue') return target.value;
  return (target.requestOf(pod) * Math.max(100, target.percent)) / 100;
}

function usageRatio(usage: ReadonlyMap<Pod, number>, target: MetricTarget): number {
  if (target.type === 'AverageValue') return average(usage) / target.value;
  return utilization(usage, target.requestOf) / target.percent;
}

function describe(usage: ReadonlyMap<Pod, number>, target: MetricTarget): Omit<MetricProposal, 'replicas'> {
  const averageValue = average(usage);
  if (target.type === 'AverageValue') return { averageValue };
  return { averageValue, averageUtilization: utilization(usage, target.requestOf) };
}

/** Whole percent, rounded down, of all requests together. */
function utilization(usage: ReadonlyMap<Pod, number>, requestOf: (pod: Pod) => number): number {
  const requested = [...usage.keys()].reduce((sum, pod) => sum + requestOf(pod), 0);
  return Math.floor((total(usage) * 100) / requested);
}

const total = (usage: ReadonlyMap<Pod, number>): number => [...usage.values()].reduce((sum, value) => sum + value, 0);

const average = (usage: ReadonlyMap<Pod, number>): number => Math.floor(total(usage) / usage.size);

function isWithin(ratio: number, { up, down }: Tolerances): boolean {
  return ratio >= 1 - down && ratio <= 1 + up;
}
