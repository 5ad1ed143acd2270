/** Raw scores by slot that are brought into range by the highest among all candidates. */
import { MAX_SCORE, type PodScore } from './plugin.ts';
import type { Weighing } from './ready-pod.ts';

type ScaledScore = Extract<PodScore, { kind: 'scaled' }>;

export class ScaledColumn {
  readonly #score: ScaledScore;
  readonly #weight: number;
  readonly #raw: Int32Array;
  /** How many candidates have which raw score. */
  readonly #counts = new Map<number, number>();
  #highest = 0;

  constructor({ score, weight }: Weighing<ScaledScore>, places: number) {
    this.#score = score;
    this.#weight = weight;
    this.#raw = new Int32Array(places);
  }

  get highest(): number {
    return this.#highest;
  }

  rawAt(slot: number): number {
    return this.#raw[slot] as number;
  }

  add(slot: number): void {
    const raw = this.#score.score(slot);
    this.#raw[slot] = raw;
    this.#counts.set(raw, (this.#counts.get(raw) ?? 0) + 1);
    if (raw > this.#highest) this.#highest = raw;
  }

  remove(slot: number): void {
    const raw = this.#raw[slot] as number;
    const left = (this.#counts.get(raw) ?? 0) - 1;
    if (left > 0) {
      this.#counts.set(raw, left);
      return;
    }
    this.#counts.delete(raw);
    if (raw === this.#highest) this.#highest = Math.max(0, ...this.#counts.keys());
  }

  clear(): void {
    this.#counts.clear();
    this.#highest = 0;
  }

  /** Adds what each of the first `count` slots gets, when only these are candidates. */
  addWeighted(slots: Int32Array, count: number, totals: Int32Array): void {
    const highest = this.#highestOf(slots, count);
    for (let index = 0; index < count; index++) {
      const slot = slots[index] as number;
      totals[slot] = (totals[slot] as number) + this.weighted(slot, highest);
    }
  }

  /** What the slot gets of it, weighted, when `highest` is the highest raw score. */
  weighted(slot: number, highest: number): number {
    return this.#weight * scaled(this.#raw[slot] as number, highest, this.#score.order);
  }

  #highestOf(slots: Int32Array, count: number): number {
    if (this.#highest === 0) return 0;
    let highest = 0;
    for (let index = 0; index < count; index++) {
      const raw = this.#raw[slots[index] as number] as number;
      if (raw > highest) highest = raw;
    }
    return highest;
  }
}

/** In range, when `highest` is the highest raw score of all candidates. */
export function scaled(raw: number, highest: number, order: ScaledScore['order']): number {
  const isReverse = order === 'less is better';
  if (highest === 0) return isReverse ? MAX_SCORE : 0;
  const share = Math.trunc((MAX_SCORE * raw) / highest);
  return isReverse ? MAX_SCORE - share : share;
}
