/** The scores that look at one node and the pods on it. */
import { matchesNodeSelectorTerm } from '#api/core/node-selection';
import { toleratesTaint } from '#api/core/tolerations';
import type { Node, Pod } from '#api/types/core-v1';
import { podsOn, type ReferenceCluster } from './cluster.ts';
import { allocatable, plus, requests, requestsForScore, UNASKED } from './resources.ts';

type Scored = { readonly raw: number; readonly normalized: number };

/** The scores of all nodes that passed every filter, in their order. */
export type Score = (cluster: ReferenceCluster, pod: Pod, candidates: readonly Node[]) => readonly Scored[];

const asTheyAre = (raw: readonly number[]): readonly Scored[] =>
  raw.map((score) => ({ raw: score, normalized: score }));

/** In proportion to the highest. */
function inProportion(raw: readonly number[], better: 'more' | 'less'): readonly Scored[] {
  const highest = Math.max(0, ...raw);
  return raw.map((score) => {
    const share = highest === 0 ? 0 : Math.trunc((100 * score) / highest);
    return { raw: score, normalized: better === 'more' ? share : 100 - share };
  });
}

export const taintTolerationScore: Score = (_, { spec }, candidates) => {
  const able = (spec.tolerations ?? []).filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
  const unwelcome = (node: Node): number =>
    (node.spec?.taints ?? [])
      .filter(({ effect }) => effect === 'PreferNoSchedule')
      .filter((taint) => !able.some((toleration) => toleratesTaint(toleration, taint))).length;
  return inProportion(candidates.map(unwelcome), 'less');
};

export const nodeAffinityScore: Score = (_, { spec }, candidates) => {
  const terms = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const weightOf = (node: Node): number => {
    let sum = 0;
    for (const { weight, preference } of terms) if (matchesNodeSelectorTerm(preference, node)) sum += weight;
    return sum;
  };
  return inProportion(candidates.map(weightOf), 'more');
};

export const leastAllocated: Score = (cluster, pod, candidates) => {
  const asked = requests(pod, UNASKED);
  return asTheyAre(
    candidates.map((node) => {
      const has = allocatable(node);
      const used = podsOn(cluster, node).map(requestsForScore).reduce(plus, {});
      const shares: number[] = [];
      for (const name of ['cpu', 'memory']) {
        const capacity = has[name] ?? 0;
        if (capacity === 0) continue;
        const wanted = (used[name] ?? 0) + (asked[name] ?? 0);
        shares.push(wanted > capacity ? 0 : Math.trunc(((capacity - wanted) * 100) / capacity));
      }
      return shares.length === 0 ? 0 : Math.trunc(shares.reduce((sum, share) => sum + share, 0) / shares.length);
    }),
  );
};

export const balancedAllocation: Score = (cluster, pod, candidates) => {
  const asked = requests(pod);
  // A pod that asks for nothing would make all nodes look balanced.
  if (!asked['cpu'] && !asked['memory']) return asTheyAre(candidates.map(() => 0));
  return asTheyAre(
    candidates.map((node) => {
      const has = allocatable(node);
      const used = podsOn(cluster, node)
        .map((other) => requests(other))
        .reduce(plus, {});
      const shares: number[] = [];
      for (const name of ['cpu', 'memory']) {
        const capacity = has[name] ?? 0;
        if (capacity > 0) shares.push(Math.min(1, ((used[name] ?? 0) + (asked[name] ?? 0)) / capacity));
      }
      const [one, other] = shares;
      const deviation = one === undefined || other === undefined ? 0 : Math.abs((one - other) / 2);
      return Math.trunc((1 - deviation) * 100);
    }),
  );
};

const MEBIBYTE = 1024 * 1024;
const LEAST_BYTES = 23 * MEBIBYTE;
const MOST_BYTES_EACH = 1000 * MEBIBYTE;

export const imageLocality: Score = ({ nodes }, { spec }, candidates) => {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const images = containers.map(({ image = '' }) => withTag(image));
  const sizeOn = (node: Node, image: string): number | undefined =>
    (node.status?.images ?? []).find(({ names = [] }) => names.includes(image))?.sizeBytes;
  return asTheyAre(
    candidates.map((node) => {
      let bytes = 0;
      for (const image of images) {
        const size = sizeOn(node, image);
        const holders = nodes.filter((each) => sizeOn(each, image) !== undefined).length;
        if (size !== undefined) bytes += Math.trunc(size * (holders / nodes.length));
      }
      const most = MOST_BYTES_EACH * containers.length;
      const bounded = Math.min(most, Math.max(LEAST_BYTES, bytes));
      return Math.trunc((100 * (bounded - LEAST_BYTES)) / (most - LEAST_BYTES));
    }),
  );
};

const withTag = (image: string): string =>
  image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
