/** Gives every namespace its `default` service account. */
import { Namespace } from '#api/core/namespace';
import { ServiceAccount } from '#api/core/service-account';
import { isApiError } from '#api/errors';
import { keyOf } from '#client/key';
import { defineController, on } from '../framework/controller.ts';

const DEFAULT = 'default';

export const serviceAccount = defineController({
  name: 'serviceaccount-controller',
  account: 'service-account-controller',
  reads: [Namespace, ServiceAccount],
  writes: [ServiceAccount],
  triggers: [
    on(Namespace, ({ after }) => (after === undefined ? [] : [keyOf(after)])),
    on(ServiceAccount, ({ before, after }) =>
      before?.metadata.name === DEFAULT && after === undefined ? [before.metadata.namespace ?? ''] : [],
    ),
  ],
  async reconcile(namespace, { get, client }) {
    const found = get(Namespace, { name: namespace });
    if (found === undefined || found.metadata.deletionTimestamp !== undefined) return;
    if (get(ServiceAccount, { namespace, name: DEFAULT }) !== undefined) return;
    try {
      await client.create(ServiceAccount, { metadata: { namespace, name: DEFAULT } });
    } catch (error) {
      // Somebody else was first, or the namespace has begun to go meanwhile.
      if (!isApiError(error, 'AlreadyExists', 'Forbidden', 'NotFound')) throw error;
    }
  },
});
