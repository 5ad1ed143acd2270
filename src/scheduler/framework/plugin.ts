/** The extension points of scheduling, named as upstream's framework names them (KEP-624). Plugins are pure values. */
import type { Pod } from '#api/core/pod';
import type { PersistentVolume } from '#api/types/core-v1';
import type { ClusterState } from '../snapshot/cluster-state.ts';
import type { SlotCounts } from '../snapshot/slot-counts.ts';
import type { ClusterEvent } from './cluster-event.ts';

/**
 * Why a node does not do, in words a user can read, which are upstream's.
 * `resolvable` is false when removing pods from the node could not help (upstream: UnschedulableAndUnresolvable).
 * Refusals are told apart by identity: plugins hand out the same value for the same reasons.
 */
export type Refusal = { readonly reasons: readonly string[]; readonly resolvable: boolean };

export const refusal = (...reasons: readonly string[]): Refusal => ({ reasons, resolvable: true });

/** Whatever pods leave the node. */
export const refusalForGood = (...reasons: readonly string[]): Refusal => ({ reasons, resolvable: false });

/**
 * What is kept by topology domain, so that a change at one node is felt at others.
 * `rebuild` starts anew; `repair` takes in what changed in a slot; `settle` comes after them, before anything is asked.
 */
export type DomainCounts = {
  rebuild(): void;
  repair(slot: number): void;
  settle(): void;
  /** What is counted by slot, from when it was rebuilt on: nothing else in a slot but its node needs a repair. */
  counted(): readonly SlotCounts[];
  /** Nothing will be asked of it any more, until it is rebuilt. */
  release(): void;
  /** Slots with the same numbers get the same answers. */
  readonly features: readonly SlotFeature[];
};

/** A number of a slot that changes only when something in the slot does. */
export type SlotFeature = {
  readonly at: (slot: number) => number;
  /** Each node is a domain by itself, so that the number tells what is counted there; else it tells the domain. */
  readonly isSingular: () => boolean;
  /** The same where nothing is counted. */
  readonly usual: (slot: number) => number;
  /** Features with the same key have the same usual numbers. */
  readonly key: string;
};

export type SiftedDomains = DomainCounts & {
  /** The indexes of the candidates where the pod fits, in order. */
  sift(candidates: Candidates): Int32Array;
};

export type Refuse = (slot: number, refusal: Refusal) => void;

/** A filter made ready for one pod: asked for one slot after the other. */
export type PodFilter = {
  /** Undefined where the pod fits. */
  verdict(slot: number): Refusal | undefined;
  /** The same for many at once, where that takes less: moves those that fit to the front, in order, and returns how many do. */
  sieve?(slots: Int32Array, count: number, refuse: Refuse): number;
  /** Absent when a verdict depends on nothing but what is in the slot. */
  readonly domains?: SiftedDomains;
  /** The only nodes that can do, when the filter knows them beforehand (upstream: PreFilterResult). */
  readonly only?: readonly string[];
  /** Keys are the slots that have something the pod asks for and that most lack: the filter refuses all others. Undefined when there is no such thing. */
  offers?(): ReadonlyMap<number, unknown> | undefined;
};

/** No node will do, and none needs to be asked. */
export type PodRefused = { readonly because: string; readonly resolvable: boolean };

export const MAX_SCORE = 100;

/**
 * A score made ready for one pod.
 * `own`: from 0 to `MAX_SCORE`, of what is in the slot alone. `scaled`: brought there so that the highest of all candidates becomes
 * `MAX_SCORE` (upstream: DefaultNormalizeScore), or 0 when less is better. `domains`: worked out for all candidates at once.
 */
export type PodScore =
  | {
      readonly kind: 'own';
      score(slot: number): number;
      /** Adds `weight` times the score of every candidate to `totals`, which has a place for each slot. */
      addScores(candidates: Candidates, weight: number, totals: Int32Array): void;
    }
  | { readonly kind: 'scaled'; readonly order: 'more is better' | 'less is better'; score(slot: number): number }
  | {
      readonly kind: 'domains';
      readonly domains: DomainCounts;
      /** The score before it is brought into range: for explanations. */
      rawScore(slot: number, candidates: Candidates): number;
      /** Adds `weight` times the score of every candidate to `totals`, which has a place for each slot. */
      addScores(candidates: Candidates, weight: number, totals: Int32Array): void;
    };

/** The nodes that passed every filter: `slots[0]` to `slots[count - 1]`. */
export type Candidates = {
  readonly slots: Int32Array;
  readonly count: number;
  /** How many nodes that are like it each stands for, when it is not one. */
  readonly sizes?: Int32Array;
};

export type Plugin = {
  readonly name: string;
  /** What its filter says holds for the one pod only, at this time: nothing is kept of it for others that look alike. */
  readonly isForOnePod?: true;
  /** Undefined when the plugin has nothing to say about the pod (upstream: Skip). */
  readonly filter?: (pod: Pod, state: ClusterState) => PodFilter | PodRefused | undefined;
  /** Undefined when the plugin has nothing to say about the pod (upstream: Skip). */
  readonly score?: (pod: Pod, state: ClusterState) => PodScore | undefined;
  /** What else answers that look beyond the slot depend on, besides what the pod asks for. Empty is usual. */
  readonly outlook?: (pod: Pod, state: ClusterState) => string;
  /** The filter as it would be if there were these volumes, too: for explanations. */
  readonly supposing?: (volumes: readonly PersistentVolume[]) => Plugin;
  /** Whether `event` may make a pod fit that this plugin refused (upstream: queueing hints). */
  readonly wakes?: (event: ClusterEvent, pod: Pod) => boolean;
};

export type Weighted = { readonly plugin: Plugin; readonly weight: number };

/** The plugins that place a scheduler's pods, in the order in which they are asked. */
export type Profile = {
  readonly schedulerName: string;
  readonly filters: readonly Plugin[];
  readonly scores: readonly Weighted[];
};
