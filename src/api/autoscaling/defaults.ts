/** Fills in what the author of an autoscaler left open. */
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerBehavior,
  HPAScalingRules,
  MetricSpec,
} from '../types/autoscaling-v2.ts';

const CPU_UTILIZATION_PERCENT = 80;

/** What an autoscaler without metrics looks at. */
const DEFAULT_METRICS: readonly MetricSpec[] = [
  {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: CPU_UTILIZATION_PERCENT } },
  },
];

/** Up at once: four more pods or twice as many, every 15 seconds. */
const SCALE_UP: HPAScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};

/** Down to any number; for how long the need must have been low, the controller decides. */
const SCALE_DOWN: HPAScalingRules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};

export function defaultAutoscaler(autoscaler: HorizontalPodAutoscaler): HorizontalPodAutoscaler {
  const { spec } = autoscaler;
  const { metrics = [], behavior } = spec;
  return {
    ...autoscaler,
    spec: {
      ...spec,
      minReplicas: spec.minReplicas ?? 1,
      metrics: metrics.length === 0 ? DEFAULT_METRICS : metrics,
      ...(behavior === undefined ? {} : { behavior: defaultBehavior(behavior) }),
    },
  };
}

/** Who says something about scaling gets the rest of the rules spelled out. */
function defaultBehavior({
  scaleUp,
  scaleDown,
  ...rest
}: HorizontalPodAutoscalerBehavior): HorizontalPodAutoscalerBehavior {
  return { ...rest, scaleUp: { ...SCALE_UP, ...scaleUp }, scaleDown: { ...SCALE_DOWN, ...scaleDown } };
}
