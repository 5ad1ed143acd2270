/** The arithmetic of rollouts: how far above and below its replicas a deployment may go, and how sets share them. */
import { scaledValue } from '#api/meta/intorstring';
import type { Deployment, ReplicaSet } from '#api/types/apps-v1';

export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';

export type Bounds = { readonly maxSurge: number; readonly maxUnavailable: number };

export function wantedReplicas({ spec }: Deployment | ReplicaSet): number {
  return spec.replicas ?? 1;
}

export function isRolling({ spec }: Deployment): boolean {
  return spec.strategy?.type !== 'Recreate';
}

/** How many pods above and how many unavailable a rolling update may have; a deployment of none and one that is recreated, none. */
export function boundsOf(deployment: Deployment): Bounds {
  if (!isRolling(deployment)) return { maxSurge: 0, maxUnavailable: 0 };
  const replicas = wantedReplicas(deployment);
  const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, replicas, 'up') ?? 0;
  const unavailable = scaledValue(maxUnavailable, replicas, 'down') ?? 0;
  // With neither, nothing could ever move.
  const least = surge === 0 && unavailable === 0 ? 1 : unavailable;
  return { maxSurge: surge, maxUnavailable: Math.min(least, replicas) };
}

export function totalReplicas(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + wantedReplicas(set), 0);
}

export type Resize = { readonly set: ReplicaSet; readonly replicas: number };

/** Shares a changed size among the sets of a rollout that is under way, by their share of it, so that neither version loses its part. */
export function planProportions(deployment: Deployment, sets: readonly ReplicaSet[]): readonly Resize[] {
  const replicas = wantedReplicas(deployment);
  const allowed = replicas > 0 ? replicas + boundsOf(deployment).maxSurge : 0;
  const toAdd = allowed - totalReplicas(sets);
  if (toAdd === 0) return sets.map((set) => ({ set, replicas: wantedReplicas(set) }));
  const ordered = sets.toSorted(toAdd > 0 ? bySizeThenNewer : bySizeThenOlder);
  let added = 0;
  const resized = ordered.map((set) => {
    const share = shareOf(set, { deployment, left: toAdd - added });
    added += share;
    return { set, replicas: wantedReplicas(set) + share };
  });
  // What rounding has left goes to the largest.
  return resized.map((each, index) =>
    index === 0 ? { ...each, replicas: Math.max(0, each.replicas + toAdd - added) } : each,
  );
}

type Share = { readonly deployment: Deployment; readonly left: number };

function shareOf(set: ReplicaSet, { deployment, left }: Share): number {
  if (wantedReplicas(set) === 0 || left === 0) return 0;
  const fraction = fractionOf(set, deployment);
  return left > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
}

function fractionOf(set: ReplicaSet, deployment: Deployment): number {
  const size = wantedReplicas(set);
  const replicas = wantedReplicas(deployment);
  if (replicas === 0) return -size;
  const before = Number(set.metadata.annotations?.[MAX_REPLICAS]) || (deployment.status?.replicas ?? 0);
  if (before <= 0) return 0;
  return Math.round((size * (replicas + boundsOf(deployment).maxSurge)) / before) - size;
}

type Order = (left: ReplicaSet, right: ReplicaSet) => number;

const bySizeThenOlder: Order = (left, right) => wantedReplicas(right) - wantedReplicas(left) || byAge(left, right);
const bySizeThenNewer: Order = (left, right) => wantedReplicas(right) - wantedReplicas(left) || byAge(right, left);

/** Oldest first. */
export function byAge(left: ReplicaSet, right: ReplicaSet): number {
  const [one, other] = [left.metadata, right.metadata];
  if (one.creationTimestamp !== other.creationTimestamp)
    return one.creationTimestamp < other.creationTimestamp ? -1 : 1;
  return one.name < other.name ? -1 : Number(one.name > other.name);
}
