/** An autoscaler that sets how many pods a workload runs from measured load. */
import { checkDnsSubdomain } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as autoscaling from '../types/autoscaling-v2.ts';
import { AUTOSCALER_COLUMNS } from './columns.ts';
import { hpaFromV1, hpaToV1, withoutCarriers } from './conversion.ts';
import { defaultAutoscaler } from './defaults.ts';
import { validateAutoscaler, validateAutoscalerStatus, validateAutoscalerUpdate } from './validation.ts';

export type HorizontalPodAutoscaler = autoscaling.HorizontalPodAutoscaler;

export const HorizontalPodAutoscaler = defineResource<HorizontalPodAutoscaler>(
  {
    group: 'autoscaling',
    version: 'v2',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    namespaced: true,
  },
  {
    shortNames: ['hpa'],
    categories: ['all'],
    hasStatus: true,
    otherVersions: [{ group: 'autoscaling', version: 'v1', toStored: hpaFromV1, fromStored: hpaToV1 }],
    applyDefaults: (autoscaler) => defaultAutoscaler(withoutCarriers(autoscaler)),
    prepareForCreate: (autoscaler) => ({ ...autoscaler, status: { desiredReplicas: 0 } }),
    validateName: checkDnsSubdomain,
    validate: (autoscaler) => [...validateAutoscaler(autoscaler)],
    validateUpdate: (next, stored) => [...validateAutoscalerUpdate(next, stored)],
    validateStatusUpdate: (next) => [...validateAutoscalerStatus(next)],
    columns: AUTOSCALER_COLUMNS,
  },
);
