/** The rules of counts: how many replicas there are to be, and how many there are of what. */
import type { FieldError } from '../meta/field-error.ts';
import { invalid } from '../meta/field-error.ts';

/** Counts of a spec or a status must not be negative. */
export function* validateCounts<T extends object>(
  counted: T,
  keys: readonly (keyof T & string)[],
  field: string,
): Generator<FieldError> {
  for (const key of keys) {
    const count = counted[key];
    if (typeof count === 'number' && count < 0)
      yield invalid(`${field}.${key}`, count, 'must be greater than or equal to 0');
  }
}

type ReplicaCounts = {
  readonly replicas?: number;
  readonly fullyLabeledReplicas?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
};

/** No part of the replicas is more than all of them, and none is available that is not ready. `part`: what the kind counts besides those. */
export function* validateReplicaCounts(
  status: ReplicaCounts,
  part: 'fullyLabeledReplicas' | 'updatedReplicas',
): Generator<FieldError> {
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  for (const key of [part, 'readyReplicas', 'availableReplicas'] as const) {
    const count = status[key] ?? 0;
    if (count > replicas) yield invalid(`status.${key}`, count, 'cannot be greater than status.replicas');
  }
  if (availableReplicas > readyReplicas)
    yield invalid('status.availableReplicas', availableReplicas, 'cannot be greater than readyReplicas');
}

const REPLICA_COUNTS = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'observedGeneration',
] as const;

type SetStatus = ReplicaCounts & { readonly observedGeneration?: number };

/** The status of a replica set, or of the replication controller that was before it. */
export function* validateSetStatus(status: SetStatus = {}): Generator<FieldError> {
  yield* validateCounts(status, REPLICA_COUNTS, 'status');
  yield* validateReplicaCounts(status, 'fullyLabeledReplicas');
}

type Colliding = { readonly collisionCount?: number };

/** Names made from the number of collisions must not come twice. */
export function* validateCollisions(next: Colliding, stored: Colliding): Generator<FieldError> {
  const { collisionCount = 0 } = next;
  if (collisionCount < (stored.collisionCount ?? 0))
    yield invalid('status.collisionCount', collisionCount, 'cannot be decremented');
}
