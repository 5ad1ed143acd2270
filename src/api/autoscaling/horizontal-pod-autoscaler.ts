/** An autoscaler that sets how many pods a workload runs from measured load. */
import { defineResource } from '../resource.ts';
import type * as autoscaling from '../types/autoscaling-v2.ts';

export type HorizontalPodAutoscaler = autoscaling.HorizontalPodAutoscaler;

export const HorizontalPodAutoscaler = defineResource<HorizontalPodAutoscaler>(
  {
    group: 'autoscaling',
    version: 'v2',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    namespaced: true,
  },
  { shortNames: ['hpa'], categories: ['all'], hasStatus: true },
);
