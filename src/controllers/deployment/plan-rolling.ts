/** Decides one step of a rolling update: how far the new set may grow and the old ones must still stay. */
import type { Deployment, ReplicaSet } from '#api/types/apps-v1';
import { boundsOf, byAge, isRolling, totalReplicas, wantedReplicas, type Resize } from './plan-size.ts';

/** The size the new set may have now: never more pods altogether than the replicas and the surge. */
export function planScaleUp(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  others: readonly ReplicaSet[],
): number {
  const replicas = wantedReplicas(deployment);
  const size = current === undefined ? 0 : wantedReplicas(current);
  if (!isRolling(deployment) || size >= replicas) return replicas;
  const room = replicas + boundsOf(deployment).maxSurge - totalReplicas(others) - size;
  return size + Math.max(0, Math.min(room, replicas - size));
}

/**
 * The old sets that can shrink now, by as many pods as there are beyond the least that must work. Those of any set that are
 * not ready go first and cost nothing; then those not yet available, which may well serve: upstream takes either, set by set.
 * Those that work go last. A set counts no more of them than it is meant to have: the surplus is already on its way out.
 */
export function planScaleDown(
  deployment: Deployment,
  current: ReplicaSet,
  others: readonly ReplicaSet[],
): readonly Resize[] {
  const old = others.filter((set) => wantedReplicas(set) > 0).toSorted(byAge);
  // What a set says of an earlier size may be about pods that are gone: it is woken for when it speaks of this one.
  if ([current, ...old].some(isBehind)) return [];
  const least = wantedReplicas(deployment) - boundsOf(deployment).maxUnavailable;
  let spare = Math.max(0, totalReplicas(old) + available(current) - least);
  const sizes = old.map(wantedReplicas);
  for (const count of [unready, unproven, available]) {
    for (const [index, set] of old.entries()) {
      const gone = Math.min(count(set), spare);
      spare -= gone;
      sizes[index] = (sizes[index] ?? 0) - gone;
    }
  }
  return old
    .map((set, index) => ({ set, replicas: sizes[index] ?? 0 }))
    .filter(({ set, replicas }) => replicas !== wantedReplicas(set));
}

function isBehind({ metadata, status }: ReplicaSet): boolean {
  return (status?.observedGeneration ?? 0) < (metadata.generation ?? 0);
}

function available(set: ReplicaSet): number {
  return Math.min(set.status?.availableReplicas ?? 0, wantedReplicas(set));
}

function unproven(set: ReplicaSet): number {
  return ready(set) - available(set);
}

function unready(set: ReplicaSet): number {
  return wantedReplicas(set) - ready(set);
}

function ready(set: ReplicaSet): number {
  return Math.max(available(set), Math.min(set.status?.readyReplicas ?? 0, wantedReplicas(set)));
}
