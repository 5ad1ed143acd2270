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
 * The old sets that can shrink now. Pods that do not work go first and cost nothing; working ones go only as far as enough
 * others work. A set counts no more working pods than it is meant to have: the surplus is already on its way out.
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
  const unavailableNew = wantedReplicas(current) - available(current);
  let unhealthyToRemove = totalReplicas(old) + wantedReplicas(current) - least - unavailableNew;
  if (unhealthyToRemove <= 0) return [];
  let healthyToRemove = Math.max(0, [...old, current].reduce((sum, set) => sum + available(set), 0) - least);
  const resizes: Resize[] = [];
  for (const set of old) {
    const size = wantedReplicas(set);
    const unhealthy = Math.min(size - available(set), unhealthyToRemove);
    unhealthyToRemove -= unhealthy;
    resizes.push({ set, replicas: size - unhealthy });
  }
  return resizes
    .map(({ set, replicas }) => {
      const healthy = Math.min(replicas, healthyToRemove);
      healthyToRemove -= healthy;
      return { set, replicas: replicas - healthy };
    })
    .filter(({ set, replicas }) => replicas !== wantedReplicas(set));
}

function isBehind({ metadata, status }: ReplicaSet): boolean {
  return (status?.observedGeneration ?? 0) < (metadata.generation ?? 0);
}

function available(set: ReplicaSet): number {
  return Math.min(set.status?.availableReplicas ?? 0, wantedReplicas(set));
}
