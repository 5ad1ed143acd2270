/** Whether a node matches the terms of a pod's node affinity (component-helpers `nodeaffinity`). */
import { matchesLabels, type Operator } from '../meta/label-selector.ts';
import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from '../types/core-v1.ts';

const OPERATORS: Readonly<Record<string, Operator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
};

/** Any term suffices; a selector without terms matches nothing. */
export function matchesNodeSelector({ nodeSelectorTerms }: NodeSelector, node: Node): boolean {
  return nodeSelectorTerms.some((term) => matchesNodeSelectorTerm(term, node));
}

/** All expressions and fields must match; an empty term matches nothing. */
export function matchesNodeSelectorTerm(term: NodeSelectorTerm, node: Node): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return (
    matchExpressions.every((each) => matchesRequirement(each, node.metadata.labels)) &&
    matchFields.every((each) => matchesRequirement(each, { 'metadata.name': node.metadata.name }))
  );
}

function matchesRequirement(
  { key, operator, values = [] }: NodeSelectorRequirement,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  const known = OPERATORS[operator];
  return known !== undefined && matchesLabels({ requirements: [{ key, operator: known, values }] }, labels);
}
