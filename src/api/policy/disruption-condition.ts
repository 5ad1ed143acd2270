/** The condition that tells whether a budget allows a disruption: written by its controller, and by the eviction that spends the last one. */
import { setCondition } from '../meta/conditions.ts';
import { formatTime } from '../meta/time.ts';
import type { Condition } from '../types/meta-v1.ts';
import type { PodDisruptionBudgetStatus } from '../types/policy-v1.ts';

export const DISRUPTION_ALLOWED = 'DisruptionAllowed';

/** The conditions of a status as its other fields have them be. */
export function disruptionCondition(status: PodDisruptionBudgetStatus, nowMs: number): readonly Condition[] {
  const { disruptionsAllowed = 0, observedGeneration = 0, conditions } = status;
  const allowed = disruptionsAllowed > 0;
  return setCondition(conditions, {
    type: DISRUPTION_ALLOWED,
    status: allowed ? 'True' : 'False',
    observedGeneration,
    lastTransitionTime: formatTime(nowMs),
    reason: allowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  });
}
