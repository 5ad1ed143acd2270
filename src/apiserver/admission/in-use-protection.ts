/** Claims and volumes are protected from the first moment: a controller lets go of them when nobody uses them any more. */
import { CLAIM_PROTECTION, VOLUME_PROTECTION } from '#api/core/volume/protection';
import { kindKey } from '../registry/keys.ts';
import type { AdmissionPlugin } from './admission.ts';

const FINALIZERS: Readonly<Record<string, string>> = {
  '/persistentvolumeclaims': CLAIM_PROTECTION,
  '/persistentvolumes': VOLUME_PROTECTION,
};

export const inUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  complete: true,
  of: Object.keys(FINALIZERS),
  handles: ({ operation }) => operation === 'create',
  mutate({ object, definition }) {
    const finalizer = FINALIZERS[kindKey(definition)] ?? '';
    const { finalizers = [] } = object.metadata;
    if (finalizers.includes(finalizer)) return object;
    return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
  },
};
