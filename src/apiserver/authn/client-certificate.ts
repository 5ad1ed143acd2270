/** Users by client certificate: the common name is the user, the organizations are the groups. */
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { Authenticator, Peer } from './authentication.ts';

// By it a user's requests are told apart by the certificate they came with.
const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';

export const clientCertificates: Authenticator = ({ peer }) => {
  const { certificate } = peer;
  if (certificate === undefined || certificate.commonName === '') return undefined;
  const { commonName: name, organizations: groups, fingerprint } = certificate;
  return { name, groups, extra: { [CREDENTIAL_ID]: [`X509SHA256=${fingerprint}`] } };
};

/** What a connection's handshake proved. */
export function peerOf(socket: TLSSocket): Peer {
  const { remoteAddress } = socket;
  return { ...(remoteAddress === undefined ? {} : { address: remoteAddress }), ...provenBy(socket) };
}

function provenBy(socket: TLSSocket): Peer {
  const shown = socket.getPeerCertificate() as Partial<DetailedPeerCertificate> | null;
  if (shown?.subject === undefined) return {};
  if (!socket.authorized) return { refused: true };
  // The type promises texts, but a name that occurs twice comes as a list.
  const { CN, O } = shown.subject as { readonly CN?: string | string[]; readonly O?: string | string[] };
  const fingerprint = (shown.fingerprint256 ?? '').replaceAll(':', '').toLowerCase();
  return { certificate: { commonName: listOf(CN)[0] ?? '', organizations: listOf(O), fingerprint } };
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
