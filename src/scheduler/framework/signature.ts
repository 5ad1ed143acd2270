/** Tells which pods are alike to every plugin: they share what is worked out for one of them. */
import type { Pod } from '#api/core/pod';
import type { PodAffinityTerm, TopologySpreadConstraint } from '#api/types/core-v1';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { type PodShape, podShape } from '../snapshot/pod-shape.ts';

export function signatureOf(state: ClusterState, pod: Pod): string {
  const { namespace = '', labels } = pod.metadata;
  const shape = podShape(pod.spec);
  const { labelKeys } = state;
  const labelsText = labelKeys.textOf(labels, ownKeys(shape));
  const spreads = (pod.spec.topologySpreadConstraints ?? []).length > 0;
  const belongsTo = spreads ? '' : state.sources.textOf(pod);
  return `${shape.number} ${pod.spec.nodeName ?? ''} ${namespace} ${labelKeys.size} ${labelsText} ${belongsTo}`;
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
