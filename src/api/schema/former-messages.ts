/** Messages whose interface definitions upstream has removed, in terms of those that are left. */
import type { MessageEntry } from './table.ts';

const META = 'k8s.io.apimachinery.pkg.apis.meta.v1';
const FIRST = 'k8s.io.api.autoscaling.v1';
const SECOND = 'k8s.io.api.autoscaling.v2';
const BETA = 'k8s.io.api.autoscaling.v2beta1';

/** Autoscalers with several metrics, each written as version 1 writes them in an annotation. */
export const FORMER_MESSAGES: Readonly<Record<string, MessageEntry>> = {
  [`${BETA}.HorizontalPodAutoscaler`]: {
    kind: ['autoscaling', 'v2beta1', 'HorizontalPodAutoscaler'],
    fields: {
      metadata: { number: 1, type: `${META}.ObjectMeta` },
      spec: { number: 2, type: `${BETA}.HorizontalPodAutoscalerSpec` },
      status: { number: 3, type: `${BETA}.HorizontalPodAutoscalerStatus` },
    },
  },
  [`${BETA}.HorizontalPodAutoscalerList`]: {
    kind: ['autoscaling', 'v2beta1', 'HorizontalPodAutoscalerList'],
    fields: {
      metadata: { number: 1, type: `${META}.ListMeta` },
      items: { number: 2, type: `${BETA}.HorizontalPodAutoscaler`, list: true, required: true },
    },
  },
  [`${BETA}.HorizontalPodAutoscalerSpec`]: {
    fields: {
      scaleTargetRef: { number: 1, type: `${SECOND}.CrossVersionObjectReference`, required: true },
      minReplicas: { number: 2, type: 'int32', pointer: true },
      maxReplicas: { number: 3, type: 'int32', required: true },
      metrics: { number: 4, type: `${FIRST}.MetricSpec`, list: true },
    },
  },
  [`${BETA}.HorizontalPodAutoscalerStatus`]: {
    fields: {
      observedGeneration: { number: 1, type: 'int64', pointer: true },
      lastScaleTime: { number: 2, type: `${META}.Time`, pointer: true },
      currentReplicas: { number: 3, type: 'int32' },
      desiredReplicas: { number: 4, type: 'int32', required: true },
      currentMetrics: { number: 5, type: `${FIRST}.MetricStatus`, list: true },
      conditions: { number: 6, type: `${SECOND}.HorizontalPodAutoscalerCondition`, list: true },
    },
  },
};
