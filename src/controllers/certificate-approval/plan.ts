/** Decides what a node must be allowed to do for its request for a client certificate to be approved without anybody looking. */
import { readRequest } from '#api/certificates/request-contents';
import type { CertificateSigningRequest } from '#api/certificates/certificate-signing-request';
import { checkNodeClient, NODE_CLIENT_SIGNER } from '../certificate-signing/plan.ts';

export type Attempt = {
  /** What whoever asked must be allowed to create under requests for certificates. */
  readonly subresource: 'selfnodeclient' | 'nodeclient';
  readonly message: string;
};

const RENEWAL: Attempt = {
  subresource: 'selfnodeclient',
  message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
};
const FIRST: Attempt = {
  subresource: 'nodeclient',
  message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
};

/** In the order in which to ask; nothing for what somebody has decided, and for what is not a node's. */
export function planApproval({ spec, status }: CertificateSigningRequest): readonly Attempt[] {
  const isDecided = (status?.conditions ?? []).some(({ type }) => type === 'Approved' || type === 'Denied');
  if (isDecided || status?.certificate || spec.signerName !== NODE_CLIENT_SIGNER) return [];
  const contents = readRequest(spec.request);
  if (checkNodeClient(contents, spec.usages ?? []) !== undefined) return [];
  return contents.commonName === spec.username ? [RENEWAL, FIRST] : [FIRST];
}
