/** What the reference scheduler knows of storage: plain lists. */
import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '#api/types/core-v1';
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass } from '#api/types/storage-v1';

export type ReferenceStorage = {
  readonly classes: readonly StorageClass[];
  readonly volumes: readonly PersistentVolume[];
  readonly claims: readonly PersistentVolumeClaim[];
  readonly csiNodes: readonly CSINode[];
  readonly drivers: readonly CSIDriver[];
  readonly capacities: readonly CSIStorageCapacity[];
};

export const named = <T extends { readonly metadata: { readonly name: string } }>(
  all: readonly T[],
  name: string | undefined,
): T | undefined => all.find(({ metadata }) => metadata.name === name);

export const claimNamed = (
  { claims }: Pick<ReferenceStorage, 'claims'>,
  namespace: string | undefined,
  name: string,
): PersistentVolumeClaim | undefined =>
  claims.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);

/** The volumes of a pod that stand for claims, with the names of these. */
export function claimVolumes({ spec, metadata }: Pod): readonly { readonly name: string; readonly isOwn: boolean }[] {
  const found: { name: string; isOwn: boolean }[] = [];
  for (const volume of spec.volumes ?? []) {
    if (volume.persistentVolumeClaim) found.push({ name: volume.persistentVolumeClaim.claimName, isOwn: false });
    else if (volume.ephemeral) found.push({ name: ownClaimOf(metadata.name, volume), isOwn: true });
  }
  return found;
}

const ownClaimOf = (pod: string, volume: Volume): string => `${pod}-${volume.name}`;

/** The claims of a pod that are there. */
export const claimsOfPod = (storage: ReferenceStorage, pod: Pod): readonly PersistentVolumeClaim[] =>
  claimVolumes(pod).flatMap(({ name }) => claimNamed(storage, pod.metadata.namespace, name) ?? []);
