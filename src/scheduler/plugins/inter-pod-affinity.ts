/** Keeps pods together and apart, by what they say of each other (upstream: InterPodAffinity). */
import type { Pod } from '#api/core/pod';
import type { ClusterEvent } from '../framework/cluster-event.ts';
import type { Plugin, PodScore } from '../framework/plugin.ts';
import type { HeldTerm } from '../snapshot/affinity-holders.ts';
import { type AffinityTerms, affinityTerms } from '../snapshot/affinity-terms.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { podShape } from '../snapshot/pod-shape.ts';
import { matchesTerm, type Meant, type PodTerm } from '../snapshot/pod-term.ts';
import { InterPodAffinityFilter } from './inter-pod-affinity-filter.ts';
import { InterPodAffinityScore } from './inter-pod-affinity-score.ts';

/** Of `kubescheduler.config.k8s.io/v1` InterPodAffinityArgs. */
export type InterPodAffinityArgs = {
  readonly hardPodAffinityWeight?: number;
  readonly ignorePreferredTermsOfExistingPods?: boolean;
};

export function interPodAffinity(args: InterPodAffinityArgs = {}): Plugin {
  return {
    name: 'InterPodAffinity',
    outlook: (pod, state) => numberOf(state.termsAbout(pod)),
    filter: (pod, state) => {
      const terms = termsOf(pod);
      const against = state.termsAbout(pod).filter(({ kind }) => kind === 'required anti');
      if (terms.required.length + terms.requiredAnti.length + against.length === 0) return undefined;
      const meetsItself = (): boolean => terms.required.every(({ term }) => state.isMeant(term, pod));
      return new InterPodAffinityFilter(state, { terms, against, meetsItself });
    },
    score: (pod, state) => scoreOf(pod, state, args),
    wakes: canHelp,
  };
}

const numbers = new WeakMap<readonly HeldTerm[], string>();
let numbersGiven = 0;

/** Stands for a list of terms: as long as they are the same, so is the list. */
function numberOf(terms: readonly HeldTerm[]): string {
  if (terms.length === 0) return '';
  const known = numbers.get(terms) ?? `${numbersGiven++}`;
  numbers.set(terms, known);
  return known;
}

const termsOf = ({ spec, metadata: { namespace = '' } }: Pod): AffinityTerms =>
  affinityTerms(podShape(spec), namespace);

function scoreOf(pod: Pod, state: ClusterState, args: InterPodAffinityArgs): PodScore | undefined {
  const { hardPodAffinityWeight = 1, ignorePreferredTermsOfExistingPods = false } = args;
  const { preferred } = termsOf(pod);
  if (ignorePreferredTermsOfExistingPods && preferred.length === 0) return undefined;
  const weights = { preferred: 1, required: hardPodAffinityWeight, 'required anti': 0 };
  const held = state
    .termsAbout(pod)
    .filter(({ kind }) => weights[kind] > 0)
    .map(({ kind, topologyKey, slots }) => ({ topologyKey, slots, weight: weights[kind] }));
  return preferred.length + held.length === 0 ? undefined : new InterPodAffinityScore(state, preferred, held);
}

/** A pod that comes helps who wants its company; one that goes, who was kept away by it or by what it wants. */
function canHelp(event: ClusterEvent, pod: Pod): boolean {
  const terms = termsOf(pod);
  switch (event.kind) {
    case 'PodAdded':
      return terms.required.some(({ term }) => mayMean(term, event.pod));
    case 'PodRemoved':
      return keepsAway(event.pod, pod);
    case 'PodChanged':
      return (
        terms.required.some(({ term }) => mayMean(term, event.pod) && !mayMean(term, event.before)) ||
        (keepsAway(event.before, pod) && !keepsAway(event.pod, pod))
      );
    case 'NodeAdded':
    case 'NodeChanged':
    case 'NamespaceChanged':
    case 'OwnChange':
      return true;
    case 'StorageChanged':
    case 'StorageFreed':
    case 'DevicesChanged':
      return false;
  }
}

/** It meets its own terms: where there is nobody else, it may become the first of its group. */
const mayBeFirst = ({ required }: AffinityTerms, pod: Pod): boolean =>
  required.length > 0 && required.every(({ term }) => mayMean(term, pod));

function keepsAway(other: Pod, pod: Pod): boolean {
  const terms = termsOf(pod);
  return (
    terms.requiredAnti.some(({ term }) => mayMean(term, other)) ||
    termsOf(other).requiredAnti.some(({ term }) => mayMean(term, pod)) ||
    (mayBeFirst(terms, pod) && terms.required.every(({ term }) => mayMean(term, other)))
  );
}

/** Labels of namespaces are not at hand: where they decide, it may. */
function mayMean(term: PodTerm, { metadata: { namespace = '', labels } }: Pod): boolean {
  const meant: Meant = { namespace, labels };
  const { namespaceSelector: _, ...named } = term;
  return term.namespaceSelector === undefined
    ? matchesTerm(term, meant, () => undefined)
    : matchesTerm({ ...named, namespaces: new Set([namespace]) }, meant, () => undefined);
}
