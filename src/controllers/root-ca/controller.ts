/** Tells every namespace the authority by which its pods recognise the API server. */
import { ConfigMap } from '#api/core/config-map';
import { Namespace } from '#api/core/namespace';
import { isApiError } from '#api/errors';
import { semanticEqual } from '#api/meta/semantic-equal';
import { keyOf } from '#client/key';
import { type Controller, defineController, on } from '../framework/controller.ts';

const NAME = 'kube-root-ca.crt';

/** `certificate`: PEM of the authority. */
export function rootCa(certificate: string): Controller {
  const data = { 'ca.crt': certificate };
  return defineController({
    name: 'root-ca-certificate-publisher',
    account: 'root-ca-cert-publisher',
    reads: [Namespace, ConfigMap],
    writes: [ConfigMap],
    triggers: [
      on(Namespace, ({ after }) => (after === undefined ? [] : [keyOf(after)])),
      // Whoever takes it away or changes it finds it again.
      on(ConfigMap, ({ before, after }) => {
        const { metadata } = after ?? before ?? {};
        return metadata?.name === NAME && before !== undefined ? [metadata.namespace ?? ''] : [];
      }),
    ],
    async reconcile(namespace, { get, client }) {
      const found = get(Namespace, { name: namespace });
      if (found === undefined || found.metadata.deletionTimestamp !== undefined) return;
      const map = get(ConfigMap, { namespace, name: NAME });
      if (map !== undefined && semanticEqual(map.data, data)) return;
      try {
        if (map !== undefined) await client.update(ConfigMap, { ...map, data });
        else await client.create(ConfigMap, { metadata: { namespace, name: NAME }, data });
      } catch (error) {
        // Somebody else was first, or the namespace has begun to go meanwhile.
        if (!isApiError(error, 'AlreadyExists', 'NotFound') && !isEnding(error)) throw error;
      }
    },
  });
}

const isEnding = (error: unknown): boolean =>
  isApiError(error, 'Forbidden') && error.message.endsWith('because it is being terminated');
