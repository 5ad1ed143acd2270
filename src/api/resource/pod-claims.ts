/** Which claims a pod uses, under which names, and whether they are its own. */
import { controllerOf } from '../meta/owner-reference.ts';
import type { Pod, PodResourceClaim } from '../types/core-v1.ts';
import type { ResourceClaim } from '../types/resource-v1.ts';
import { isTerminal } from '../core/pod-state.ts';
import { MAX_CONSUMERS } from './limits.ts';

/** On claims that hold devices, so that these are given back before a claim is gone. */
export const CLAIM_FINALIZER = 'resource.kubernetes.io/delete-protection';

export type PodClaimName =
  | { readonly name: string; readonly isOwn: boolean }
  /** The claim was found not to be needed. */
  | { readonly name: undefined }
  | { readonly problem: string };

export function podClaimName({ metadata, status }: Pod, claim: PodResourceClaim): PodClaimName {
  if (claim.resourceClaimName !== undefined) return { name: claim.resourceClaimName, isOwn: false };
  const made = status?.resourceClaimStatuses?.find(({ name }) => name === claim.name);
  const pod = JSON.stringify(`${metadata.namespace ?? ''}/${metadata.name}`);
  if (made === undefined) return { problem: `pod ${pod}: ResourceClaim not created yet` };
  return made.resourceClaimName === undefined ? { name: undefined } : { name: made.resourceClaimName, isOwn: true };
}

/** The names of the claims that are there for the pod, as far as they are known. */
export function claimNamesOf(pod: Pod): readonly string[] {
  return (pod.spec.resourceClaims ?? []).flatMap((claim) => {
    const found = podClaimName(pod, claim);
    return 'problem' in found || found.name === undefined ? [] : [found.name];
  });
}

export function isMadeFor(pod: Pod, claim: ResourceClaim): boolean {
  return controllerOf(claim)?.uid === pod.metadata.uid;
}

export function isReservedFor(pod: Pod, { status }: ResourceClaim): boolean {
  return status?.reservedFor?.some(({ uid }) => uid === pod.metadata.uid) ?? false;
}

export function mayBeReserved({ status }: ResourceClaim): boolean {
  return (status?.reservedFor ?? []).length < MAX_CONSUMERS;
}

export function withConsumer(claim: ResourceClaim, { metadata: { name, uid } }: Pod): ResourceClaim {
  const reservedFor = [...(claim.status?.reservedFor ?? []), { resource: 'pods', name, uid }];
  return { ...claim, status: { ...claim.status, reservedFor } };
}

/** It will not run any more: what it used may be given to others. */
export function isDone(pod: Pod): boolean {
  return isTerminal(pod) || (pod.metadata.deletionTimestamp !== undefined && !pod.spec.nodeName);
}
