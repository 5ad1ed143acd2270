/** What is promised about how many pods serve, where only the control plane fails. */
import type { Pod } from '#api/core/pod';
import { matchesLabels, selectorFrom } from '#api/meta/label-selector';
import type { PodDisruptionBudget } from '#api/policy/pod-disruption-budget';
import type { StoreEvent } from '#store/store';
import { type ClusterView, isServing } from './cluster-view.ts';

const concernsPods = ({ key }: StoreEvent): boolean => key.startsWith('/core/pods/');

function serving(view: ClusterView, fits: (pod: Pod) => boolean): number {
  return [...view.pods()].filter((pod) => fits(pod) && isServing(pod)).length;
}

const begun = new WeakMap<ClusterView, Set<string>>();

/** A rollout never leaves fewer pods serving than its strategy allows. */
export function checkPledges(view: ClusterView, event: StoreEvent): string | undefined {
  if (!concernsPods(event)) return undefined;
  const kept = begun.get(view) ?? new Set<string>();
  begun.set(view, kept);
  for (const { app, leastReady } of view.scenario.pledges ?? []) {
    const found = serving(view, ({ metadata }) => metadata.labels?.['app'] === app);
    if (found >= leastReady) kept.add(app);
    else if (kept.has(app)) return `${found} pods of ${app} serve, ${leastReady} were promised`;
  }
  return undefined;
}

/** An eviction never takes a budget's pods below what it keeps. */
export function checkBudgets(view: ClusterView, event: StoreEvent): string | undefined {
  if (!concernsPods(event)) return undefined;
  const pod = event.object as Pod;
  const before = event.previous as Pod | undefined;
  const isTaken = before !== undefined && isServing(before) && (event.type === 'delete' || !isServing(pod));
  if (!isTaken || pod.status?.conditions?.every(({ type }) => type !== 'DisruptionTarget') !== false) return undefined;
  for (const budget of view.allOf<PodDisruptionBudget>(
    `/policy/poddisruptionbudgets/${pod.metadata.namespace ?? ''}/`,
  )) {
    const { selector, minAvailable } = budget.spec;
    if (
      selector === undefined ||
      typeof minAvailable !== 'number' ||
      !matchesLabels(selectorFrom(selector), pod.metadata.labels)
    )
      continue;
    const found = serving(
      view,
      ({ metadata }) =>
        metadata.namespace === pod.metadata.namespace && matchesLabels(selectorFrom(selector), metadata.labels),
    );
    if (found < minAvailable)
      return `${found} pods serve after an eviction, ${budget.metadata.name} keeps ${minAvailable}`;
  }
  return undefined;
}
