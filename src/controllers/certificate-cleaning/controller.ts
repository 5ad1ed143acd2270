/** Removes requests for certificates that have served. */
import { CertificateSigningRequest } from '#api/certificates/certificate-signing-request';
import { keyOf, refOfKey } from '#client/key';
import { type Controller, defineController, on } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { planRemoval } from './plan.ts';

export const certificateCleaning: Controller = defineController({
  name: 'certificate-cleaning',
  account: 'certificate-controller',
  reads: [CertificateSigningRequest],
  writes: [CertificateSigningRequest],
  triggers: [on(CertificateSigningRequest, ({ after }) => (after === undefined ? [] : [keyOf(after)]))],
  async reconcile(key, { client, get, now }) {
    const request = get(CertificateSigningRequest, refOfKey(key));
    if (request === undefined) return undefined;
    const waitMs = planRemoval(request) - now();
    if (waitMs > 0) return { againInMs: waitMs };
    const { uid } = request.metadata;
    await unlessMissing(client.delete(CertificateSigningRequest, refOfKey(key), { preconditions: { uid } }));
    return undefined;
  },
});
