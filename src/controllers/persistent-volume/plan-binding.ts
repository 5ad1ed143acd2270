/** What a claim and its volume say of being bound to each other. */
import type { PersistentVolume } from '#api/core/persistent-volume';
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { BIND_COMPLETED, BOUND_BY_CONTROLLER } from '#api/core/volume/annotations';
import { semanticEqual } from '#api/meta/semantic-equal';
import { formatTime } from '#api/meta/time';
import type { ApiObject } from '#api/object';

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
