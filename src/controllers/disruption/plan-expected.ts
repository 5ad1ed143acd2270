/** How many pods a budget expects, and how many of them must be healthy: percentages are of what their controllers were asked for. */
import { scaledValue, type IntOrString } from '#api/meta/intorstring';
import { controllerOf } from '#api/meta/owner-reference';
import type { Pod } from '#api/types/core-v1';
import type { PodDisruptionBudget, PodDisruptionBudgetSpec } from '#api/types/policy-v1';

/** What the controller of a pod was asked for: so many replicas, or why that cannot be said. */
export type PodScale = { readonly uid: string; readonly replicas: number } | { readonly problem: string };

export type ExpectedPods = {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
  /** Without a controller: nobody says how many of them there are to be. */
  readonly unmanaged: readonly Pod[];
};

/** A text says why nothing can be expected. `scaleOf` is asked about pods that have a controller. */
export function planExpected(
  { spec }: PodDisruptionBudget,
  pods: readonly Pod[],
  scaleOf: (pod: Pod) => PodScale,
): ExpectedPods | string {
  const { minAvailable, maxUnavailable } = spec;
  if (!asksControllers(spec)) {
    const isCount = typeof minAvailable === 'number';
    return { expectedPods: isCount ? pods.length : 0, desiredHealthy: isCount ? minAvailable : 0, unmanaged: [] };
  }
  const unmanaged = pods.filter((pod) => controllerOf(pod) === undefined);
  const expectedPods = totalScale(pods, scaleOf);
  if (typeof expectedPods === 'string') return expectedPods;
  const desiredHealthy =
    maxUnavailable === undefined
      ? share(minAvailable ?? 0, expectedPods)
      : Math.max(0, expectedPods - share(maxUnavailable, expectedPods));
  return { expectedPods, desiredHealthy, unmanaged };
}

/** A percentage, and a bound on what may be gone, need to know how many pods there are to be. */
export function asksControllers({ minAvailable, maxUnavailable }: PodDisruptionBudgetSpec): boolean {
  return maxUnavailable !== undefined || typeof minAvailable === 'string';
}

const share = (value: IntOrString, total: number): number => scaledValue(value, total, 'up') ?? 0;

function totalScale(pods: readonly Pod[], scaleOf: (pod: Pod) => PodScale): number | string {
  const replicas = new Map<string, number>();
  const asked = new Set<string>();
  for (const pod of pods) {
    const controller = controllerOf(pod);
    if (controller === undefined || asked.has(controller.uid)) continue;
    asked.add(controller.uid);
    const scale = scaleOf(pod);
    if ('problem' in scale) return scale.problem;
    replicas.set(scale.uid, scale.replicas);
  }
  return [...replicas.values()].reduce((total, count) => total + count, 0);
}
