/** The cluster's certificate authority, and the certificates it gives to those who belong to the cluster. */
import { X509Certificate } from 'node:crypto';
import { certify, issueCertificate, type KeyPair, type Subject } from './certificate.ts';

const DAY_MS = 24 * 60 * 60_000;
const AUTHORITY_MS = 10 * 365 * DAY_MS;
const CERTIFICATE_MS = 365 * DAY_MS;
// Clocks of machines that join differ; a certificate is valid a little before it is made.
const BACKDATED_MS = 5 * 60_000;

export function createAuthority(nowMs: number): KeyPair {
  return issueCertificate({
    subject: { commonName: 'kubernetes' },
    use: 'authority',
    notBeforeMs: nowMs - BACKDATED_MS,
    notAfterMs: nowMs + AUTHORITY_MS,
  });
}

export type Leaf = {
  readonly subject: Subject;
  readonly use: 'server' | 'client' | 'server and client';
  readonly names?: readonly string[];
};

export function issueLeaf(authority: KeyPair, leaf: Leaf, nowMs: number): KeyPair {
  return issueCertificate(
    { ...leaf, notBeforeMs: nowMs - BACKDATED_MS, notAfterMs: nowMs + CERTIFICATE_MS },
    authority,
  );
}

/** What a signer has decided that a key somebody else keeps is to be certified for. */
export type CertificateOrder = {
  readonly subject: Subject;
  /** DER of the key, as the request has it. */
  readonly publicKey: Buffer;
  readonly use: 'server' | 'client';
  readonly enciphersKeys: boolean;
  readonly names: readonly string[];
  /** A year unless said otherwise, which is also the most. */
  readonly expirationSeconds?: number;
};

/** PEM. Never valid for longer than the authority itself. */
export function fillOrder(authority: KeyPair, order: CertificateOrder, nowMs: number): string {
  const { publicKey, expirationSeconds, ...wanted } = order;
  const lifeMs = Math.min(CERTIFICATE_MS, (expirationSeconds ?? Infinity) * 1000);
  const notAfterMs = Math.min(nowMs + lifeMs, new X509Certificate(authority.certificate).validToDate.getTime());
  return certify({ ...wanted, notBeforeMs: nowMs - BACKDATED_MS, notAfterMs }, publicKey, authority);
}

/** What the API server shows to its clients. */
export const serverLeaf = (names: readonly string[]): Leaf => ({
  subject: { commonName: 'kube-apiserver' },
  use: 'server',
  names,
});

/** The administrator: what the kubeconfig of `up` carries. */
export const ADMIN_LEAF: Leaf = {
  subject: { commonName: 'kubernetes-admin', organizations: ['system:masters'] },
  use: 'client',
};

/** What the API server shows to the agents it connects to. */
export const AGENT_CLIENT_LEAF: Leaf = {
  subject: { commonName: 'kube-apiserver-kubelet-client', organizations: ['system:masters'] },
  use: 'client',
};

/** What the agent of a node shows to the API server. */
export const nodeClientLeaf = (node: string): Leaf => ({
  subject: { commonName: `system:node:${node}`, organizations: ['system:nodes'] },
  use: 'client',
});

/** What the network of a node shows to the API server. */
export const NETWORK_LEAF: Leaf = { subject: { commonName: 'system:kube-proxy' }, use: 'client' };

/** What the agent of a node shows to those who connect to it. */
export const nodeServerLeaf = (node: string, names: readonly string[]): Leaf => ({
  subject: { commonName: `system:node:${node}`, organizations: ['system:nodes'] },
  use: 'server',
  names: [...new Set([node, ...names])],
});

/** Whether a third of a certificate's life, or less, is left: time to replace it. */
export function isDue(certificate: string, nowMs: number): boolean {
  const { validFromDate, validToDate } = new X509Certificate(certificate);
  const from = validFromDate.getTime();
  const to = validToDate.getTime();
  return nowMs >= from + ((to - from) * 2) / 3;
}
