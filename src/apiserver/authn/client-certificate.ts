/** Users by client certificate: the common name is the user, the organizations are the groups. */
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { Authenticator, Peer } from './authentication.ts';

export const clientCertificates: Authenticator = ({ peer }) => {
  const { certificate } = peer;
  if (certificate === undefined || certificate.commonName === '') return undefined;
  return { name: certificate.commonName, groups: certificate.organizations };
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
  return { certificate: { commonName: listOf(CN)[0] ?? '', organizations: listOf(O) } };
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
