/** Parts pods by whether driving them off would overdraw a disruption budget. Pure. */
import type { Pod } from '#api/core/pod';
import { matchesLabels, selectorFrom } from '#api/meta/label-selector';
import type { PodDisruptionBudget } from '#api/policy/pod-disruption-budget';

export type ByBudget = { readonly violating: readonly Pod[]; readonly others: readonly Pod[] };

/** Goes through the pods in their order: the first ones take what the budgets still allow. */
export function partedByBudgets(pods: readonly Pod[], budgets: readonly PodDisruptionBudget[]): ByBudget {
  if (budgets.length === 0) return { violating: [], others: pods };
  const allowed = new Map(budgets.map((budget) => [budget, budget.status?.disruptionsAllowed ?? 0]));
  const violating: Pod[] = [];
  const others: Pod[] = [];
  for (const pod of pods) {
    let violates = false;
    for (const budget of budgets) {
      if (!protects(budget, pod)) continue;
      const left = (allowed.get(budget) ?? 0) - 1;
      allowed.set(budget, left);
      violates ||= left < 0;
    }
    (violates ? violating : others).push(pod);
  }
  return { violating, others };
}

/** What is being driven off already has been counted. An empty selector protects nothing here. */
function protects({ metadata, spec, status }: PodDisruptionBudget, pod: Pod): boolean {
  const { labels = {}, name, namespace } = pod.metadata;
  if (metadata.namespace !== namespace || Object.keys(labels).length === 0) return false;
  const selector = selectorFrom(spec.selector);
  if (selector.requirements.length === 0 || Object.hasOwn(status?.disruptedPods ?? {}, name)) return false;
  return matchesLabels(selector, labels);
}
