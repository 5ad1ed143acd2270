/** Decides what the cluster's own signers make of an approved request: a certificate, a failure, or nothing. Pure. */
import { readRequest, type RequestContents } from '#api/certificates/request-contents';
import type { CertificateSigningRequest } from '#api/certificates/certificate-signing-request';

/** What the certificate is to say. */
export type SigningOrder = {
  /** What was checked, and no other part of what was asked for. */
  readonly subject: { readonly commonName: string; readonly organizations: readonly string[] };
  readonly publicKey: Buffer;
  readonly use: 'server' | 'client';
  readonly enciphersKeys: boolean;
  readonly names: readonly string[];
  readonly expirationSeconds?: number;
};

export type SigningPlan = { readonly order: SigningOrder } | { readonly failure: string };

export function planSigning(request: CertificateSigningRequest): SigningPlan | undefined {
  const check = SIGNERS.get(request.spec.signerName);
  if (check === undefined || !isWaiting(request)) return undefined;
  const { usages = [], expirationSeconds } = request.spec;
  const contents = readRequest(request.spec.request);
  const failure = check(contents, usages);
  if (failure !== undefined) return { failure };
  return {
    order: {
      subject: { commonName: contents.commonName, organizations: contents.organizations },
      publicKey: contents.publicKey,
      use: usages.includes('server auth') ? 'server' : 'client',
      enciphersKeys: usages.includes('key encipherment'),
      names: [...contents.dnsNames, ...contents.ipAddresses],
      ...(expirationSeconds !== undefined && { expirationSeconds }),
    },
  };
}

function isWaiting({ status }: CertificateSigningRequest): boolean {
  const types = (status?.conditions ?? []).map(({ type }) => type);
  const isDecided = types.includes('Approved') && !types.includes('Denied') && !types.includes('Failed');
  return isDecided && !status?.certificate;
}

export const NODE_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';

type Check = (contents: RequestContents, usages: readonly string[]) => string | undefined;

const SIGNERS: ReadonlyMap<string, Check> = new Map([
  ['kubernetes.io/kube-apiserver-client', checkClient],
  [NODE_CLIENT_SIGNER, checkNodeClient],
  ['kubernetes.io/kubelet-serving', checkNodeServer],
]);

const CLIENT_USAGES: readonly string[] = ['client auth', 'digital signature', 'key encipherment'];
const SERVER_USAGES: readonly string[] = ['digital signature', 'key encipherment', 'server auth'];

function checkClient(_contents: RequestContents, usages: readonly string[]): string | undefined {
  const odd = usages.find((usage) => !CLIENT_USAGES.includes(usage));
  if (odd !== undefined) return `invalid usage for client certificate: ${odd}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

/** Why it is not for a node that asks the API server, if it is not. */
export function checkNodeClient(contents: RequestContents, usages: readonly string[]): string | undefined {
  return (
    checkGroup(contents) ??
    (contents.dnsNames.length > 0 ? 'DNS subjectAltNames are not allowed' : undefined) ??
    checkOtherNames(contents) ??
    (contents.ipAddresses.length > 0 ? 'IP subjectAltNames are not allowed' : undefined) ??
    checkName(contents) ??
    checkUsages(usages, CLIENT_USAGES)
  );
}

function checkNodeServer(contents: RequestContents, usages: readonly string[]): string | undefined {
  const hasNames = contents.dnsNames.length + contents.ipAddresses.length > 0;
  return (
    checkGroup(contents) ??
    (hasNames ? undefined : 'DNS or IP subjectAltName is required') ??
    checkOtherNames(contents) ??
    checkUsages(usages, SERVER_USAGES) ??
    checkName(contents)
  );
}

function checkGroup({ organizations }: RequestContents): string | undefined {
  const isNode = organizations.length === 1 && organizations[0] === 'system:nodes';
  return isNode ? undefined : 'subject organization is not system:nodes';
}

function checkName({ commonName }: RequestContents): string | undefined {
  return commonName.startsWith('system:node:') ? undefined : 'subject common name does not begin with system:node: ';
}

function checkOtherNames({ emails, uris }: RequestContents): string | undefined {
  if (emails.length > 0) return 'Email subjectAltNames are not allowed';
  return uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined;
}

/** Keys of newer sorts encipher no keys. */
function checkUsages(usages: readonly string[], wanted: readonly string[]): string | undefined {
  const given = new Set(usages);
  const missing = wanted.filter((usage) => !given.has(usage) && usage !== 'key encipherment');
  const isExact = missing.length === 0 && usages.every((usage) => wanted.includes(usage));
  return isExact ? undefined : `usages did not match [${wanted.join(' ')}]`;
}
