/** Pods that want, or do not want, to be near other pods: hard terms as a filter, soft ones as a score. */
import { matchesLabels, selectorFrom } from '#api/meta/label-selector';
import type { Node, Pod, PodAffinityTerm, WeightedPodAffinityTerm } from '#api/types/core-v1';
import { labelsOf, namespaceOf, type ReferenceCluster } from './cluster.ts';
import { type Filter, helpless } from './node-filters.ts';
import type { Score } from './node-scores.ts';

/** Whether `term` of `owner` means `other`. */
function means({ namespaces }: ReferenceCluster, owner: Pod, { term, other }: Question): boolean {
  const named = term.namespaces ?? [];
  const own = named.length === 0 && term.namespaceSelector === undefined;
  const isNear =
    (own ? [namespaceOf(owner)] : named).includes(namespaceOf(other)) ||
    (term.namespaceSelector !== undefined &&
      matchesLabels(selectorFrom(term.namespaceSelector), namespaces[namespaceOf(other)] ?? {}));
  return isNear && matchesLabels(selectorFrom(term.labelSelector), labelsOf(other));
}

type Question = { readonly term: PodAffinityTerm; readonly other: Pod };

const hard = (pod: Pod, side: 'podAffinity' | 'podAntiAffinity'): readonly PodAffinityTerm[] =>
  pod.spec.affinity?.[side]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];

const soft = (pod: Pod, side: 'podAffinity' | 'podAntiAffinity'): readonly WeightedPodAffinityTerm[] =>
  pod.spec.affinity?.[side]?.preferredDuringSchedulingIgnoredDuringExecution ?? [];

/** Whether two nodes are in one domain of the key; nodes without the label are in none. */
function together(key: string, one: Node, other: Node): boolean {
  const domain = labelsOf(one)[key];
  return domain !== undefined && domain === labelsOf(other)[key];
}

/** Every running pod with the node it is on. */
function placed({ nodes, pods }: ReferenceCluster): readonly (readonly [Pod, Node])[] {
  return pods.flatMap((pod) => {
    const node = nodes.find(({ metadata }) => metadata.name === pod.spec.nodeName);
    return node === undefined ? [] : [[pod, node] as const];
  });
}

export const interPodAffinity: Filter = (cluster, pod, node) => {
  const others = placed(cluster);
  if (!satisfiesAffinity(cluster, pod, node)) return helpless("node(s) didn't match pod affinity rules");
  const unwanted = hard(pod, 'podAntiAffinity').some((term) =>
    others.some(([other, place]) => means(cluster, pod, { term, other }) && together(term.topologyKey, node, place)),
  );
  if (unwanted) return { reasons: ["node(s) didn't match pod anti-affinity rules"], helpless: false };
  const unwelcome = others.some(([other, place]) =>
    hard(other, 'podAntiAffinity').some(
      (term) => means(cluster, other, { term, other: pod }) && together(term.topologyKey, node, place),
    ),
  );
  return unwelcome
    ? { reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"], helpless: false }
    : undefined;
};

function satisfiesAffinity(cluster: ReferenceCluster, pod: Pod, node: Node): boolean {
  const terms = hard(pod, 'podAffinity');
  if (terms.length === 0) return true;
  if (terms.some(({ topologyKey }) => labelsOf(node)[topologyKey] === undefined)) return false;
  const meantByAll = (other: Pod): boolean => terms.every((term) => means(cluster, pod, { term, other }));
  const friends = placed(cluster).filter(([other]) => meantByAll(other));
  const hasFriend = ({ topologyKey }: PodAffinityTerm): boolean =>
    friends.some(([, place]) => together(topologyKey, node, place));
  if (terms.every(hasFriend)) return true;
  // The first of a group that wants to be near itself: nobody is counted in any domain.
  const isCounted = friends.some(([, place]) =>
    terms.some(({ topologyKey }) => labelsOf(place)[topologyKey] !== undefined),
  );
  return !isCounted && meantByAll(pod);
}

export const interPodAffinityScore: Score = (cluster, pod, candidates) => {
  const gains: { readonly key: string; readonly place: Node; readonly weight: number }[] = [];
  const gain = (owner: Pod, term: PodAffinityTerm, { other, place, weight }: Gain): void => {
    if (labelsOf(place)[term.topologyKey] === undefined) return;
    if (means(cluster, owner, { term, other })) gains.push({ key: term.topologyKey, place, weight });
  };
  for (const [other, place] of placed(cluster)) {
    for (const { podAffinityTerm, weight } of soft(pod, 'podAffinity'))
      gain(pod, podAffinityTerm, { other, place, weight });
    for (const { podAffinityTerm, weight } of soft(pod, 'podAntiAffinity'))
      gain(pod, podAffinityTerm, { other, place, weight: -weight });
    for (const term of hard(other, 'podAffinity')) gain(other, term, { other: pod, place, weight: 1 });
    for (const { podAffinityTerm, weight } of soft(other, 'podAffinity'))
      gain(other, podAffinityTerm, { other: pod, place, weight });
    for (const { podAffinityTerm, weight } of soft(other, 'podAntiAffinity'))
      gain(other, podAffinityTerm, { other: pod, place, weight: -weight });
  }
  const raw = candidates.map((node) =>
    gains.filter(({ key, place }) => together(key, node, place)).reduce((sum, { weight }) => sum + weight, 0),
  );
  const least = Math.min(...raw);
  const range = Math.max(...raw) - least;
  return raw.map((score) => ({
    raw: score,
    normalized: gains.length === 0 || range === 0 ? 0 : Math.trunc(100 * ((score - least) / range)),
  }));
};

type Gain = { readonly other: Pod; readonly place: Node; readonly weight: number };
