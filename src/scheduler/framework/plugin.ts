/** The extension points of scheduling, named as upstream's framework names them (KEP-624). Plugins are pure values. */
import type { Pod } from '#api/core/pod';
import type { NodeState } from './node-state.ts';

/**
 * A refusal carries reasons a user can read, in upstream's words.
 * `resolvable` is false when removing pods from the node could not help (upstream: UnschedulableAndUnresolvable).
 */
export type Verdict =
  | { readonly fits: true }
  | { readonly fits: false; readonly reasons: readonly string[]; readonly resolvable: boolean };

export const FITS: Verdict = { fits: true };

export const refused = (...reasons: readonly string[]): Verdict => ({ fits: false, reasons, resolvable: true });

/** Refused whatever pods leave the node. */
export const refusedForGood = (...reasons: readonly string[]): Verdict => ({ fits: false, reasons, resolvable: false });

/** A change of the cluster that may make a refused pod fit. */
export type ClusterEvent = 'NodeAdded' | 'NodeChanged' | 'PodRemoved' | 'StorageChanged';

export type FilterPlugin = {
  readonly name: string;
  readonly filter: (pod: Pod, node: NodeState) => Verdict;
  /** The events after which a pod that this plugin refused is worth another try. */
  readonly wakesOn: readonly ClusterEvent[];
};

export const MAX_SCORE = 100;

export type ScorePlugin = {
  readonly name: string;
  readonly weight: number;
  readonly score: (pod: Pod, node: NodeState) => number;
  /** Brings the raw scores of all candidate nodes into 0 to `MAX_SCORE`; absent when they are already. */
  readonly normalize?: (scores: readonly number[]) => readonly number[];
};

export type Profile = {
  readonly schedulerName: string;
  readonly filters: readonly FilterPlugin[];
  readonly scores: readonly ScorePlugin[];
};

/** Scales so that the highest raw score becomes `MAX_SCORE`; `reverse` when less is better (upstream: DefaultNormalizeScore). */
export function normalizeToMax(
  scores: readonly number[],
  order: 'more is better' | 'less is better',
): readonly number[] {
  const highest = Math.max(0, ...scores);
  const reverse = order === 'less is better';
  if (highest === 0) return scores.map(() => (reverse ? MAX_SCORE : 0));
  return scores.map((score) => {
    const scaled = Math.floor((MAX_SCORE * score) / highest);
    return reverse ? MAX_SCORE - scaled : scaled;
  });
}
