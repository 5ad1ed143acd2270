/** Decides where one pod goes: filters every node, scores what is left, and keeps every verdict. */
import type { Pod } from '#api/core/pod';
import type { NodeState } from './node-state.ts';
import type { Profile } from './plugin.ts';

/** Why a node was refused: by which plugin, with which reasons. */
export type Refusal = {
  readonly node: string;
  readonly plugin: string;
  readonly reasons: readonly string[];
  readonly resolvable: boolean;
};

export type Placement =
  | { readonly placed: true; readonly node: string; readonly score: number; readonly refusals: readonly Refusal[] }
  | Refused;

/** `because`: a reason that has nothing to do with any node. */
export type Refused = {
  readonly placed: false;
  readonly nodes: number;
  readonly refusals: readonly Refusal[];
  readonly because?: string;
};

export type PlacementRequest = {
  readonly pod: Pod;
  readonly nodes: readonly NodeState[];
  readonly profile: Profile;
  /** A number in [0, 1) that decides between equals. */
  readonly draw: number;
};

export function planPlacement({ pod, nodes, profile, draw }: PlacementRequest): Placement {
  const candidates: NodeState[] = [];
  const refusals: Refusal[] = [];
  for (const node of nodes) {
    const refusal = refusalOf(pod, node, profile);
    if (refusal === undefined) candidates.push(node);
    else refusals.push(refusal);
  }
  if (candidates.length === 0) return { placed: false, nodes: nodes.length, refusals };
  const totals = totalScores(pod, candidates, profile);
  const score = Math.max(...totals);
  const best = candidates.filter((_, index) => totals[index] === score);
  const chosen = best[Math.floor(draw * best.length)] as NodeState;
  return { placed: true, node: chosen.node.metadata.name, score, refusals };
}

/** The first plugin that says no decides, as upstream's filter chain does. */
function refusalOf(pod: Pod, state: NodeState, { filters }: Profile): Refusal | undefined {
  for (const { name, filter } of filters) {
    const verdict = filter(pod, state);
    if (verdict.fits) continue;
    return { node: state.node.metadata.name, plugin: name, reasons: verdict.reasons, resolvable: verdict.resolvable };
  }
  return undefined;
}

function totalScores(pod: Pod, candidates: readonly NodeState[], { scores }: Profile): readonly number[] {
  const totals = candidates.map(() => 0);
  for (const { score, normalize = same, weight } of scores) {
    const normalized = normalize(candidates.map((candidate) => score(pod, candidate)));
    for (const [index, value] of normalized.entries()) totals[index] = (totals[index] ?? 0) + value * weight;
  }
  return totals;
}

const same = (scores: readonly number[]): readonly number[] => scores;

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` as upstream's FitError has it. */
export function explainRefusals({ nodes, refusals, because }: Omit<Refused, 'placed'>): string {
  if (nodes === 0) return 'no nodes available to schedule pods';
  if (because !== undefined) return `0/${nodes} nodes are available: ${because}.`;
  const counts = new Map<string, number>();
  for (const { reasons } of refusals) for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const texts = [...counts].map(([reason, count]) => `${count} ${reason}`).toSorted();
  return `0/${nodes} nodes are available: ${texts.join(', ')}.`;
}
