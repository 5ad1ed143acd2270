/** Keeps pods on nodes whose labels they select, and prefers those they would like. */
import { matchesNodeSelector, matchesNodeSelectorTerm } from '#api/core/node-selection';
import type { Pod } from '#api/core/pod';
import { hasLabels } from '#api/meta/label-selector';
import type { Node, NodeAffinity, NodeSelectorTerm } from '#api/types/core-v1';
import type { ClusterEvent } from '../framework/cluster-event.ts';
import { type Plugin, type PodFilter, type PodRefused, type PodScore, refusalForGood } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';

/** Of `kubescheduler.config.k8s.io/v1` NodeAffinityArgs. */
export type NodeAffinityArgs = { readonly addedAffinity?: NodeAffinity };

const REFUSAL = refusalForGood("node(s) didn't match Pod's node affinity/selector");
const ENFORCED = refusalForGood("node(s) didn't match scheduler-enforced node affinity");
const CONFLICT: PodRefused = { because: 'pod affinity terms conflict', resolvable: false };
const NAME_FIELD = 'metadata.name';

export function nodeAffinity({ addedAffinity = {} }: NodeAffinityArgs = {}): Plugin {
  const added = addedAffinity.requiredDuringSchedulingIgnoredDuringExecution;
  const isAllowed = (node: Node): boolean => added === undefined || matchesNodeSelector(added, node);
  return {
    name: 'NodeAffinity',
    filter: (pod, state) => {
      if (added === undefined && !hasNodeConditions(pod)) return undefined;
      const names = namedNodes(pod);
      if (names?.size === 0) return CONFLICT;
      return { ...onlyOn(names), verdict: (slot) => verdictOn(state.nodeAt(slot), pod, isAllowed) };
    },
    score: (pod, state) => scoreOf([...preferred(addedAffinity), ...preferred(pod.spec.affinity?.nodeAffinity)], state),
    wakes: (event, pod) =>
      event.kind === 'OwnChange' || nowMatches(event, (node) => isAllowed(node) && wants(pod, node)),
  };
}

/** Whether the node is one that the pod's selector and its required affinity allow. */
export function wants({ spec }: Pod, node: Node): boolean {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return (
    (spec.nodeSelector === undefined || hasLabels(node.metadata.labels, spec.nodeSelector)) &&
    (required === undefined || matchesNodeSelector(required, node))
  );
}

export const hasNodeConditions = ({ spec }: Pod): boolean =>
  spec.nodeSelector !== undefined ||
  spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined;

function verdictOn(node: Node | undefined, pod: Pod, isAllowed: (node: Node) => boolean): typeof REFUSAL | undefined {
  if (node === undefined) return REFUSAL;
  if (!isAllowed(node)) return ENFORCED;
  return wants(pod, node) ? undefined : REFUSAL;
}

const onlyOn = (names: ReadonlySet<string> | undefined): Pick<PodFilter, 'only'> =>
  names === undefined ? {} : { only: [...names] };

/** The nodes that are asked for by name; undefined when some term leaves the name open. */
function namedNodes({ spec }: Pod): ReadonlySet<string> | undefined {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  if (terms.length === 0) return undefined;
  let names = new Set<string>();
  for (const term of terms) {
    const ofTerm = namesOfTerm(term);
    if (ofTerm === undefined) return undefined;
    names = names.union(ofTerm);
  }
  return names;
}

function namesOfTerm({ matchFields = [] }: NodeSelectorTerm): ReadonlySet<string> | undefined {
  return matchFields
    .filter(({ key, operator }) => key === NAME_FIELD && operator === 'In')
    .map(({ values = [] }) => new Set(values))
    .reduce<ReadonlySet<string> | undefined>((common, names) => common?.intersection(names) ?? names, undefined);
}

type Preference = { readonly weight: number; readonly preference: NodeSelectorTerm };

const preferred = (affinity: NodeAffinity | undefined): readonly Preference[] =>
  affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];

function scoreOf(preferences: readonly Preference[], state: ClusterState): PodScore | undefined {
  if (preferences.length === 0) return undefined;
  return {
    kind: 'scaled',
    order: 'more is better',
    score: (slot) => {
      const node = state.nodeAt(slot);
      let sum = 0;
      for (const { weight, preference } of preferences)
        if (node !== undefined && matchesNodeSelectorTerm(preference, node)) sum += weight;
      return sum;
    },
  };
}

function nowMatches(event: ClusterEvent, matches: (node: Node) => boolean): boolean {
  if (event.kind === 'NodeAdded') return matches(event.node);
  return event.kind === 'NodeChanged' && matches(event.node) && !matches(event.before);
}
