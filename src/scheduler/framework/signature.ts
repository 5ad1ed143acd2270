/** Tells which pods are alike to every plugin: they share what is worked out for one of them. */
import type { Pod } from '#api/core/pod';
import { NOTHING } from '#api/meta/label-selector';
import type { PodAffinityTerm, TopologySpreadConstraint } from '#api/types/core-v1';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { type PodShape, podShape } from '../snapshot/pod-shape.ts';
import { selectorText } from '../snapshot/pod-term.ts';

export type Signature = {
  /** What the pod asks of a node by itself. */
  readonly own: string;
  readonly all: string;
};

/** @param outlook what else the answers depend on that look beyond the node */
export function signatureOf(state: ClusterState, pod: Pod, outlook: string): Signature {
  const shape = podShape(pod.spec);
  const own = `${shape.own} ${pod.spec.nodeName ?? ''}`;
  const company = companyOf(state, pod, shape);
  return { own, all: company === '' && outlook === '' ? own : `${own} ${shape.number} ${outlook} ${company}` };
}

/** What the pod's place among other pods depends on: empty when it does not matter to it. */
function companyOf(state: ClusterState, pod: Pod, shape: PodShape): string {
  const { namespace = '', labels } = pod.metadata;
  const { affinity = {}, topologySpreadConstraints = [] } = shape.spec;
  const spreads = topologySpreadConstraints.length > 0;
  const belongsTo = spreads ? NOTHING : state.sources.of(pod);
  const hasTerms = affinity.podAffinity !== undefined || affinity.podAntiAffinity !== undefined;
  if (!spreads && !hasTerms && belongsTo.nothing === true) return '';
  const { labelKeys } = state;
  return `${namespace} ${labelKeys.size} ${labelKeys.textOf(labels, ownKeys(shape))} ${selectorText(belongsTo)}`;
}

const NONE: readonly string[] = [];
const known = new WeakMap<PodShape, readonly string[]>();

/** The labels that the pod's own terms ask for: it matters whether it meets them itself. */
function ownKeys(shape: PodShape): readonly string[] {
  const { affinity, topologySpreadConstraints = [] } = shape.spec;
  const required = affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  if (required.length === 0 && topologySpreadConstraints.length === 0) return NONE;
  const before = known.get(shape);
  if (before !== undefined) return before;
  const keys = [...new Set([...topologySpreadConstraints, ...required].flatMap(keysOf))];
  known.set(shape, keys);
  return keys;
}

function keysOf({
  labelSelector = {},
  matchLabelKeys = [],
}: PodAffinityTerm | TopologySpreadConstraint): readonly string[] {
  const { matchLabels = {}, matchExpressions = [] } = labelSelector;
  return [...matchLabelKeys, ...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)];
}
