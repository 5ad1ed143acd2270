/** Ways onto nodes that other pods, or their absence, forbid: wishes instead of rules, or labels that are not avoided. */
import type { Pod } from '#api/core/pod';
import type { Affinity, PodAffinity, PodAffinityTerm, PodAntiAffinity } from '#api/types/core-v1';
import { inQuotes, type Refused, type Remedies, type Remedy, withSpec } from '../remedy.ts';
import { labelNode } from './spreading.ts';

type Side = 'podAffinity' | 'podAntiAffinity';
type Terms = PodAffinity | PodAntiAffinity;

export const nearOtherPods: Remedies = (refused) => {
  const own = [...brokenTerms(refused, 'podAffinity'), ...brokenTerms(refused, 'podAntiAffinity')];
  if (own.length === 0) return avoidNoMore(refused);
  const missing = own.find(
    ({ side, term }) => side === 'podAffinity' && refused.node.metadata.labels?.[term.topologyKey] === undefined,
  );
  const wishes: Remedy = {
    text: own.map(({ side, term }) => `wish ${towards(side)} ${meant(term)} instead of insisting on it`).join(' and '),
    effort: 4 * own.length,
    pod: (pod) => own.reduce((changed, { side, term }) => softened(changed, side, term), pod),
  };
  return [...(missing === undefined ? [] : labelNode(refused, missing.term.topologyKey)), wishes];
};

const towards = (side: Side): string => (side === 'podAffinity' ? 'to be near' : 'to keep away from');

function meant({ labelSelector, topologyKey }: PodAffinityTerm): string {
  const { matchLabels = {}, matchExpressions = [] } = labelSelector ?? {};
  const parts = [
    ...(Object.keys(matchLabels).length === 0 ? [] : [inQuotes(matchLabels)]),
    ...matchExpressions.map(({ key, operator, values = [] }) => `${key} ${operator} ${values.join(', ')}`.trim()),
  ];
  return `pods ${parts.length === 0 ? 'of any labels' : parts.join(' and ')} per ${topologyKey}`;
}

type Broken = { readonly side: Side; readonly term: PodAffinityTerm };

/** Terms that by themselves keep the pod off the node. */
function brokenTerms({ pod, refuses }: Refused, side: Side): readonly Broken[] {
  const terms = pod.spec.affinity?.[side]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const bare = withSpec(pod, { affinity: {} });
  if (terms.length === 0 || refuses(bare)) return [];
  return terms
    .filter((term) =>
      refuses(withSpec(pod, { affinity: { [side]: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } })),
    )
    .map((term) => ({ side, term }));
}

const WEIGHT_OF_A_WISH = 100;

function softened(pod: Pod, side: Side, term: PodAffinityTerm): Pod {
  const affinity: Affinity = pod.spec.affinity ?? {};
  const terms: Terms = affinity[side] ?? {};
  const required = (terms.requiredDuringSchedulingIgnoredDuringExecution ?? []).filter((each) => each !== term);
  const liked = [
    ...(terms.preferredDuringSchedulingIgnoredDuringExecution ?? []),
    { weight: WEIGHT_OF_A_WISH, podAffinityTerm: term },
  ];
  const changed = {
    ...(required.length === 0 ? {} : { requiredDuringSchedulingIgnoredDuringExecution: required }),
    preferredDuringSchedulingIgnoredDuringExecution: liked,
  };
  return withSpec(pod, { affinity: { ...affinity, [side]: changed } });
}

/** Pods that run keep this one away: without the labels that they mean it is none of their business. */
function avoidNoMore({ pod, refuses }: Refused): readonly Remedy[] {
  const { labels = {} } = pod.metadata;
  return Object.keys(labels).flatMap((key): readonly Remedy[] => {
    const without = (each: Pod): Pod => {
      const { [key]: _gone, ...others } = each.metadata.labels ?? {};
      return { ...each, metadata: { ...each.metadata, labels: others } };
    };
    if (refuses(without(pod))) return [];
    return [
      {
        text: `drop the label ${key}=${labels[key]} from the pod, which pods that run there keep away from`,
        effort: 6,
        pod: without,
      },
    ];
  });
}
