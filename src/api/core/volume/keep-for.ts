/** Keeps a volume for a claim, so that no other gets it. */
import type { PersistentVolume, PersistentVolumeClaim } from '../../types/core-v1.ts';
import { BOUND_BY_CONTROLLER } from './annotations.ts';
import { isKeptFor } from './matching.ts';

/** The same volume when it is kept for just this claim already. */
export function keptFor(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { namespace = '', name, uid, resourceVersion } = claim.metadata;
  if (volume.spec.claimRef?.uid === uid) return volume;
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion };
  const kept = { ...volume, spec: { ...volume.spec, claimRef } };
  // Its author has named the claim: there is nothing to take back.
  if (isKeptFor(volume, claim)) return kept;
  const annotations = { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' };
  return { ...kept, metadata: { ...volume.metadata, annotations } };
}
