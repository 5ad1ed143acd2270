/** Ways onto nodes whose labels are not those that the pod selects: other labels, or another selection. */
import { matchesNodeSelector } from '#api/core/node-selection';
import type { Pod } from '#api/core/pod';
import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from '#api/types/core-v1';
import { inQuotes, type Remedies, type Remedy, withLabels, withSpec } from '../remedy.ts';

type Labels = Readonly<Record<string, string>>;

export const nodeLabels: Remedies = ({ pod, node }) => [...labelNode(pod, node), ...changeSelection(pod, node)];

/** Labels that make the node match; `undefined` for one that must go. */
export type LabelEdit = Readonly<Record<string, string | undefined>>;

function labelNode(pod: Pod, node: Node): readonly Remedy[] {
  const edit = neededLabels(pod, node);
  if (edit === undefined) return [];
  const set = Object.fromEntries(
    Object.entries(edit).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  const gone = Object.keys(edit).filter((key) => edit[key] === undefined);
  const { name } = node.metadata;
  const texts = [
    ...(Object.keys(set).length === 0 ? [] : [`label node ${name} with ${inQuotes(set)}`]),
    ...(gone.length === 0 ? [] : [`remove the label ${gone.join(', ')} from node ${name}`]),
  ];
  return [
    {
      text: texts.join(' and '),
      effort: 2 * Object.keys(edit).length,
      node: (each) => withLabels(each, relabelled(each.metadata.labels, edit)),
    },
  ];
}

export function relabelled(labels: Labels | undefined, edit: LabelEdit): Labels {
  const all = Object.entries({ ...labels, ...edit });
  return Object.fromEntries(all.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** The fewest that do; undefined when no labels could. */
export function neededLabels({ spec }: Pod, node: Node): LabelEdit | undefined {
  const selected = Object.entries(spec.nodeSelector ?? {}).filter(([key, value]) => labelOf(node, key) !== value);
  const ofSelector = Object.fromEntries(selected);
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required === undefined || matchesNodeSelector(required, node)) return ofSelector;
  const ofTerms = labelsForSelector(required, node);
  return ofTerms && { ...ofSelector, ...ofTerms };
}

/** The fewest that make the node one of those that are selected; undefined when no labels could. */
export function labelsForSelector({ nodeSelectorTerms }: NodeSelector, node: Node): LabelEdit | undefined {
  const ofTerms = nodeSelectorTerms.map((term) => labelsForTerm(term, node)).filter((edit) => edit !== undefined);
  const [least] = ofTerms.toSorted((left, right) => Object.keys(left).length - Object.keys(right).length);
  return least;
}

function labelsForTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  node: Node,
): LabelEdit | undefined {
  if (matchExpressions.length === 0) return undefined;
  if (matchFields.length > 0 && !matchesNodeSelector({ nodeSelectorTerms: [{ matchFields }] }, node)) return undefined;
  const edit: Record<string, string | undefined> = {};
  for (const expression of matchExpressions) {
    if (matchesNodeSelector({ nodeSelectorTerms: [{ matchExpressions: [expression] }] }, node)) continue;
    const value = valueFor(expression);
    if (value === 'none will do') return undefined;
    edit[expression.key] = value?.label;
  }
  return edit;
}

function valueFor({ operator, values = [] }: NodeSelectorRequirement): { label: string } | undefined | 'none will do' {
  const [first] = values;
  switch (operator) {
    case 'In':
      return first === undefined ? 'none will do' : { label: first };
    case 'Exists':
      return { label: 'true' };
    case 'Gt':
      return { label: String(BigInt(first ?? 0) + 1n) };
    case 'Lt':
      return { label: String(BigInt(first ?? 0) - 1n) };
    default:
      return undefined;
  }
}

const labelOf = ({ metadata }: Node, key: string): string | undefined => metadata.labels?.[key];

function changeSelection({ spec }: Pod, node: Node): readonly Remedy[] {
  const { nodeSelector = {}, affinity = {} } = spec;
  const unmet = Object.fromEntries(Object.entries(nodeSelector).filter(([key, value]) => labelOf(node, key) !== value));
  const required = affinity.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const isUnmet = required !== undefined && !matchesNodeSelector(required, node);
  const steps = [
    ...(Object.keys(unmet).length === 0 ? [] : [reselect(unmet, node)]),
    ...(isUnmet ? [dropAffinity] : []),
  ];
  if (steps.length === 0) return [];
  return [
    {
      text: steps.map(({ text }) => text).join(' and '),
      effort: steps.reduce((sum, { effort }) => sum + effort, 0),
      pod: (pod) => steps.reduce((changed, step) => step.pod(changed), pod),
    },
  ];
}

type Step = { readonly text: string; readonly effort: number; readonly pod: (pod: Pod) => Pod };

/** What the node has of the selected keys is selected instead; the rest no longer. */
function reselect(unmet: Labels, node: Node): Step {
  const instead = Object.fromEntries(
    Object.keys(unmet).flatMap((key) => {
      const value = labelOf(node, key);
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
  const has = Object.keys(instead).length === Object.keys(unmet).length;
  return {
    text: has
      ? `select ${inQuotes(instead)} instead of ${inQuotes(unmet)} in the pod's node selector`
      : `drop ${inQuotes(unmet)} from the pod's node selector`,
    effort: has ? 3 : 4,
    pod: (pod) => {
      const left = Object.entries(pod.spec.nodeSelector ?? {}).filter(([key]) => !(key in unmet));
      return withSpec(pod, { nodeSelector: { ...Object.fromEntries(left), ...(has ? instead : {}) } });
    },
  };
}

export const dropAffinity: Step = {
  text: "drop the pod's required node affinity",
  effort: 4,
  pod: (pod) => {
    const { nodeAffinity = {}, ...affinity } = pod.spec.affinity ?? {};
    const { requiredDuringSchedulingIgnoredDuringExecution: _required, ...liked } = nodeAffinity;
    return withSpec(pod, {
      affinity: { ...affinity, ...(Object.keys(liked).length === 0 ? {} : { nodeAffinity: liked }) },
    });
  },
};
