/** Where a pod goes when others have a say, too. */
import type { Pod } from '#api/types/core-v1';
import type { ReferenceCluster } from './cluster.ts';
import { judge, type Judgement } from './judge.ts';

/** What one extender says of each node. */
export type Opinion = {
  readonly weight: number;
  /** Why it leaves the node out, or nothing. */
  readonly against: (node: string) => { readonly reason: string; readonly helpless: boolean } | undefined;
  /** From 0 to 10. */
  readonly score: (node: string) => number;
};

export type Extended =
  | { readonly kind: 'place'; readonly nodes: readonly string[] }
  /** By node, who refuses it first. */
  | { readonly kind: 'refuse'; readonly reasons: Readonly<Record<string, string>> };

export function placeExtended(cluster: ReferenceCluster, pod: Pod, opinions: readonly Opinion[]): Extended {
  const judgements = judge(cluster, pod);
  const left = judgements.filter(({ node, first }) => first === undefined && !refused(node, opinions));
  if (left.length === 0) return { kind: 'refuse', reasons: reasonsOf(judgements, opinions) };
  const totals = left.map(({ node, total = 0 }) =>
    opinions.reduce((sum, { weight, score }) => sum + weight * 10 * score(node), total),
  );
  return { kind: 'place', nodes: left.filter((_, at) => totals[at] === Math.max(...totals)).map(({ node }) => node) };
}

const refused = (node: string, opinions: readonly Opinion[]): boolean =>
  opinions.some(({ against }) => against(node) !== undefined);

function reasonsOf(judgements: readonly Judgement[], opinions: readonly Opinion[]): Readonly<Record<string, string>> {
  const told = judgements.map(({ node, first }) => {
    const reason = opinions.flatMap(({ against }) => against(node) ?? [])[0]?.reason;
    return [node, first === undefined ? `Extender: ${reason}` : `${first.plugin}: ${first.reasons.toSorted().join()}`];
  });
  return Object.fromEntries(told);
}
