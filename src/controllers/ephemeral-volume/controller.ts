/** Makes the claims of generic ephemeral volumes; they go with their pods. */
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { Pod } from '#api/core/pod';
import { keyOf, keyOfRef, refOfKey } from '#client/key';
import { isApiError } from '#api/errors';
import { controllerOf } from '#api/meta/owner-reference';
import { defineController, NO_KEYS, on } from '../framework/controller.ts';
import { planEphemeral } from './plan.ts';

export const ephemeralVolume = defineController({
  name: 'ephemeral-volume-controller',
  eventSource: 'ephemeral_volume',
  reads: [Pod, PersistentVolumeClaim],
  writes: [PersistentVolumeClaim],
  triggers: [
    on(Pod, ({ after }) =>
      after?.spec.volumes?.some(({ ephemeral }) => ephemeral !== undefined) === true ? [keyOf(after)] : NO_KEYS,
    ),
    on(PersistentVolumeClaim, ({ before, after }) => {
      const owner = before !== undefined && after === undefined ? controllerOf(before) : undefined;
      return owner?.kind === 'Pod' ? [keyOfRef({ namespace: before?.metadata.namespace, name: owner.name })] : [];
    }),
  ],
  async reconcile(key, { get, client, events }) {
    const pod = get(Pod, refOfKey(key));
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
    const { namespace } = pod.metadata;
    const plan = planEphemeral(pod, (name) => get(PersistentVolumeClaim, { namespace, name }));
    for (const claim of plan.create) {
      try {
        await client.create(PersistentVolumeClaim, claim);
      } catch (error) {
        // Whose it is, is seen when the informer shows it.
        if (!isApiError(error, 'AlreadyExists')) throw error;
      }
    }
    for (const name of plan.conflicts) {
      const message = `PVC ${namespace}/${name} was not created for pod ${namespace}/${pod.metadata.name} (pod is not owner)`;
      events.report(pod, { type: 'Warning', reason: 'FailedBinding', message });
    }
  },
});
