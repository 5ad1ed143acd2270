/** Adds up the scores of candidates, and chooses among the best. */
import type { Candidates } from './plugin.ts';
import type { ReadyFilter, ReadyPod } from './ready-pod.ts';
import type { ScaledColumn } from './scaled-column.ts';
import { FITS, type VerdictColumn } from './verdict-column.ts';

/** What is known of every slot by itself. */
export type Standing = {
  readonly verdicts: VerdictColumn;
  readonly own: Int32Array;
  readonly scaled: readonly ScaledColumn[];
};

/** The best, by the index among the candidates; `rank` tells which of those it stands for. */
export type Pick = { readonly slot: number; readonly rank: number; readonly score: number };

/** Every slot that fits by itself and has what `also` asks for. */
export function candidatesAmong({ verdicts }: Standing, also: readonly ReadyFilter[], end: number): Candidates {
  const slots = new Int32Array(end);
  const { codes } = verdicts;
  let count = 0;
  for (let slot = 0; slot < end; slot++) {
    if (codes[slot] !== FITS) continue;
    if (also.every(({ filter }) => filter.verdict(slot) === undefined)) slots[count++] = slot;
  }
  return { slots, count };
}

/** Undefined when no candidate is left by the filters that look at domains. */
export function passOver(
  candidates: Candidates,
  { ready, standing, totals }: { readonly ready: ReadyPod; readonly standing: Standing; readonly totals: Int32Array },
  draw: number,
): Pick | undefined {
  const left = siftedBy(ready.filters, candidates);
  if (left.count === 0) return undefined;
  const { own, scaled } = standing;
  for (let index = 0; index < left.count; index++) {
    const slot = left.slots[index] as number;
    totals[slot] = own[slot] as number;
  }
  for (const column of scaled) column.addWeighted(left.slots, left.count, totals);
  for (const { score, weight } of ready.domainScores) score.addScores(left, weight, totals);
  return pick(left, totals, draw);
}

function siftedBy(filters: readonly ReadyFilter[], candidates: Candidates): Candidates {
  let left = candidates;
  for (const { filter } of filters) if (filter.domains !== undefined) left = sifted(left, filter.domains.sift(left));
  return left;
}

/** Only those at the indexes that are kept. */
function sifted({ slots, sizes }: Candidates, kept: Int32Array): Candidates {
  for (let index = 0; index < kept.length; index++) {
    const from = kept[index] as number;
    slots[index] = slots[from] as number;
    if (sizes !== undefined) sizes[index] = sizes[from] as number;
  }
  const count = kept.length;
  return sizes === undefined ? { slots, count } : { slots, count, sizes };
}

/** `totals`: by slot. */
export function pick(candidates: Candidates, totals: Int32Array, draw: number): Pick {
  const { slots, count, sizes } = candidates;
  let highest = -1;
  let ties = 0;
  for (let index = 0; index < count; index++) {
    const total = totals[slots[index] as number] as number;
    if (total < highest) continue;
    const size = sizes === undefined ? 1 : (sizes[index] as number);
    ties = total === highest ? ties + size : size;
    highest = total;
  }
  const isBest = (slot: number): boolean => totals[slot] === highest;
  return { ...ranked(candidates, isBest, Math.floor(draw * ties)), score: highest };
}

/** Of those that are best, each counted as often as it stands for a node, the one with this rank. */
function ranked(
  { slots, count, sizes }: Candidates,
  isBest: (slot: number) => boolean,
  rank: number,
): Omit<Pick, 'score'> {
  let left = rank;
  for (let index = 0; index < count; index++) {
    const slot = slots[index] as number;
    if (!isBest(slot)) continue;
    const size = sizes === undefined ? 1 : (sizes[index] as number);
    if (left < size) return { slot, rank: left };
    left -= size;
  }
  throw new RangeError(`Cannot choose the best number ${rank}: expected a draw from 0 to less than 1`);
}
