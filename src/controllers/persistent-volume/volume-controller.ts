/** Keeps the phase of volumes true, and frees or gives up those whose claims are gone. */
import { PersistentVolume } from '#api/core/persistent-volume';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { keyOf, keyOfRef, refOfKey } from '#client/key';
import { defineController, indexed, on, type Context } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { inPhase } from './plan-binding.ts';
import { planVolume } from './plan-volume.ts';

const BY_CLAIM = 'controllers/claim';

export const volumeKeeper = defineController({
  name: 'volume-keeper',
  account: 'persistent-volume-binder',
  eventSource: 'persistentvolume-controller',
  reads: [PersistentVolume, PersistentVolumeClaim],
  writes: [PersistentVolume],
  triggers: [
    on(PersistentVolume, ({ after }) => (after === undefined ? [] : [keyOf(after)])),
    indexed(PersistentVolume, BY_CLAIM, claimKeyOf),
    on(PersistentVolumeClaim, ({ before, after }, context) => {
      const claim = (after ?? before) as PersistentVolumeClaim;
      return context.informer(PersistentVolume).byIndex(BY_CLAIM, keyOf(claim)).map(keyOf);
    }),
  ],
  async reconcile(key, context) {
    const volume = context.get(PersistentVolume, refOfKey(key));
    if (volume === undefined) return;
    const plan = planVolume(volume, await findClaim(volume, context));
    if (plan.action === 'free') {
      await unlessMissing(context.client.update(PersistentVolume, plan.next));
    } else if (plan.action === 'report') {
      const { phase, message, reason } = plan;
      const next = inPhase(volume, { phase, ...(message === undefined ? {} : { message }) }, context.now());
      if (next === volume) return;
      await unlessMissing(context.client.update(PersistentVolume, next, { subresource: 'status' }));
      if (reason !== undefined) context.events.report(volume, { type: 'Warning', reason, message: message ?? '' });
    }
  },
});

function claimKeyOf({ spec: { claimRef } }: PersistentVolume): readonly string[] {
  return claimRef?.name ? [keyOfRef({ namespace: claimRef.namespace, name: claimRef.name })] : [];
}

/** That a claim is gone costs data: only the server itself is believed that. */
async function findClaim(volume: PersistentVolume, context: Context): Promise<PersistentVolumeClaim | undefined> {
  const { name, namespace, uid } = volume.spec.claimRef ?? {};
  if (!name || !uid) return undefined;
  const known = context.get(PersistentVolumeClaim, { namespace, name });
  if (known?.metadata.uid === uid) return known;
  return await unlessMissing(context.client.get(PersistentVolumeClaim, { namespace, name }));
}
