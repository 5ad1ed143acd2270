/** How every node that would do was scored: by each plugin, before and after its score was brought into range, and in sum. */
import type { Pod } from '#api/core/pod';
import { type Candidates, MAX_SCORE, type PodScore, type Profile } from '../framework/plugin.ts';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import { verdictsOn } from './verdicts.ts';

export type PluginScore = {
  readonly plugin: string;
  readonly weight: number;
  readonly raw: number;
  readonly normalized: number;
};

export type NodeScores = {
  readonly node: string;
  readonly total: number;
  readonly plugins: readonly PluginScore[];
};

/** Of nodes that no filter refuses; plugins that have nothing to say about the pod are left out. */
export function scoreNodes(state: ClusterState, profile: Profile, pod: Pod): readonly NodeScores[] {
  const candidates = candidatesFor(state, profile, pod);
  const columns = profile.scores.flatMap(({ plugin, weight }) => {
    const score = plugin.score?.(pod, state);
    return score === undefined ? [] : [{ plugin: plugin.name, weight, scores: scoresOf(score, candidates, state) }];
  });
  return Array.from(candidates.slots, (slot, index) => {
    const plugins = columns.map(({ plugin, weight, scores }) => ({ plugin, weight, ...scores[index]! }));
    const total = plugins.reduce((sum, { weight, normalized }) => sum + weight * normalized, 0);
    return { node: state.nameAt(slot), total, plugins };
  });
}

function candidatesFor(state: ClusterState, profile: Profile, pod: Pod): Candidates {
  const fitting = verdictsOn(state, profile, pod).filter(({ refusals }) => refusals.length === 0);
  return { slots: Int32Array.from(fitting, ({ slot }) => slot), count: fitting.length };
}

type Scored = { readonly raw: number; readonly normalized: number };

function scoresOf(score: PodScore, candidates: Candidates, state: ClusterState): readonly Scored[] {
  const slots = [...candidates.slots];
  if (score.kind === 'domains') {
    score.domains.rebuild();
    score.domains.settle();
    const normalized = new Int32Array(state.slotsEnd);
    score.addScores(candidates, 1, normalized);
    const scores = slots.map((slot) => ({
      raw: score.rawScore(slot, candidates),
      normalized: normalized[slot] ?? 0,
    }));
    score.domains.release();
    return scores;
  }
  const raw = slots.map((slot) => score.score(slot));
  if (score.kind === 'own') return raw.map((value) => ({ raw: value, normalized: value }));
  const highest = Math.max(0, ...raw);
  return raw.map((value) => {
    const share = highest === 0 ? 0 : Math.floor((MAX_SCORE * value) / highest);
    return { raw: value, normalized: score.order === 'less is better' ? MAX_SCORE - share : share };
  });
}
