/** Gives the node its pod network: forwarding, addresses, routes and the configuration of the runtime's plugins. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../run-command.ts';
import { enableForwarding } from './forwarding.ts';
import { linkMtu } from './machine.ts';
import { planConflist } from './plan/conflist.ts';
import { planRoutes, type NodeRoutes } from './plan/routes.ts';

export type PodNetwork = NodeRoutes & {
  readonly clusterId: string;
  readonly nodePodCidr: string;
  readonly dataDir: string;
  /** Where the runtime looks for the configuration of its plugins. */
  readonly confDir: string;
};

/** May be run again at any time. Tells whether the machine forwarded packets before any cluster came. */
export async function setUpPodNetwork(network: PodNetwork, signal: AbortSignal): Promise<'on' | 'off'> {
  const before = await enableForwarding(signal);
  await runCommand(['ip', '-batch', '-'], { input: `${planRoutes(network).join('\n')}\n`, signal });
  await writeConflist(network);
  return before;
}

// Written aside and renamed, because the runtime watches the directory and must not read half a file.
async function writeConflist(network: PodNetwork): Promise<void> {
  const { name, content } = planConflist({ ...network, mtu: await linkMtu(network.nodeIp) });
  await mkdir(network.confDir, { recursive: true });
  const unfinished = join(network.confDir, `.${name}.new`);
  await writeFile(unfinished, content);
  await rename(unfinished, join(network.confDir, name));
}
