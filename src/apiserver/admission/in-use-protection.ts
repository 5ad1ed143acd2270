/** Claims and volumes are protected from the first moment: a controller lets go of them when nobody uses them any more. */
import { CLAIM_PROTECTION, VOLUME_PROTECTION } from '#api/core/volume/protection';
import type { AdmissionPlugin } from './admission.ts';

const FINALIZERS: Readonly<Record<string, string>> = {
  '/persistentvolumeclaims': CLAIM_PROTECTION,
  '/persistentvolumes': VOLUME_PROTECTION,
};

export const inUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  complete: true,
  handles: ({ operation, definition: { group, plural } }) =>
    operation === 'create' && Object.hasOwn(FINALIZERS, `${group}/${plural}`),
  mutate({ object, definition: { group, plural } }) {
    const finalizer = FINALIZERS[`${group}/${plural}`] ?? '';
    const { finalizers = [] } = object.metadata;
    if (finalizers.includes(finalizer)) return object;
    return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
  },
};
