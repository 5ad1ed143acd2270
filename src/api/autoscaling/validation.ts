/** Validates an autoscaler: its bounds, what it scales, what it looks at and how fast it may go. */
import { validateAmount } from '../core/pod/resources.ts';
import type { FieldError } from '../meta/field-error.ts';
import { invalid, notSupported, required } from '../meta/field-error.ts';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HPAScalingPolicy,
  HPAScalingRules,
} from '../types/autoscaling-v2.ts';
import { validateCounts } from '../workload/counts.ts';
import { validateReference, validateTargetVersion } from './reference.ts';
import { validateMetric } from './validate-metric.ts';

const TARGET = 'spec.scaleTargetRef';

export function* validateAutoscaler({ metadata, spec }: HorizontalPodAutoscaler): Generator<FieldError> {
  const isNew = metadata.resourceVersion === '';
  yield* validateBounds(spec);
  yield* validateReference(spec.scaleTargetRef, TARGET);
  if (isNew) yield* validateTargetVersion(spec.scaleTargetRef, TARGET);
  for (const [index, metric] of (spec.metrics ?? []).entries()) yield* validateMetric(metric, `spec.metrics[${index}]`);
  yield* validateRules(spec.behavior?.scaleUp, 'spec.behavior.scaleUp');
  yield* validateRules(spec.behavior?.scaleDown, 'spec.behavior.scaleDown');
}

/** An autoscaler that is stored keeps a target that would no longer be taken. */
export function* validateAutoscalerUpdate(
  { spec: { scaleTargetRef: next } }: HorizontalPodAutoscaler,
  { spec: { scaleTargetRef: stored } }: HorizontalPodAutoscaler,
): Generator<FieldError> {
  if (next.kind !== stored.kind || next.apiVersion !== stored.apiVersion) yield* validateTargetVersion(next, TARGET);
}

const COUNTS = ['currentReplicas', 'desiredReplicas'] as const;

export function* validateAutoscalerStatus({ status }: HorizontalPodAutoscaler): Generator<FieldError> {
  if (status !== undefined) yield* validateCounts(status, COUNTS, 'status');
}

function* validateBounds({ minReplicas, maxReplicas }: HorizontalPodAutoscalerSpec): Generator<FieldError> {
  if (minReplicas !== undefined && minReplicas < 1)
    yield invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1');
  if (maxReplicas < 1) yield invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0');
  if (minReplicas !== undefined && maxReplicas < minReplicas)
    yield invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`');
}

const WINDOW_MAX_SECONDS = 3600;
const PERIOD_MAX_SECONDS = 1800;
const SELECT_POLICIES: readonly string[] = ['Disabled', 'Max', 'Min'];
const POLICY_TYPES: readonly string[] = ['Percent', 'Pods'];

function* validateRules(rules: HPAScalingRules | undefined, field: string): Generator<FieldError> {
  if (rules === undefined) return;
  const { stabilizationWindowSeconds, selectPolicy, policies = [], tolerance } = rules;
  yield* validateWindow(stabilizationWindowSeconds ?? 0, `${field}.stabilizationWindowSeconds`);
  if (selectPolicy !== undefined && !SELECT_POLICIES.includes(selectPolicy))
    yield notSupported(`${field}.selectPolicy`, selectPolicy, SELECT_POLICIES);
  if (policies.length === 0) yield required(`${field}.policies`, 'must specify at least one Policy');
  for (const [index, policy] of policies.entries()) yield* validatePolicy(policy, `${field}.policies[${index}]`);
  if (tolerance !== undefined) yield* validateAmount('tolerance', tolerance, `${field}.tolerance`);
}

function* validateWindow(seconds: number, field: string): Generator<FieldError> {
  if (seconds < 0) yield invalid(field, seconds, 'must be greater than or equal to zero');
  if (seconds > WINDOW_MAX_SECONDS)
    yield invalid(field, seconds, `must be less than or equal to ${WINDOW_MAX_SECONDS}`);
}

function* validatePolicy({ type, value, periodSeconds }: HPAScalingPolicy, field: string): Generator<FieldError> {
  if (!POLICY_TYPES.includes(type)) yield notSupported(`${field}.type`, type, POLICY_TYPES);
  if (value <= 0) yield invalid(`${field}.value`, value, 'must be greater than zero');
  if (periodSeconds <= 0) yield invalid(`${field}.periodSeconds`, periodSeconds, 'must be greater than zero');
  if (periodSeconds > PERIOD_MAX_SECONDS)
    yield invalid(`${field}.periodSeconds`, periodSeconds, `must be less than or equal to ${PERIOD_MAX_SECONDS}`);
}
