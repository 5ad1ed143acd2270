/** What agents show to the API server, and whom they believe. */
import { nodeServerLeaf } from '#apiserver/pki/authority';
import { loadAuthority, loadLeaf } from '#apiserver/pki/files';
import type { Cluster } from '#cli/composition';
import type { ServerTls } from '#node/server/agent-server';
import type { Surroundings } from './surroundings.ts';

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
