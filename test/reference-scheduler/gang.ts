/** Places the pods of a gang one after the other, each on one of the nodes that are best for it then. */
import type { Pod } from '#api/types/core-v1';
import type { ReferenceCluster } from './cluster.ts';
import { judge } from './judge.ts';

/** `chosen`: the node that was taken where several are best; undefined for none. */
export type GangStep = { readonly pod: Pod; readonly chosen: string | undefined };

/** What is wrong with a course; nothing when each step is one that could be taken. */
export function faultOf(cluster: ReferenceCluster, steps: readonly GangStep[]): string | undefined {
  let now = cluster;
  for (const { pod, chosen } of steps) {
    const best = bestNodes(now, pod);
    if (chosen === undefined && best.length > 0) return `${pod.metadata.name} would do on ${best.join()}`;
    if (chosen === undefined) continue;
    if (!best.includes(chosen)) return `${pod.metadata.name} is on ${chosen}, not on one of ${best.join()}`;
    now = { ...now, pods: [...now.pods, { ...pod, spec: { ...pod.spec, nodeName: chosen } }] };
  }
  return undefined;
}

function bestNodes(cluster: ReferenceCluster, pod: Pod): readonly string[] {
  const judgements = judge(cluster, pod);
  // Nodes that are left out by name are not asked at all.
  const fit = judgements.filter(({ total, first }) => total !== undefined && first === undefined);
  const most = Math.max(...fit.map(({ total = 0 }) => total));
  return fit.filter(({ total }) => total === most).map(({ node }) => node);
}
