/** Somebody's wish for a certificate: people or controllers decide, a signer answers. */
import { AGE_COLUMN, column, NAME_COLUMN, NONE } from '../meta/columns.ts';
import { humanDuration } from '../meta/human-duration.ts';
import { checkPathSegment } from '../meta/names.ts';
import { defineResource } from '../resource.ts';
import type * as certificates from '../types/certificates-v1.ts';
import { validateRequest, validateStatusChange } from './validation.ts';

export type CertificateSigningRequest = certificates.CertificateSigningRequest;

export const CertificateSigningRequest = defineResource<CertificateSigningRequest>(
  {
    group: 'certificates.k8s.io',
    version: 'v1',
    kind: 'CertificateSigningRequest',
    plural: 'certificatesigningrequests',
    namespaced: false,
  },
  {
    shortNames: ['csr'],
    hasStatus: true,
    prepareForCreate: (request) => ({ ...request, status: {} }),
    prepareForUpdate: (next, stored) => ({ ...next, spec: stored.spec }),
    validateName: checkPathSegment,
    validate: (request) => [...validateRequest(request)],
    validateStatusUpdate: (next, stored) => [...validateStatusChange(next, stored)],
    columns: [
      NAME_COLUMN,
      AGE_COLUMN,
      column('SignerName', 'Who is to sign it.', ({ spec }) => spec.signerName || NONE),
      column('Requestor', 'Who asked for it.', ({ spec }) => spec.username ?? ''),
      column('RequestedDuration', 'How long it is to be valid.', ({ spec: { expirationSeconds: seconds } }) =>
        seconds === undefined ? NONE : humanDuration(seconds * 1000),
      ),
      column('Condition', 'What has been decided, and whether there is a certificate.', conditionText),
    ],
    selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName },
  },
);

function conditionText({ status }: CertificateSigningRequest): string {
  const { conditions = [], certificate = '' } = status ?? {};
  const has = (type: string): boolean => conditions.some((condition) => condition.type === type);
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  return [decision, ...(has('Failed') ? ['Failed'] : []), ...(certificate === '' ? [] : ['Issued'])].join(',');
}
