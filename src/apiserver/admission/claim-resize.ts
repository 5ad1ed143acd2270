/** A claim may only ask for more where somebody can give it: its class says so, and it has a volume already. */
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { storageClassOf } from '#api/core/volume/storage-class';
import { compareQuantityTexts } from '#api/meta/quantity-arithmetic';
import type { StorageClass } from '#api/storage/storage-class';
import type { Store } from '#store/store';
import { type AdmissionPlugin, admissionForbidden } from './admission.ts';

const UNSUPPORTED =
  'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';

const sizeOf = ({ spec }: PersistentVolumeClaim): string => spec.resources?.requests?.['storage'] ?? '0';

export function claimResize(store: Store): AdmissionPlugin {
  return {
    name: 'PersistentVolumeClaimResize',
    of: ['/persistentvolumeclaims'],
    handles: ({ operation, subresource }) => operation === 'update' && subresource === undefined,
    validate(request) {
      const [next, stored] = [request.object as PersistentVolumeClaim, request.stored as PersistentVolumeClaim];
      if (compareQuantityTexts(sizeOf(next), sizeOf(stored)) <= 0) return;
      if (stored.status?.phase !== 'Bound')
        throw admissionForbidden(request, 'only bound persistent volume claims can be expanded');
      const found = store.get(`/storage.k8s.io/storageclasses/${storageClassOf(stored)}`) as StorageClass | undefined;
      if (found?.allowVolumeExpansion !== true) throw admissionForbidden(request, UNSUPPORTED);
    },
  };
}
