/** Requests for certificates say truly who makes them, and are decided and signed by those who may do that for the signer. */
import { CertificateSigningRequest } from '#api/certificates/certificate-signing-request';
import { type RequestContents, readRequest, RequestError } from '#api/certificates/request-contents';
import { invalidError } from '#api/errors';
import { invalid } from '#api/meta/field-error';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { UserInfo } from '#api/request';
import { createPublicKey, verify } from 'node:crypto';
import type { Authorizer } from '../authz/authorizer.ts';
import { kindKey } from '../registry/keys.ts';
import { type AdmissionPlugin, type AdmissionRequest, admissionForbidden } from './admission.ts';

const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
const MASTERS = 'system:masters';

export function certificateRequests(authorize: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateRequests',
    complete: true,
    of: [kindKey(CertificateSigningRequest)],
    handles: ({ operation }) => operation !== 'delete',
    mutate(request) {
      const wanted = request.object as CertificateSigningRequest;
      return request.operation === 'create' ? madeBy(wanted, request.user) : wanted;
    },
    async validate(request) {
      const next = request.object as CertificateSigningRequest;
      if (request.operation === 'create') return checkNew(request, next);
      const stored = request.stored as CertificateSigningRequest;
      if (request.subresource === 'approval') return await requireVerb(authorize, request, 'approve');
      const isAnswer = !semanticEqual(next.status ?? {}, stored.status ?? {});
      if (request.subresource === 'status' && isAnswer) await requireVerb(authorize, request, 'sign');
    },
  };
}

/** Whatever the client says about itself. */
function madeBy(wanted: CertificateSigningRequest, { name, uid, groups, extra }: UserInfo): CertificateSigningRequest {
  const { username: _name, uid: _uid, groups: _groups, extra: _extra, ...spec } = wanted.spec;
  return {
    ...wanted,
    spec: { ...spec, username: name, ...(uid && { uid }), groups, ...(extra && { extra }) },
  };
}

function checkNew(request: AdmissionRequest, { spec }: CertificateSigningRequest): void {
  const contents = contentsOf(spec.request);
  if (contents === undefined) return;
  if (!isSigned(contents)) {
    const error = invalid('spec.request', spec.request, 'x509: signature of the request does not match its key');
    throw invalidError(request.definition, request.object.metadata.name, [error]);
  }
  if (spec.signerName === CLIENT_SIGNER && contents.organizations.includes(MASTERS))
    throw admissionForbidden(request, `use of ${CLIENT_SIGNER} signer with ${MASTERS} group is not allowed`);
}

/** What cannot be read has been refused before. */
function contentsOf(request: string): RequestContents | undefined {
  try {
    return readRequest(request);
  } catch (error) {
    if (error instanceof RequestError) return undefined;
    throw error;
  }
}

/** Digest by the identifier of the algorithm; null where the algorithm has its own. */
const DIGESTS: ReadonlyMap<string, string | null> = new Map([
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
  ['1.3.101.112', null],
]);

/** Whoever asks has the key. A key that cannot be read has signed nothing. */
function isSigned({ algorithm, publicKey, signed, signature }: RequestContents): boolean {
  const digest = DIGESTS.get(algorithm);
  if (digest === undefined) return false;
  try {
    return verify(digest, signed, createPublicKey({ key: publicKey, format: 'der', type: 'spki' }), signature);
  } catch {
    return false;
  }
}

const WORDS = { approve: 'approve requests', sign: 'sign requests' } as const;

/** By the signer's own name, or by all signers of its domain. */
async function requireVerb(authorize: Authorizer, request: AdmissionRequest, verb: keyof typeof WORDS): Promise<void> {
  const { signerName } = (request.stored as CertificateSigningRequest).spec;
  const [domain = ''] = signerName.split('/');
  for (const name of [signerName, `${domain}/*`]) {
    const asked = { user: request.user, verb, group: 'certificates.k8s.io', version: 'v1', plural: 'signers', name };
    if ((await authorize(asked)).allowed) return;
  }
  const why = `user not permitted to ${WORDS[verb]} with signerName ${JSON.stringify(signerName)}`;
  throw admissionForbidden(request, why);
}
