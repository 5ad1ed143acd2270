/** Decides how many replicas an autoscaler wants now, and what it says about it (upstream: podautoscaler/horizontal.go). */
import type { HorizontalPodAutoscaler } from '#api/autoscaling/horizontal-pod-autoscaler';
import type { HPAScalingRules, MetricStatus } from '#api/types/autoscaling-v2';
import {
  type Bounds,
  DEFAULT_RULES,
  type Explained,
  type Memory,
  planLimited,
  planStabilized,
  type Rules,
} from './plan-behavior.ts';

/** What one metric of the spec asks for, or why it cannot tell. */
export type MetricOutcome =
  | { readonly known: true; readonly replicas: number; readonly description: string; readonly status: MetricStatus }
  | { readonly known: false; readonly reason: string; readonly message: string };

export type ScaleRequest = {
  readonly autoscaler: HorizontalPodAutoscaler;
  readonly currentReplicas: number;
  readonly outcomes: readonly MetricOutcome[];
  readonly memory: Memory;
  readonly nowMs: number;
};

/** `status` as in a condition; `Unknown` is not used. */
export type ConditionChange = {
  readonly type: 'AbleToScale' | 'ScalingActive' | 'ScalingLimited';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
};

export type ScalePlan = {
  readonly replicas: number;
  /** Why the size changes, as the `SuccessfulRescale` event tells it; empty when it does not. */
  readonly because: string;
  /** What the metrics alone ask for: what later stabilization looks back at. Undefined when they were not asked. */
  readonly recommendation?: number;
  readonly conditions: readonly ConditionChange[];
  readonly currentMetrics: readonly MetricStatus[];
  /** The metric that could not be read, when that keeps the size as it is. */
  readonly failure?: { readonly reason: string; readonly message: string };
};

export function planScale(request: ScaleRequest): ScalePlan {
  const { autoscaler, currentReplicas: current } = request;
  const bounds: Bounds = { min: autoscaler.spec.minReplicas ?? 1, max: autoscaler.spec.maxReplicas };
  if (current === 0 && bounds.min !== 0) {
    const message = 'scaling is disabled since the replica count of the target is zero';
    return still(current, [{ type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled', message }]);
  }
  if (current > bounds.max)
    return { ...still(bounds.max, []), because: 'Current number of replicas above Spec.MaxReplicas' };
  if (current < bounds.min)
    return { ...still(bounds.min, []), because: 'Current number of replicas below Spec.MinReplicas' };
  return planFromMetrics(request, bounds);
}

const still = (replicas: number, conditions: readonly ConditionChange[]): ScalePlan => ({
  replicas,
  because: '',
  conditions,
  currentMetrics: [],
});

function planFromMetrics(
  { autoscaler, currentReplicas: current, outcomes, memory, nowMs }: ScaleRequest,
  bounds: Bounds,
): ScalePlan {
  const known = outcomes.filter((outcome) => outcome.known);
  const failed = outcomes.find((outcome) => !outcome.known);
  const currentMetrics = known.map(({ status }) => status);
  const highest = known.toSorted((left, right) => right.replicas - left.replicas)[0];
  // A metric that cannot be read may want more: nothing is taken away while one is unknown.
  if (highest === undefined || (failed !== undefined && highest.replicas < current)) {
    return { ...still(current, inactive(failed)), currentMetrics, ...(failed && { failure: failed }) };
  }
  const situation = { current, rules: rulesOf(autoscaler), memory, nowMs };
  const stabilized = planStabilized(highest.replicas, situation);
  const limited = planLimited(stabilized.replicas, bounds, situation);
  return {
    replicas: limited.replicas,
    because: becauseOf(limited.replicas, current, highest.description),
    recommendation: highest.replicas,
    conditions: [able(stabilized), active(highest.description), limitedCondition(limited)],
    currentMetrics,
  };
}

function becauseOf(replicas: number, current: number, description: string): string {
  if (replicas === current) return '';
  return replicas > current ? `${description} above target` : 'All metrics below target';
}

function inactive(
  failed: { readonly reason: string; readonly message: string } | undefined,
): readonly ConditionChange[] {
  if (failed === undefined) return [];
  const message = `the HPA was unable to compute the replica count: ${failed.message}`;
  return [{ type: 'ScalingActive', status: 'False', reason: failed.reason, message }];
}

const able = ({ reason, message }: Explained): ConditionChange => ({
  type: 'AbleToScale',
  status: 'True',
  reason,
  message,
});

const active = (description: string): ConditionChange => ({
  type: 'ScalingActive',
  status: 'True',
  reason: 'ValidMetricFound',
  message: `the HPA was able to successfully calculate a replica count from ${description}`,
});

const limitedCondition = ({ reason, message }: Explained): ConditionChange => ({
  type: 'ScalingLimited',
  status: reason === 'DesiredWithinRange' ? 'False' : 'True',
  reason,
  message,
});

/** The behavior of the spec; what it leaves out takes upstream's default. */
function rulesOf({ spec }: HorizontalPodAutoscaler): Rules {
  return {
    scaleUp: completed(spec.behavior?.scaleUp, DEFAULT_RULES.scaleUp),
    scaleDown: completed(spec.behavior?.scaleDown, DEFAULT_RULES.scaleDown),
  };
}

const completed = (given: HPAScalingRules | undefined, defaults: HPAScalingRules): HPAScalingRules => ({
  ...defaults,
  ...given,
});
