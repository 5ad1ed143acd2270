/** The two halves of a binding: the volume that is kept for a claim, and the claim that names the volume. */
import type { PersistentVolume } from '#api/core/persistent-volume';
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { BIND_COMPLETED, BOUND_BY_CONTROLLER } from '#api/core/volume/annotations';
import { isKeptFor } from '#api/core/volume/matching';
import { semanticEqual } from '#api/meta/semantic-equal';
import { formatTime } from '#api/meta/time';
import type { ApiObject } from '#api/object';

/** The same volume when it is kept for the claim already. */
export function keptFor(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { claimRef } = volume.spec;
  if (claimRef?.uid === claim.metadata.uid) return volume;
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const reference = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    ...(namespace === undefined ? {} : { namespace }),
    name,
    uid,
    resourceVersion,
  };
  const kept = { ...volume, spec: { ...volume.spec, claimRef: reference } };
  return isKeptFor(volume, claim) ? kept : annotated(kept, { [BOUND_BY_CONTROLLER]: 'yes' });
}

/** The same claim when it names the volume already. */
export function boundTo(claim: PersistentVolumeClaim, { metadata: { name } }: PersistentVolume): PersistentVolumeClaim {
  const isBound = claim.metadata.annotations?.[BIND_COMPLETED] !== undefined;
  if (isBound && claim.spec.volumeName === name) return claim;
  const named = { ...claim, spec: { ...claim.spec, volumeName: name } };
  const byController = claim.spec.volumeName ? {} : { [BOUND_BY_CONTROLLER]: 'yes' };
  return annotated(named, { [BIND_COMPLETED]: 'yes', ...byController });
}

/** What the claim has now, as its status tells; the same claim when it tells that already. */
export function reportedBound(claim: PersistentVolumeClaim, { spec }: PersistentVolume): PersistentVolumeClaim {
  const { accessModes = [], capacity = {} } = spec;
  const status = { ...claim.status, phase: 'Bound', accessModes, capacity };
  return semanticEqual(status, claim.status) ? claim : { ...claim, status };
}

/** The same volume when it is in the phase already. */
export function inPhase(
  volume: PersistentVolume,
  status: { readonly phase: string; readonly message?: string },
  nowMs: number,
): PersistentVolume {
  // What else is told of it is somebody else's.
  if (volume.status?.phase === status.phase) return volume;
  return { ...volume, status: { ...status, lastPhaseTransitionTime: formatTime(nowMs) } };
}

export function annotated<T extends ApiObject>(object: T, annotations: Readonly<Record<string, string>>): T {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } } };
}
