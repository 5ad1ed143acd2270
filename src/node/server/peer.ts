/** Who may use an agent's server: the API server and administrators, told by their client certificate. */
import type { PeerCertificate } from 'node:tls';

// Agents and other components have certificates of the same authority; they must not run commands in pods.
const ADMINISTRATORS = 'system:masters';

export function mayUse(certificate: Pick<PeerCertificate, 'subject'> | undefined): boolean {
  const { O: organizations } = certificate?.subject ?? {};
  return [organizations ?? []].flat().includes(ADMINISTRATORS);
}
