/** Decides where one pod goes: asks the filters for every node, scores what is left, and counts why not. */
import type { Pod } from '#api/core/pod';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import type { Placement, RefusalGroup } from './placement.ts';
import {
  type Candidates,
  MAX_SCORE,
  type Plugin,
  type PodFilter,
  type PodScore,
  type Profile,
  type Refusal,
} from './plugin.ts';

export type PlaceOptions = {
  /** A number in [0, 1) that decides between equals. */
  readonly draw: number;
};

type Ready = { readonly plugin: Plugin; readonly filter: PodFilter };

export function placePod(state: ClusterState, profile: Profile, pod: Pod, options: PlaceOptions): Placement {
  const filters: Ready[] = [];
  for (const plugin of profile.filters) {
    const filter = plugin.filter?.(pod, state);
    if (filter === undefined) continue;
    if ('because' in filter)
      return {
        placed: false,
        nodeCount: state.nodeCount,
        groups: [],
        because: { plugin: plugin.name, text: filter.because, resolvable: filter.resolvable },
      };
    filter.domains?.rebuild();
    filter.domains?.settle();
    filters.push({ plugin, filter });
  }
  const slots = new Int32Array(state.slotsEnd);
  let count = 0;
  const groups = new Map<Refusal, { plugin: string; refusal: Refusal; slots: number[] }>();
  for (let slot = 0; slot < state.slotsEnd; slot++) {
    if (state.nodeAt(slot) === undefined) continue;
    let refused = false;
    for (const { plugin, filter } of filters) {
      const refusal = filter.verdict(slot);
      if (refusal === undefined) continue;
      const group = groups.get(refusal) ?? { plugin: plugin.name, refusal, slots: [] };
      group.slots.push(slot);
      groups.set(refusal, group);
      refused = true;
      break;
    }
    if (!refused) slots[count++] = slot;
  }
  if (count === 0) {
    return {
      placed: false,
      nodeCount: state.nodeCount,
      groups: [...groups.values()].map(({ plugin, refusal, slots: refused }): RefusalGroup => ({
        plugin,
        refusal,
        count: refused.length,
        nodes: () => refused.map((slot) => state.nameAt(slot)),
      })),
    };
  }
  return choose(state, profile, pod, { slots, count }, options);
}

function choose(
  state: ClusterState,
  profile: Profile,
  pod: Pod,
  candidates: Candidates,
  { draw }: PlaceOptions,
): Placement {
  const totals = new Int32Array(state.slotsEnd);
  for (const { plugin, weight } of profile.scores) {
    const score = plugin.score?.(pod, state);
    if (score !== undefined) addScores(score, candidates, weight, totals);
  }
  let best = -1;
  let ties: number[] = [];
  for (let index = 0; index < candidates.count; index++) {
    const slot = candidates.slots[index]!;
    const total = totals[slot]!;
    if (total > best) {
      best = total;
      ties = [];
    }
    if (total === best) ties.push(slot);
  }
  return { placed: true, node: state.nameAt(ties[Math.floor(draw * ties.length)]!), score: best };
}

function addScores(score: PodScore, candidates: Candidates, weight: number, totals: Int32Array): void {
  if (score.kind === 'domains') {
    score.domains.rebuild();
    score.domains.settle();
    score.addScores(candidates, weight, totals);
    return;
  }
  const raw = Array.from(candidates.slots.subarray(0, candidates.count), (slot) => score.score(slot));
  const highest = score.kind === 'own' ? MAX_SCORE : Math.max(...raw);
  for (const [index, value] of raw.entries()) {
    const slot = candidates.slots[index]!;
    const scaled = score.kind === 'own' ? value : scale(value, highest, score.order);
    totals[slot] = totals[slot]! + weight * scaled;
  }
}

function scale(value: number, highest: number, order: 'more is better' | 'less is better'): number {
  if (highest === 0) return order === 'less is better' ? MAX_SCORE : 0;
  const scaled = Math.floor((MAX_SCORE * value) / highest);
  return order === 'less is better' ? MAX_SCORE - scaled : scaled;
}
