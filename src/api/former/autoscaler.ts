/** Autoscalers in the first version that had several metrics: each was flat, as version 1 still writes them in an annotation. */
import { behaviorCarrier, carriedBehavior, withoutCarriers } from '../autoscaling/conversion.ts';
import { metricFromV1, metricStatusFromV1, metricStatusToV1, metricToV1 } from '../autoscaling/metrics-v1.ts';
import type * as v1 from '../types/autoscaling-v1.ts';
import type * as v2 from '../types/autoscaling-v2.ts';
import { translation } from './former-version.ts';

type FlatSpec = Omit<v2.HorizontalPodAutoscalerSpec, 'metrics' | 'behavior'> & {
  readonly metrics?: readonly v1.MetricSpec[];
};
type FlatStatus = Omit<v2.HorizontalPodAutoscalerStatus, 'currentMetrics'> & {
  readonly currentMetrics?: readonly v1.MetricStatus[];
};
type Flat = Omit<v2.HorizontalPodAutoscaler, 'spec' | 'status'> & {
  readonly spec: FlatSpec;
  readonly status?: FlatStatus;
};

export const FLAT_AUTOSCALER = translation<Flat, v2.HorizontalPodAutoscaler>({
  toStored: ({ metadata, spec: { metrics, ...spec }, status, ...autoscaler }) => {
    const behavior = carriedBehavior(metadata.annotations ?? {});
    return withoutCarriers({
      ...autoscaler,
      metadata,
      spec: { ...spec, ...(metrics && { metrics: metrics.map(metricFromV1) }), ...(behavior && { behavior }) },
      ...(status && { status: statusToStored(status) }),
    });
  },
  fromStored: ({ metadata, spec: { metrics, behavior, ...spec }, status, ...autoscaler }) => ({
    ...autoscaler,
    metadata:
      behavior === undefined
        ? metadata
        : { ...metadata, annotations: { ...metadata.annotations, ...behaviorCarrier(behavior) } },
    spec: { ...spec, ...(metrics && { metrics: metrics.map(metricToV1) }) },
    ...(status && { status: statusFromStored(status) }),
  }),
});

function statusToStored({ currentMetrics, ...status }: FlatStatus): v2.HorizontalPodAutoscalerStatus {
  return { ...status, ...(currentMetrics && { currentMetrics: currentMetrics.map(metricStatusFromV1) }) };
}

function statusFromStored({ currentMetrics, ...status }: v2.HorizontalPodAutoscalerStatus): FlatStatus {
  return { ...status, ...(currentMetrics && { currentMetrics: currentMetrics.map(metricStatusToV1) }) };
}
