/** Decides what becomes of a claim: which volume it gets, or what it waits for. */
import type { PersistentVolume } from '#api/core/persistent-volume';
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { BIND_COMPLETED, SELECTED_NODE } from '#api/core/volume/annotations';
import { findVolume, fits, isKeptFor } from '#api/core/volume/matching';
import { NO_PROVISIONER, storageClassOf } from '#api/core/volume/storage-class';
import type { StorageClass } from '#api/storage/storage-class';

export type Told = { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };

export type ClaimPlan =
  | { readonly action: 'bind'; readonly volume: PersistentVolume }
  | { readonly action: 'provision'; readonly storageClass: StorageClass }
  | { readonly action: 'wait'; readonly told?: Told }
  | { readonly action: 'lose'; readonly told: Told };

export type ClaimSnapshot = {
  readonly claim: PersistentVolumeClaim;
  readonly volumes: readonly PersistentVolume[];
  readonly storageClass: StorageClass | undefined;
};

export function planClaim(snapshot: ClaimSnapshot): ClaimPlan {
  const { claim, volumes } = snapshot;
  const { volumeName = '' } = claim.spec;
  const named = volumes.find(({ metadata }) => metadata.name === volumeName);
  if (claim.metadata.annotations?.[BIND_COMPLETED] !== undefined) return planBound(claim, named);
  return volumeName === '' ? planFree(snapshot) : planNamed(claim, named);
}

const LOST: Told = {
  type: 'Warning',
  reason: 'ClaimLost',
  message: 'Bound claim has lost its PersistentVolume. Data on the volume is lost!',
};
const MISBOUND: Told = {
  type: 'Warning',
  reason: 'ClaimMisbound',
  message: 'Two claims are bound to the same volume, this one is bound incorrectly',
};

function planBound(claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): ClaimPlan {
  if (volume === undefined) return { action: 'lose', told: LOST };
  if (volume.spec.claimRef === undefined || isKeptFor(volume, claim)) return { action: 'bind', volume };
  return { action: 'lose', told: MISBOUND };
}

function planNamed(claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): ClaimPlan {
  if (volume === undefined) return { action: 'wait' };
  const { name } = volume.metadata;
  const refuse = (reason: string, message: string): ClaimPlan => ({
    action: 'wait',
    told: { type: 'Warning', reason, message },
  });
  if (volume.spec.claimRef !== undefined && !isKeptFor(volume, claim))
    return refuse('FailedBinding', `volume "${name}" already bound to a different claim.`);
  if (volume.metadata.deletionTimestamp !== undefined) return { action: 'wait' };
  if (!fits(volume, claim))
    return refuse('VolumeMismatch', `Cannot bind to requested volume "${name}": ${mismatchOf(volume, claim)}`);
  return { action: 'bind', volume };
}

function mismatchOf({ metadata, spec, ...rest }: PersistentVolume, claim: PersistentVolumeClaim): string {
  if (spec.volumeMode !== claim.spec.volumeMode) return 'incompatible volumeMode';
  if (storageClassOf({ ...rest, metadata, spec }) !== storageClassOf(claim)) return 'storageClassName does not match';
  const modes = claim.spec.accessModes ?? [];
  return modes.every((mode) => spec.accessModes?.includes(mode))
    ? 'requested PV is too small'
    : 'incompatible accessMode';
}

function planFree({ claim, volumes, storageClass }: ClaimSnapshot): ClaimPlan {
  const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
  const isPlaced = claim.metadata.annotations?.[SELECTED_NODE] !== undefined;
  // The scheduler keeps a volume for a claim whose pod it has found a node for.
  const open = waits ? volumes.filter((volume) => isKeptFor(volume, claim)) : volumes;
  const volume = findVolume(claim, open);
  if (volume !== undefined) return { action: 'bind', volume };
  if (waits && !isPlaced)
    return told('Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
  return planMissing(claim, storageClass);
}

function planMissing(claim: PersistentVolumeClaim, storageClass: StorageClass | undefined): ClaimPlan {
  const wanted = storageClassOf(claim);
  if (wanted === '')
    return told(
      'Normal',
      'FailedBinding',
      'no persistent volumes available for this claim and no storage class is set',
    );
  if (storageClass === undefined)
    return told('Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${wanted}" not found`);
  if (storageClass.provisioner === NO_PROVISIONER)
    return told('Normal', 'FailedBinding', 'no persistent volumes available for this claim and no provisioner is set');
  return { action: 'provision', storageClass };
}

const told = (type: Told['type'], reason: string, message: string): ClaimPlan => ({
  action: 'wait',
  told: { type, reason, message },
});
