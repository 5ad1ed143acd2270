/** The claims of a pod with the volumes they have, as far as they are known. */
import type { Pod } from '#api/core/pod';
import { claimsOf } from '#api/core/volume/pod-claims';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/types/core-v1';
import type { StorageView } from '../snapshot/storage-view.ts';

export type ClaimedVolume = { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume | undefined };

/** Claims that are not there are left out: VolumeBinding refuses their pods. */
export function claimedVolumes(pod: Pod, storage: StorageView): readonly ClaimedVolume[] {
  if ((pod.spec.volumes ?? []).length === 0) return [];
  return claimsOf(pod).flatMap((name) => {
    const claim = storage.claim(pod.metadata.namespace ?? '', name);
    if (claim === undefined) return [];
    const { volumeName = '' } = claim.spec;
    return [{ claim, volume: volumeName === '' ? undefined : storage.volume(volumeName) }];
  });
}
