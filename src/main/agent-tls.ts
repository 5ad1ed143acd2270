/** What agents show to the API server, and whom they believe. */
import { nodeServerLeaf } from '#apiserver/pki/authority';
import { loadAuthority, loadLeaf } from '#apiserver/pki/files';
import { asError } from '#base/errors';
import { ticks } from '#base/ticker';
import type { Cluster } from '#cli/composition';
import type { ServerTls } from '#node/server/agent-server';
import { RENEWAL_CHECK_MS } from './credentials.ts';
import type { Surroundings } from './surroundings.ts';

/** The certificate in the files, or a new one when that is about to expire. */
export async function agentTls(
  { dir, settings }: Cluster,
  nodeName: string,
  { world }: Surroundings,
): Promise<ServerTls> {
  const nowMs = world.clock.now();
  const authority = await loadAuthority(dir.pki, nowMs);
  const leaf = nodeServerLeaf(nodeName, [nodeName, settings.nodeIp]);
  const own = await loadLeaf({ folder: dir.pki, name: `agent-${nodeName}`, leaf }, authority, nowMs);
  return { ...own, clientAuthority: authority.certificate };
}

type Renewal = {
  readonly cluster: Cluster;
  readonly nodeName: string;
  readonly surroundings: Surroundings;
  readonly renew: (tls: ServerTls) => void;
};

/** Replaces a server's certificate long before it expires, until the signal aborts. A failure is told and tried again. */
export async function keepCertificateFresh({ cluster, nodeName, surroundings, renew }: Renewal): Promise<void> {
  for await (const _tick of ticks(RENEWAL_CHECK_MS, surroundings)) {
    try {
      renew(await agentTls(cluster, nodeName, surroundings));
    } catch (error) {
      surroundings.logger.error('cannot renew the certificate of a node', { node: nodeName, error: asError(error) });
    }
  }
}
