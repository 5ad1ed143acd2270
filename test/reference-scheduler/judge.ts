/** The reference scheduler: asks every filter about every node, then every score about the nodes that are left. */
import type { Node, Pod } from '#api/types/core-v1';
import type { ReferenceCluster } from './cluster.ts';
import { interPodAffinity, interPodAffinityScore } from './inter-pod-affinity.ts';
import {
  type Filter,
  isAskedFor,
  nodeAffinity,
  nodeName,
  nodePorts,
  nodeResourcesFit,
  nodeUnschedulable,
  type Refusal,
  taintToleration,
} from './node-filters.ts';
import {
  balancedAllocation,
  imageLocality,
  leastAllocated,
  nodeAffinityScore,
  type Score,
  taintTolerationScore,
} from './node-scores.ts';
import { podTopologySpread, podTopologySpreadScore } from './topology-spread.ts';

const FILTERS: readonly (readonly [string, Filter])[] = [
  ['NodeUnschedulable', nodeUnschedulable],
  ['NodeName', nodeName],
  ['TaintToleration', taintToleration],
  ['NodeAffinity', nodeAffinity],
  ['NodePorts', nodePorts],
  ['NodeResourcesFit', nodeResourcesFit],
  ['PodTopologySpread', podTopologySpread],
  ['InterPodAffinity', interPodAffinity],
];

const SCORES: readonly (readonly [string, number, Score])[] = [
  ['TaintToleration', 3, taintTolerationScore],
  ['NodeAffinity', 2, nodeAffinityScore],
  ['NodeResourcesFit', 1, leastAllocated],
  ['PodTopologySpread', 2, podTopologySpreadScore],
  ['InterPodAffinity', 2, interPodAffinityScore],
  ['NodeResourcesBalancedAllocation', 1, balancedAllocation],
  ['ImageLocality', 1, imageLocality],
];

type PluginScore = { readonly raw: number; readonly normalized: number };

type NamedRefusal = Refusal & { readonly plugin: string };

export type Judgement = {
  readonly node: string;
  /** Every filter that says no, in the order in which they are asked. */
  readonly refusals: readonly NamedRefusal[];
  /** The one that counts: nodes that are left out by name are not asked at all. */
  readonly first?: NamedRefusal;
  /** By plugin; of nodes that no filter refuses. */
  readonly scores?: Readonly<Record<string, PluginScore>>;
  readonly total?: number;
};

export function judge(cluster: ReferenceCluster, pod: Pod): readonly Judgement[] {
  const verdicts = cluster.nodes.map((node) => ({
    node,
    refusals: refusalsOf(cluster, pod, node),
  }));
  const candidates = verdicts.filter(({ refusals }) => refusals.length === 0).map(({ node }) => node);
  const columns = SCORES.map(([name, weight, score]) => ({
    name,
    weight,
    scores: score(cluster, pod, candidates),
  }));
  return verdicts.map(({ node, refusals }) => {
    const leftOut = isAskedFor(cluster, pod, node);
    const first = leftOut === undefined ? refusals[0] : { plugin: 'NodeAffinity', ...leftOut };
    const verdict = { node: node.metadata.name, refusals, ...(first === undefined ? {} : { first }) };
    const index = candidates.indexOf(node);
    if (index === -1) return verdict;
    const scores: Record<string, PluginScore> = {};
    let total = 0;
    for (const { name, weight, scores: column } of columns) {
      const score = column[index]!;
      scores[name] = score;
      total += weight * score.normalized;
    }
    return { ...verdict, scores, total };
  });
}

function refusalsOf(cluster: ReferenceCluster, pod: Pod, node: Node): Judgement['refusals'] {
  return FILTERS.flatMap(([plugin, filter]) => {
    const refusal = filter(cluster, pod, node);
    return refusal === undefined ? [] : [{ plugin, ...refusal }];
  });
}
