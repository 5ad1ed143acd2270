/** A node that could be cleared for a pod, and which of several is cleared. Pure. */
import type { Pod } from '#api/core/pod';
import { priorityOf, startedMs } from './importance.ts';

export type Candidate = {
  readonly node: string;
  /** The most important first; never empty. */
  readonly victims: readonly Pod[];
  /** How many of them a disruption budget protects. */
  readonly violations: number;
  /** What decides between candidates, in this order; less is better. */
  readonly rank: readonly [violations: number, highest: number, sum: number, count: number, startedBefore: number];
};

// Makes every priority count as more than none, so that fewer victims of negative priority are better than more.
const PRIORITY_SHIFT = 2 ** 31;

export function candidate(node: string, victims: readonly Pod[], violations: number): Candidate {
  const priorities = victims.map(priorityOf);
  const highest = Math.max(...priorities);
  const sum = priorities.reduce((total, priority) => total + priority + PRIORITY_SHIFT, 0);
  const starts = victims.filter((pod) => priorityOf(pod) === highest).map(startedMs);
  return { node, victims, violations, rank: [violations, highest, sum, victims.length, -Math.min(...starts)] };
}

/** The first of the best: fewest violated budgets, least important victims, fewest, latest started. */
export function bestCandidate(candidates: Iterable<Candidate>): Candidate | undefined {
  let best: Candidate | undefined;
  for (const each of candidates) if (best === undefined || byRank(each, best) < 0) best = each;
  return best;
}

/** Negative when `left` is better. */
export function byRank({ rank: left }: Candidate, { rank: right }: Candidate): number {
  for (let index = 0; index < left.length; index++) {
    const [mine = 0, its = 0] = [left[index], right[index]];
    if (mine !== its) return mine < its ? -1 : 1;
  }
  return 0;
}
