/** Keeps a claim that is deleted until no pod uses it. */
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { Pod } from '#api/core/pod';
import { isTerminal } from '#api/core/pod-state';
import { claimsOf } from '#api/core/volume/pod-claims';
import { CLAIM_PROTECTION } from '#api/core/volume/protection';
import { keyOf, keyOfRef, refOfKey } from '#client/key';
import { defineController, NO_KEYS, on } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { hasFinalizer, withFinalizer, withoutFinalizer } from './finalizer.ts';

export const claimProtection = defineController({
  name: 'pvc-protection-controller',
  reads: [PersistentVolumeClaim, Pod],
  writes: [PersistentVolumeClaim],
  triggers: [
    on(PersistentVolumeClaim, ({ after }) => (after === undefined ? [] : [keyOf(after)])),
    on(Pod, ({ before, after }) => {
      const pod = (after ?? before) as Pod;
      const claims = claimsOf(pod);
      return claims.length === 0
        ? NO_KEYS
        : claims.map((name) => keyOfRef({ namespace: pod.metadata.namespace, name }));
    }),
  ],
  async reconcile(key, { get, client }) {
    const claim = get(PersistentVolumeClaim, refOfKey(key));
    if (claim === undefined) return;
    const { deletionTimestamp, namespace = '', name } = claim.metadata;
    const isProtected = hasFinalizer(claim, CLAIM_PROTECTION);
    if (deletionTimestamp === undefined) {
      if (!isProtected)
        await unlessMissing(client.update(PersistentVolumeClaim, withFinalizer(claim, CLAIM_PROTECTION)));
    } else if (isProtected) {
      // A pod that the informer does not show yet may have it mounted.
      const { items } = await client.list(Pod, { namespace });
      if (!items.some((pod) => isUsing(pod, name)))
        await unlessMissing(client.update(PersistentVolumeClaim, withoutFinalizer(claim, CLAIM_PROTECTION)));
    }
  },
});

/** A pod that has no node has mounted nothing; one that has ended never will again. */
const isUsing = (pod: Pod, claim: string): boolean =>
  Boolean(pod.spec.nodeName) && !isTerminal(pod) && claimsOf(pod).includes(claim);
