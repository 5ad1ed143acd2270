/** Decides what becomes of a claim when those who used it are done: it gives back its devices, and goes with its pod. */
import { CLAIM_FINALIZER } from '#api/resource/pod-claims';
import type { ResourceClaim, ResourceClaimConsumerReference } from '#api/types/resource-v1';

export type ClaimPlan = {
  /** The claim with its status as it should be; the same claim when it is. */
  readonly status: ResourceClaim;
  /** Nothing holds it any more. */
  readonly release: boolean;
  /** It was made for a pod that will not run any more. */
  readonly remove: boolean;
};

export type ClaimUsers = {
  /** Those entered in the claim that still need it. */
  readonly users: readonly ResourceClaimConsumerReference[];
  readonly isOwnerDone: boolean;
};

export function planClaim(claim: ResourceClaim, { users, isOwnerDone }: ClaimUsers): ClaimPlan {
  const { metadata, status = {} } = claim;
  const isDeleted = metadata.deletionTimestamp !== undefined;
  const isLeft = users.length < (status.reservedFor ?? []).length;
  // Only the last user to leave gives the devices back: drivers may allocate before anybody uses them.
  const isOver = isHeld(claim) && users.length === 0 && (isLeft || isDeleted);
  const isFreed = isOver && status.allocation !== undefined;
  const next = isLeft || isFreed ? withUsers(claim, users, isFreed) : claim;
  return { status: next, release: isOver, remove: isOwnerDone && !isDeleted };
}

function isHeld({ metadata }: ResourceClaim): boolean {
  return metadata.finalizers?.includes(CLAIM_FINALIZER) ?? false;
}

function withUsers(
  claim: ResourceClaim,
  users: readonly ResourceClaimConsumerReference[],
  isFreed: boolean,
): ResourceClaim {
  const { reservedFor: _before, allocation, devices, ...rest } = claim.status ?? {};
  const kept = { ...(allocation && { allocation }), ...(devices && { devices }) };
  return {
    ...claim,
    status: { ...rest, ...(isFreed ? {} : kept), ...(users.length === 0 ? {} : { reservedFor: users }) },
  };
}

export function withoutFinalizer(claim: ResourceClaim): ResourceClaim {
  const { finalizers = [], ...metadata } = claim.metadata;
  const left = finalizers.filter((name) => name !== CLAIM_FINALIZER);
  return { ...claim, metadata: left.length === 0 ? metadata : { ...metadata, finalizers: left } };
}
