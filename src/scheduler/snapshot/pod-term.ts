/** Which pods are meant: by namespace and labels. */
import type { Labels, Selector } from '#api/meta/label-selector';
import { formatSelector, matchesLabels, selectorFrom, sortedByKey } from '#api/meta/label-selector';
import type { PodAffinityTerm } from '#api/types/core-v1';

export type PodTerm = {
  /** Equal for terms that mean the same pods. */
  readonly text: string;
  readonly namespaces: ReadonlySet<string>;
  /** Besides the named ones, the namespaces whose labels it selects. */
  readonly namespaceSelector?: Selector;
  readonly selector: Selector;
};

export type NamespaceLabels = (namespace: string) => Labels;

/** @param namespace of the pod that has the term: it is meant when the term names none */
export function affinityTerm(term: PodAffinityTerm, namespace: string): PodTerm {
  const { namespaces = [], namespaceSelector, labelSelector } = term;
  const isOwn = namespaces.length === 0 && namespaceSelector === undefined;
  const selector = selectorFrom(labelSelector);
  if (namespaceSelector === undefined) return namespacedTerm(isOwn ? [namespace] : namespaces, selector);
  return namespacedTerm(namespaces, selector, selectorFrom(namespaceSelector));
}

export function namespacedTerm(
  namespaces: readonly string[],
  selector: Selector,
  namespaceSelector?: Selector,
): PodTerm {
  const parts = [namespaces.toSorted(), selectorText(selector), selectorText(namespaceSelector)];
  return {
    text: JSON.stringify(parts),
    namespaces: new Set(namespaces),
    selector,
    ...(namespaceSelector === undefined ? {} : { namespaceSelector }),
  };
}

export type Meant = { readonly namespace: string; readonly labels: Labels };

export function matchesTerm(term: PodTerm, { namespace, labels }: Meant, labelsOf: NamespaceLabels): boolean {
  return isNamespaceMeant(term, namespace, labelsOf) && matchesLabels(term.selector, labels);
}

export function isNamespaceMeant(
  { namespaces, namespaceSelector }: PodTerm,
  namespace: string,
  labelsOf: NamespaceLabels,
): boolean {
  if (namespaces.has(namespace)) return true;
  return namespaceSelector !== undefined && matchesLabels(namespaceSelector, labelsOf(namespace));
}

/** The selector with the pod's own values of some labels required too. */
export function withOwnLabels(selector: Selector, keys: readonly string[], labels: Labels): Selector {
  if (selector.nothing === true) return selector;
  const added = keys
    .filter((key) => labels !== undefined && Object.hasOwn(labels, key))
    .map((key) => ({ key, operator: '=' as const, values: [labels?.[key] ?? ''] }));
  return added.length === 0 ? selector : { requirements: sortedByKey([...selector.requirements, ...added]) };
}

export const selectorText = (selector: Selector | undefined): string =>
  selector === undefined || selector.nothing === true ? '-' : `+${formatSelector(selector)}`;
