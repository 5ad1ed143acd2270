/** Decides whether a pod may be evicted and which disruption budget pays for it, as upstream's eviction subresource does. */
import { isReady, isTerminal } from '#api/core/pod-state';
import { ApiError } from '#api/errors';
import { matchesLabels } from '#api/meta/label-selector';
import { formatTime } from '#api/meta/time';
import { disruptionCondition } from '#api/policy/disruption-condition';
import type * as core from '#api/types/core-v1';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '#api/types/policy-v1';
import { parseSelector } from '#api/workload/template';

export type EvictionPlan =
  /** Whatever becomes of it meanwhile. */
  | { readonly action: 'delete' }
  /** Only in the state in which it was seen: were it ready by now, a budget would count it. */
  | { readonly action: 'delete as seen'; readonly budget?: string }
  | { readonly action: 'spend'; readonly budget: string };

/** `budgets`: all of the pod's namespace. Throws when more than one selects the pod. */
export function planEviction(pod: core.Pod, budgets: readonly PodDisruptionBudget[]): EvictionPlan {
  if (isTerminal(pod) || pod.metadata.deletionTimestamp !== undefined) return { action: 'delete' };
  // It disturbs nobody: it never ran.
  if (pod.status?.phase === 'Pending') return { action: 'delete as seen' };
  const [budget, ...others] = budgets.filter((each) => selects(each, pod));
  if (budget === undefined) return { action: 'delete' };
  if (others.length > 0) throw new ApiError('Unknown', MORE_THAN_ONE);
  const { name } = budget.metadata;
  return !isReady(pod) && sparesUnhealthy(budget)
    ? { action: 'delete as seen', budget: name }
    : { action: 'spend', budget: name };
}

const MORE_THAN_ONE =
  'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';

/** A selector that cannot be read selects nothing until it is mended. */
function selects({ spec }: PodDisruptionBudget, { metadata }: core.Pod): boolean {
  const selector = parseSelector(spec.selector);
  return selector !== undefined && matchesLabels(selector, metadata.labels);
}

/** Whether a pod that is not healthy may go without being counted. */
function sparesUnhealthy({ spec, status }: PodDisruptionBudget): boolean {
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' || (desiredHealthy > 0 && currentHealthy >= desiredHealthy);
}

// As many evictions may wait for the controller to notice them; it forgets what is not deleted in time.
const MAX_DISRUPTED_PODS = 2000;

/** The budget with one disruption fewer. Throws what the client is told when there is none left. */
export function spendDisruption(budget: PodDisruptionBudget, podName: string, nowMs: number): PodDisruptionBudget {
  requireDisruption(budget);
  const { disruptionsAllowed = 0, disruptedPods = {}, ...rest } = budget.status ?? {};
  const status = {
    ...rest,
    disruptionsAllowed: disruptionsAllowed - 1,
    // The controller must not count a pod that is about to be deleted.
    disruptedPods: { ...disruptedPods, [podName]: formatTime(nowMs) },
  };
  if (status.disruptionsAllowed > 0) return { ...budget, status };
  return { ...budget, status: { ...status, conditions: disruptionCondition(status, nowMs) } };
}

function requireDisruption({ metadata, status = {} }: PodDisruptionBudget): void {
  const { name, generation = 0 } = metadata;
  const { disruptionsAllowed = 0, disruptedPods = {}, observedGeneration = 0 } = status;
  if (observedGeneration < generation) throw notYetObserved(name);
  if (disruptionsAllowed < 0) throw forbidden(name, 'pdb disruptions allowed is negative');
  if (Object.keys(disruptedPods).length > MAX_DISRUPTED_PODS) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    throw forbidden(name, why);
  }
  if (disruptionsAllowed === 0) throw refusal(shortage(name, status));
}

function shortage(name: string, { desiredHealthy = 0, currentHealthy = 0 }: PodDisruptionBudgetStatus): string {
  return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
}

/** Sooner makes no sense: the controller must have looked at the budget first. */
const RETRY_AFTER_SECONDS = 10;

export const notYetObserved = (budget: string): ApiError =>
  refusal(`The disruption budget ${budget} is still being processed by the server.`, RETRY_AFTER_SECONDS);

function refusal(message: string, retryAfterSeconds?: number): ApiError {
  return new ApiError('TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    details: {
      causes: [{ reason: 'DisruptionBudget', message }],
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
  });
}

function forbidden(name: string, why: string): ApiError {
  return new ApiError('Forbidden', `poddisruptionbudget.policy ${JSON.stringify(name)} is forbidden: ${why}`, {
    details: { name, group: 'policy', kind: 'poddisruptionbudget' },
  });
}
