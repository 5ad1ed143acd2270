/** Decides with whom the claims of a stateful set go: with the set, with a pod that is scaled away, or with nobody; and which go alone. */
import { Pod } from '#api/core/pod';
import { StatefulSet } from '#api/apps/stateful-set';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { ApiObject, Unsaved } from '#api/object';
import type { ResourceType } from '#api/resource';
import type { PersistentVolumeClaim } from '#api/types/core-v1';
import type { OwnerReference } from '#api/types/meta-v1';
import { claimsOf, isWanted, ordinalOf, ordinalOfClaim } from './plan-identity.ts';

/** The claim as its set's policy has it owned; the same claim when it is. */
export function planClaimOwners(set: StatefulSet, pod: Pod, claim: PersistentVolumeClaim): PersistentVolumeClaim {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const isScaledAway = !isWanted(set, ordinalOf(set, pod) ?? -1);
  const withPod = whenScaled === 'Delete' && isScaledAway;
  const withSet = whenDeleted === 'Delete' && !withPod;
  return owned(owned(claim, referenceTo(set, StatefulSet), withSet), referenceTo(pod, Pod), withPod);
}

// What the server fills in, and nobody asked for.
const FILLED_IN = new Set(['storageClassName', 'volumeMode']);

/**
 * The claims of pods that were scaled away before their claims were made, where claims are to go with their pods: no such pod is left to take them along.
 * Only what holds nothing and would be made the same again: who prepares a claim for a pod to come finds it there.
 */
export function planUnused(
  set: StatefulSet,
  claims: () => readonly PersistentVolumeClaim[],
  hasPod: (ordinal: number) => boolean,
): readonly PersistentVolumeClaim[] {
  if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return [];
  return claims().filter((claim) => {
    const ordinal = ordinalOfClaim(set, claim);
    if (ordinal === undefined || isWanted(set, ordinal) || hasPod(ordinal)) return false;
    const made = claimsOf(set, ordinal).find(({ metadata }) => metadata.name === claim.metadata.name);
    return made !== undefined && claim.metadata.deletionTimestamp === undefined && isAsMade(claim, made);
  });
}

function isAsMade({ metadata, spec }: PersistentVolumeClaim, made: Unsaved<PersistentVolumeClaim>): boolean {
  const entries = Object.entries(spec).filter(([field]) => Object.hasOwn(made.spec, field) || !FILLED_IN.has(field));
  return semanticEqual(Object.fromEntries(entries), made.spec) && semanticEqual(metadata.labels, made.metadata.labels);
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
