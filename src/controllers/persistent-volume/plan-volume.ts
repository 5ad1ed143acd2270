/** Decides the phase of a volume, and what becomes of it when its claim is gone. */
import type { PersistentVolume } from '#api/core/persistent-volume';
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { BOUND_BY_CONTROLLER, PROVISIONED_BY } from '#api/core/volume/annotations';

export type VolumePlan =
  | { readonly action: 'report'; readonly phase: string; readonly message?: string; readonly reason?: string }
  /** Its claim has another volume. */
  | { readonly action: 'free'; readonly next: PersistentVolume }
  | { readonly action: 'keep' };

/** `claim`: the one that the volume names, if there is one of that name. */
export function planVolume(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): VolumePlan {
  const { claimRef } = volume.spec;
  if (!claimRef?.uid) return { action: 'report', phase: 'Available' };
  if (claim === undefined || claim.metadata.uid !== claimRef.uid) return planReleased(volume);
  const { volumeName = '' } = claim.spec;
  if (volumeName === volume.metadata.name) return { action: 'report', phase: 'Bound' };
  // The claim is about to be bound, or was bound elsewhere meanwhile.
  return volumeName === '' ? { action: 'keep' } : { action: 'free', next: freed(volume) };
}

function planReleased(volume: PersistentVolume): VolumePlan {
  const isOurs = volume.metadata.annotations?.[PROVISIONED_BY] === undefined;
  const failed = (reason: string, message: string): VolumePlan => ({
    action: 'report',
    phase: 'Failed',
    reason,
    message,
  });
  const { persistentVolumeReclaimPolicy: policy } = volume.spec;
  if (policy === 'Recycle') return failed('VolumeFailedRecycle', 'No recycler plugin found for the volume!');
  // Whoever made it takes it away.
  if (policy !== 'Delete' || !isOurs) return { action: 'report', phase: 'Released' };
  return failed(
    'VolumeFailedDelete',
    `error getting deleter volume plugin for volume "${volume.metadata.name}": no deletable volume plugin matched`,
  );
}

/** What its author wrote of the claim stays. */
function freed(volume: PersistentVolume): PersistentVolume {
  const { claimRef = {}, ...spec } = volume.spec;
  const { [BOUND_BY_CONTROLLER]: byController, ...annotations } = volume.metadata.annotations ?? {};
  if (byController !== undefined) return { ...volume, metadata: { ...volume.metadata, annotations }, spec };
  const { uid: _uid, resourceVersion: _version, ...named } = claimRef;
  return { ...volume, spec: { ...spec, claimRef: named } };
}
