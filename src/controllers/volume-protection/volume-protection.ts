/** Keeps a volume that is deleted until no claim is bound to it. */
import { PersistentVolume } from '#api/core/persistent-volume';
import { VOLUME_PROTECTION } from '#api/core/volume/protection';
import { keyOf, refOfKey } from '#client/key';
import { defineController, on } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { hasFinalizer, withFinalizer, withoutFinalizer } from './finalizer.ts';

export const volumeProtection = defineController({
  name: 'pv-protection-controller',
  reads: [PersistentVolume],
  writes: [PersistentVolume],
  triggers: [on(PersistentVolume, ({ after }) => (after === undefined ? [] : [keyOf(after)]))],
  async reconcile(key, { get, client }) {
    const volume = get(PersistentVolume, refOfKey(key));
    if (volume === undefined) return;
    const isProtected = hasFinalizer(volume, VOLUME_PROTECTION);
    if (volume.metadata.deletionTimestamp === undefined) {
      if (!isProtected) await unlessMissing(client.update(PersistentVolume, withFinalizer(volume, VOLUME_PROTECTION)));
    } else if (isProtected && volume.status?.phase !== 'Bound') {
      await unlessMissing(client.update(PersistentVolume, withoutFinalizer(volume, VOLUME_PROTECTION)));
    }
  },
});
