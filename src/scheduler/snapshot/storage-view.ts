/** What placing asks about storage: answered by whoever follows it. */
import type { PersistentVolume, PersistentVolumeClaim } from '#api/types/core-v1';
import type { CSINode, StorageClass } from '#api/types/storage-v1';

export type StorageView = {
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  storageClass(name: string): StorageClass | undefined;
  csiNode(nodeName: string): CSINode | undefined;
};

/** Where nobody follows storage, nothing is known of it. */
export const NO_STORAGE: StorageView = {
  claim: () => undefined,
  volume: () => undefined,
  storageClass: () => undefined,
  csiNode: () => undefined,
};
