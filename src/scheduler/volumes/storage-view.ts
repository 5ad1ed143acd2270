/** Answers what placing asks about storage from what the informers show. */
import { PersistentVolume } from '#api/core/persistent-volume';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { CSINode } from '#api/storage/csi-node';
import { StorageClass } from '#api/storage/storage-class';
import type { Informers } from '#client/informer';
import type { StorageView } from '../snapshot/storage-view.ts';

export function storageView(informers: Informers): StorageView {
  return {
    claim: (namespace, name) => informers.for(PersistentVolumeClaim).get({ namespace, name }),
    volume: (name) => informers.for(PersistentVolume).get({ name }),
    storageClass: (name) => informers.for(StorageClass).get({ name }),
    csiNode: (name) => informers.for(CSINode).get({ name }),
  };
}
