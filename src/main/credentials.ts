/** The keys and certificates of the control plane, kept in files and renewed long before they expire. */
import { addressAt, parseAddressRange } from '#apiserver/registry/services/address-range';
import { ADMIN_LEAF, AGENT_CLIENT_LEAF, serverLeaf } from '#apiserver/pki/authority';
import type { KeyPair } from '#apiserver/pki/certificate';
import { loadAuthority, loadLeaf } from '#apiserver/pki/files';
import type { World } from '#base/world';
import type { Cluster } from '#cli/composition';
import { hostAndPort } from '#cli/listen-address';

/** How often to look whether a certificate is about to expire: they live for a year. */
export const RENEWAL_CHECK_MS = 3_600_000;

export type Credentials = {
  readonly authority: KeyPair;
  /** What the API server shows to its clients. */
  readonly server: KeyPair;
  /** What the API server shows to agents. */
  readonly agentClient: KeyPair;
  readonly admin: KeyPair;
};

/** Loads what is there and good for a while, makes the rest. Call it again now and then: what is about to expire is replaced. */
export async function loadCredentials(cluster: Cluster, { clock }: World): Promise<Credentials> {
  const folder = cluster.dir.pki;
  const nowMs = clock.now();
  const authority = await loadAuthority(folder, nowMs);
  const [server, agentClient, admin] = await Promise.all([
    loadLeaf({ folder, name: 'server', leaf: serverLeaf(serverNames(cluster)) }, authority, nowMs),
    loadLeaf({ folder, name: 'agent-client', leaf: AGENT_CLIENT_LEAF }, authority, nowMs),
    loadLeaf({ folder, name: 'admin', leaf: ADMIN_LEAF }, authority, nowMs),
  ]);
  return { authority, server, agentClient, admin };
}

function serverNames({ settings }: Cluster): readonly string[] {
  const { host } = hostAndPort(settings.listen);
  const inside = ['', '.default', '.default.svc', '.default.svc.cluster.local'].map((suffix) => `kubernetes${suffix}`);
  const serviceIp = addressAt(parseAddressRange(settings.serviceCidr), 1);
  const own = ['localhost', '127.0.0.1', settings.nodeIp, settings.nodeName, serviceIp];
  const listening = host === '0.0.0.0' || host === '::' ? [] : [host];
  return [...new Set([...inside, ...own, ...listening])];
}
