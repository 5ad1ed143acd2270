/**
 * Autoscalers between version 2 of their API, in which they are stored, and version 1, which knows CPU utilization only.
 * What version 1 cannot say travels in annotations, under the names upstream gave them.
 */
import { parseJsonExactly } from '../meta/exact-json.ts';
import { decodeObject } from '../schema/decode.ts';
import { DecodeError } from '../schema/decode-error.ts';
import { messageSchema } from '../schema/schema.ts';
import type * as v1 from '../types/autoscaling-v1.ts';
import type * as v2 from '../types/autoscaling-v2.ts';
import { metricFromV1, metricStatusFromV1, metricStatusToV1, metricToV1 } from './metrics-v1.ts';

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const CURRENT_METRICS = 'autoscaling.alpha.kubernetes.io/current-metrics';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';

const CARRIERS: ReadonlySet<string> = new Set([METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR]);

type Annotations = Readonly<Record<string, string>>;

/** Without the annotations in which version 1 carries what it cannot say: they mean nothing in version 2. */
export function withoutCarriers<T extends { readonly metadata: v2.HorizontalPodAutoscaler['metadata'] }>(
  autoscaler: T,
): T {
  const { annotations, ...metadata } = autoscaler.metadata;
  const kept = Object.entries(annotations ?? {}).filter(([key]) => !CARRIERS.has(key));
  if (kept.length === Object.keys(annotations ?? {}).length) return autoscaler;
  return { ...autoscaler, metadata: withAnnotations(metadata, Object.fromEntries(kept)) };
}

const withAnnotations = <M extends object>(metadata: M, annotations: Annotations): M =>
  Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations };

export function hpaToV1(autoscaler: v2.HorizontalPodAutoscaler): v1.HorizontalPodAutoscaler {
  const { metadata, spec, status } = withoutCarriers(autoscaler);
  const { scaleTargetRef, minReplicas, maxReplicas, metrics = [] } = spec;
  const target = metrics.find(isCpuUtilization)?.resource?.target.averageUtilization;
  return {
    apiVersion: 'autoscaling/v1',
    kind: autoscaler.kind,
    metadata: withAnnotations(metadata, { ...metadata.annotations, ...carriersOf(autoscaler) }),
    spec: {
      scaleTargetRef,
      ...(minReplicas !== undefined && { minReplicas }),
      maxReplicas,
      ...(target !== undefined && { targetCPUUtilizationPercentage: target }),
    },
    ...(status !== undefined && { status: statusToV1(status) }),
  };
}

const isCpuUtilization = ({ resource }: v2.MetricSpec): boolean =>
  resource?.name === 'cpu' && resource.target.averageUtilization !== undefined;

function statusToV1(status: v2.HorizontalPodAutoscalerStatus): v1.HorizontalPodAutoscalerStatus {
  const { currentMetrics = [], conditions: _inAnnotation, ...plain } = status;
  const cpu = currentMetrics.find(({ resource }) => resource?.name === 'cpu')?.resource?.current.averageUtilization;
  return {
    ...plain,
    currentReplicas: plain.currentReplicas ?? 0,
    ...(cpu !== undefined && { currentCPUUtilizationPercentage: cpu }),
  };
}

/** Every reported metric is carried: CPU utilization too, for the amount behind it. */
function carriersOf({ spec, status }: v2.HorizontalPodAutoscaler): Annotations {
  const { metrics = [], behavior } = spec;
  const { currentMetrics = [], conditions = [] } = status ?? {};
  return {
    ...carrier(METRICS, metrics.filter((metric) => !isCpuUtilization(metric)).map(metricToV1)),
    ...carrier(CURRENT_METRICS, currentMetrics.map(metricStatusToV1)),
    ...carrier(CONDITIONS, conditions),
    ...behaviorCarrier(behavior),
  };
}

/** For versions that have no behavior. */
export const behaviorCarrier = (behavior: v2.HorizontalPodAutoscalerBehavior | undefined): Annotations =>
  behavior === undefined ? {} : { [BEHAVIOR]: JSON.stringify(withKeys(behavior, capitalized)) };

const carrier = (key: string, items: readonly unknown[]): Annotations =>
  items.length === 0 ? {} : { [key]: JSON.stringify(items) };

export function hpaFromV1(autoscaler: v1.HorizontalPodAutoscaler): v2.HorizontalPodAutoscaler {
  const { metadata, spec, status } = autoscaler;
  const { annotations = {} } = metadata;
  const { targetCPUUtilizationPercentage: target, ...plain } = spec;
  const metrics = [
    ...carriedItems<v1.MetricSpec>(annotations[METRICS], 'MetricSpec').map(metricFromV1),
    ...(target === undefined ? [] : [cpuUtilization(target)]),
  ];
  const behavior = carriedBehavior(annotations);
  return withoutCarriers({
    apiVersion: 'autoscaling/v2',
    kind: autoscaler.kind,
    metadata,
    spec: { ...plain, ...(metrics.length > 0 && { metrics }), ...(behavior !== undefined && { behavior }) },
    ...(status !== undefined && { status: statusFromV1(status, annotations) }),
  });
}

const cpuUtilization = (averageUtilization: number): v2.MetricSpec => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});

function statusFromV1(
  { currentCPUUtilizationPercentage: cpu, ...plain }: v1.HorizontalPodAutoscalerStatus,
  annotations: Annotations,
): v2.HorizontalPodAutoscalerStatus {
  const carried = carriedItems<v1.MetricStatus>(annotations[CURRENT_METRICS], 'MetricStatus').map(metricStatusFromV1);
  const reported: readonly v2.MetricStatus[] =
    cpu === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: cpu } } }];
  const currentMetrics = carried.length === 0 ? reported : carried;
  const conditions = carriedItems<v2.HorizontalPodAutoscalerCondition>(
    annotations[CONDITIONS],
    'HorizontalPodAutoscalerCondition',
  );
  return {
    ...plain,
    ...(currentMetrics.length > 0 && { currentMetrics }),
    ...(conditions.length > 0 && { conditions }),
  };
}

/** What an annotation carries, or nothing if it does not hold a list of such messages: anyone may have written it. */
function carriedItems<T>(text: string | undefined, message: string): readonly T[] {
  const schema = messageSchema(`k8s.io.api.autoscaling.v1.${message}`);
  return (
    carried(text, (value) =>
      Array.isArray(value)
        ? value.map((item) => decodeObject(schema, item, { fieldValidation: 'Ignore' }).object as T)
        : [],
    ) ?? []
  );
}

const BEHAVIOR_MESSAGE = 'k8s.io.api.autoscaling.v2.HorizontalPodAutoscalerBehavior';

export function carriedBehavior(annotations: Annotations): v2.HorizontalPodAutoscalerBehavior | undefined {
  return carried(
    annotations[BEHAVIOR],
    (value) =>
      decodeObject(messageSchema(BEHAVIOR_MESSAGE), withKeys(value, uncapitalized), { fieldValidation: 'Ignore' })
        .object,
  );
}

function carried<T>(text: string | undefined, decode: (value: unknown) => T): T | undefined {
  if (text === undefined) return undefined;
  try {
    return decode(parseJsonExactly(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** Upstream writes the behavior with the names of its fields in Go. */
function withKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => withKeys(item, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [rename(key), withKeys(part, rename)]));
}

const capitalized = (key: string): string => key.charAt(0).toUpperCase() + key.slice(1);
const uncapitalized = (key: string): string => key.charAt(0).toLowerCase() + key.slice(1);
