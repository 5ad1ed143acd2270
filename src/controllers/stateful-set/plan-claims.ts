/** Decides with whom the claims of a stateful set go: with the set, with a pod that is scaled away, or with nobody. */
import { Pod } from '#api/core/pod';
import { StatefulSet } from '#api/apps/stateful-set';
import type { ApiObject } from '#api/object';
import type { ResourceType } from '#api/resource';
import type { PersistentVolumeClaim } from '#api/types/core-v1';
import type { OwnerReference } from '#api/types/meta-v1';
import { isWanted, ordinalOf } from './plan-identity.ts';

/** The claim as its set's policy has it owned; the same claim when it is. */
export function planClaimOwners(set: StatefulSet, pod: Pod, claim: PersistentVolumeClaim): PersistentVolumeClaim {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const isScaledAway = !isWanted(set, ordinalOf(set, pod) ?? -1);
  const withPod = whenScaled === 'Delete' && isScaledAway;
  const withSet = whenDeleted === 'Delete' && !withPod;
  return owned(owned(claim, referenceTo(set, StatefulSet), withSet), referenceTo(pod, Pod), withPod);
}

function owned(claim: PersistentVolumeClaim, owner: OwnerReference, isOwned: boolean): PersistentVolumeClaim {
  const { ownerReferences = [], ...metadata } = claim.metadata;
  const isThere = ownerReferences.some(({ uid }) => uid === owner.uid);
  if (isThere === isOwned) return claim;
  const next = isOwned ? [...ownerReferences, owner] : ownerReferences.filter(({ uid }) => uid !== owner.uid);
  return { ...claim, metadata: next.length === 0 ? metadata : { ...metadata, ownerReferences: next } };
}

function referenceTo({ metadata: { name, uid } }: ApiObject, { apiVersion, kind }: ResourceType): OwnerReference {
  return { apiVersion, kind, name, uid };
}

/** Whether the claim is about to go with an earlier pod of the name: a new pod must not use it. */
export function goesWithFormerPod(claim: PersistentVolumeClaim, podName: string): boolean {
  return (claim.metadata.ownerReferences ?? []).some(({ kind, name }) => kind === Pod.kind && name === podName);
}
