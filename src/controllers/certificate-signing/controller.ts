/** Signs approved requests for certificates of the cluster itself with the cluster's authority. */
import { CertificateSigningRequest } from '#api/certificates/certificate-signing-request';
import { formatTime } from '#api/meta/time';
import { keyOf, refOfKey } from '#client/key';
import { type Controller, defineController, on } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { planSigning, type SigningOrder } from './plan.ts';

/** Makes the certificate, as PEM; whoever starts the controller has the authority's key. */
export type SignCertificate = (order: SigningOrder) => string;

export function certificateSigning(sign: SignCertificate): Controller {
  return defineController({
    name: 'certificate-signing',
    account: 'certificate-controller',
    reads: [CertificateSigningRequest],
    writes: [CertificateSigningRequest],
    triggers: [on(CertificateSigningRequest, ({ after }) => (after === undefined ? [] : [keyOf(after)]))],
    async reconcile(key, { client, get, now }) {
      const request = get(CertificateSigningRequest, refOfKey(key));
      const plan = request && planSigning(request);
      if (request === undefined || plan === undefined) return;
      const status =
        'order' in plan
          ? { ...request.status, certificate: Buffer.from(sign(plan.order)).toString('base64') }
          : { ...request.status, conditions: [...(request.status?.conditions ?? []), failed(plan.failure, now())] };
      await unlessMissing(client.update(CertificateSigningRequest, { ...request, status }, { subresource: 'status' }));
    },
  });
}

function failed(message: string, nowMs: number) {
  const time = formatTime(nowMs);
  const times = { lastUpdateTime: time, lastTransitionTime: time };
  return { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message, ...times };
}
