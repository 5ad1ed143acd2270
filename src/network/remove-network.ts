/** Takes away everything a cluster's network put on the machine, also what a crash left. */
import { mustRestoreForwarding, restoreForwarding } from './podnet/forwarding.ts';
import { removeLeftPods } from './podnet/left-pods.ts';
import { addressStateDir, planConflist } from './podnet/plan/conflist.ts';
import { dnsAddress } from './podnet/plan/ranges.ts';
import { planRouteRemoval } from './podnet/plan/routes.ts';
import { deleteText } from './proxy/plan/nft-text.ts';
import { rangesInKernel, withdrawRoutes } from './proxy/service-ranges.ts';
import { runCommand } from './run-command.ts';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

export type RemovedNetwork = {
  readonly clusterId: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly dataDir: string;
  readonly confDir: string;
};

/** The cluster's pods must have ended. May be run again, and when nothing was ever set up. */
export async function removeNetwork(network: RemovedNetwork, signal: AbortSignal): Promise<void> {
  const { clusterId, dataDir, confDir } = network;
  await removeLeftPods(network, signal);
  const dnsIp = dnsAddress(network.serviceCidr);
  const added = (await rangesInKernel(clusterId, signal)).filter((range) => range !== network.serviceCidr);
  if (added.length > 0) await withdrawRoutes(added, { nodeIp: dnsIp, dnsIp }, signal);
  const lines = planRouteRemoval({ ...network, dnsIp });
  // Whatever is not there any more makes its line fail, and the others still count.
  await runCommand(['ip', '-force', '-batch', '-'], { input: `${lines.join('\n')}\n`, signal }).catch(() => undefined);
  const mustRestore = await mustRestoreForwarding(clusterId, signal);
  await runCommand(['nft', '-f', '-'], { input: deleteText(clusterId), signal });
  if (mustRestore) await restoreForwarding();
  const { name } = planConflist({ ...network, nodePodCidr: network.podCidr, mtu: 0 });
  await rm(join(confDir, name), { force: true });
  await rm(addressStateDir(dataDir), { recursive: true, force: true });
}
