/** What replica sets carry about rollbacks: at which revision one was healthy, and why one has failed. */
import type { ReplicaSet } from '#api/types/apps-v1';
import { FAILURE_NOTE, HEALTHY_REVISION, revisionOf } from './plan-revision.ts';

export type HeldBack = {
  readonly failed: ReplicaSet;
  readonly fallback: ReplicaSet;
  readonly why: string;
};

/** The revision that failed and the one that runs in its place, if it is so. */
export function heldBack(current: ReplicaSet | undefined, others: readonly ReplicaSet[]): HeldBack | undefined {
  const why = current?.metadata.annotations?.[FAILURE_NOTE];
  if (current === undefined || why === undefined) return undefined;
  const fallback = fallbackFor(current, others);
  return fallback && { failed: current, fallback, why };
}

/** Of the others, the one that was healthy last. */
export function fallbackFor(current: ReplicaSet, others: readonly ReplicaSet[]): ReplicaSet | undefined {
  return others
    .filter((set) => set !== current && healthyRevision(set) > 0 && set.metadata.deletionTimestamp === undefined)
    .toSorted((left, right) => healthyRevision(right) - healthyRevision(left))[0];
}

/** What users are told. */
export function tellHeldBack({ failed, fallback, why }: HeldBack): string {
  return `${named(failed)} ${why}; ${named(fallback)} runs in its place until the template changes.`;
}

export function withNote(set: ReplicaSet, name: string, value: string | undefined): ReplicaSet {
  const { [name]: before, ...rest } = set.metadata.annotations ?? {};
  if (before === value) return set;
  const annotations = value === undefined ? rest : { ...rest, [name]: value };
  return { ...set, metadata: { ...set.metadata, annotations } };
}

function healthyRevision({ metadata }: ReplicaSet): number {
  return Number(metadata.annotations?.[HEALTHY_REVISION] ?? 0);
}

function named(set: ReplicaSet): string {
  return `ReplicaSet ${JSON.stringify(set.metadata.name)} (revision ${revisionOf(set)})`;
}
