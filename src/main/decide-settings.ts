/** Chooses what the user of a new cluster left open, so that clusters on one machine do not meet. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { AskedSettings, Settings } from '#cli/settings';
import { CommandError } from '#cli/exit';
import { errorMessage } from '#base/errors';
import { primaryAddress, takenRanges } from '#network/podnet/machine';
import { chooseRanges, nodePodRange } from '#network/podnet/plan/ranges';

const DEFAULT_LISTEN = '0.0.0.0:6443';
// Nothing is ever sent to the addresses of simulated pods, so they may be many (RFC 6598, shared address space).
const HOLLOW_PODS = '100.64.0.0/10';

export async function decideSettings(asked: AskedSettings): Promise<Settings> {
  const { runtime = 'cri' } = asked;
  const ranges = await freeRanges(asked);
  const settings: Settings = {
    id: randomBytes(4).toString('hex'),
    listen: DEFAULT_LISTEN,
    podCidr: runtime === 'hollow' ? HOLLOW_PODS : ranges.podCidr,
    serviceCidr: ranges.serviceCidr,
    runtime,
    hollowNodes: runtime === 'hollow' ? 1 : 0,
    store: 'sqlite',
    nodeName: hostname().toLowerCase(),
    // The agents of simulated nodes are asked for logs and usage, and nobody else is to reach them.
    nodeIp: asked.nodeIp ?? (runtime === 'hollow' ? '127.0.0.1' : await primaryAddress()),
    ...asked,
  };
  assertRoomForNodes(settings);
  return settings;
}

async function freeRanges({ podCidr, serviceCidr }: AskedSettings): Promise<{ podCidr: string; serviceCidr: string }> {
  if (podCidr !== undefined && serviceCidr !== undefined) return { podCidr, serviceCidr };
  try {
    return chooseRanges(await takenRanges());
  } catch (cause) {
    throw new CommandError(2, `${errorMessage(cause)}; give --pod-cidr and --service-cidr`, { cause });
  }
}

function assertRoomForNodes({ podCidr, hollowNodes, runtime }: Settings): void {
  const nodes = hollowNodes + (runtime === 'cri' ? 1 : 0);
  if (nodes === 0) throw new CommandError(2, 'Cannot start a cluster without nodes: give --hollow-nodes 1 or more');
  try {
    nodePodRange(podCidr, nodes - 1);
  } catch (cause) {
    throw new CommandError(2, `--pod-cidr ${podCidr} is too small for ${nodes} nodes: each takes a /24`, { cause });
  }
}
