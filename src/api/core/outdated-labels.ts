/** Labels of nodes that have newer names: who selects by the old ones is told the new. */
import type { NodeSelectorTerm } from '../types/core-v1.ts';

const OUTDATED_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

/** What to say of a label; nothing of one that is up to date. */
export const outdated = (label: string): string | undefined =>
  Object.hasOwn(OUTDATED_LABELS, label) ? OUTDATED_LABELS[label] : undefined;

export function* termWarnings({ matchExpressions = [] }: NodeSelectorTerm, field: string): Generator<string> {
  for (const [index, { key }] of matchExpressions.entries())
    if (outdated(key) !== undefined) yield `${field}.matchExpressions[${index}].key: ${key} is ${outdated(key)}`;
}
