/** The terms of a pod's affinity to other pods, read once for all pods of a template in a namespace. */
import type { PodAffinity, PodAffinityTerm, PodAntiAffinity } from '#api/types/core-v1';
import type { PodShape } from './pod-shape.ts';
import { affinityTerm, type PodTerm } from './pod-term.ts';

export type AffinityTerm = { readonly term: PodTerm; readonly topologyKey: string };

export type AffinityTerms = {
  readonly required: readonly AffinityTerm[];
  readonly requiredAnti: readonly AffinityTerm[];
  /** Anti-affinity has a negative weight. */
  readonly preferred: readonly (AffinityTerm & { readonly weight: number })[];
};

const NONE: AffinityTerms = { required: [], requiredAnti: [], preferred: [] };

const known = new WeakMap<PodShape, Map<string, AffinityTerms>>();

export function affinityTerms(shape: PodShape, namespace: string): AffinityTerms {
  const { podAffinity, podAntiAffinity } = shape.spec.affinity ?? {};
  if (podAffinity === undefined && podAntiAffinity === undefined) return NONE;
  const byNamespace = known.get(shape) ?? new Map<string, AffinityTerms>();
  known.set(shape, byNamespace);
  const terms = byNamespace.get(namespace) ?? readTerms({ podAffinity, podAntiAffinity }, namespace);
  byNamespace.set(namespace, terms);
  return terms;
}

type Affinities = {
  readonly podAffinity: PodAffinity | undefined;
  readonly podAntiAffinity: PodAntiAffinity | undefined;
};

function readTerms({ podAffinity = {}, podAntiAffinity = {} }: Affinities, namespace: string): AffinityTerms {
  const { preferredDuringSchedulingIgnoredDuringExecution: preferred = [] } = podAffinity;
  const { preferredDuringSchedulingIgnoredDuringExecution: avoided = [] } = podAntiAffinity;
  const read = (term: PodAffinityTerm): AffinityTerm => ({
    term: affinityTerm(term, namespace),
    topologyKey: term.topologyKey,
  });
  return {
    required: (podAffinity.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(read),
    requiredAnti: (podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(read),
    preferred: [
      ...preferred.map(({ weight, podAffinityTerm }) => ({ ...read(podAffinityTerm), weight })),
      ...avoided.map(({ weight, podAffinityTerm }) => ({ ...read(podAffinityTerm), weight: -weight })),
    ],
  };
}
