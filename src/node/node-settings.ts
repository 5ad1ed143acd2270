/** What the node's own files say that its pods need to know. */
import { readFile } from 'node:fs/promises';
import type { AgentOptions } from './agent-options.ts';
import type { NodeSettings } from './pods/agent-context.ts';
import { parseResolverFile } from './pods/config/pod-dns.ts';
import { allocatableOf } from './status/plan-node-status.ts';

export const USUAL_MAX_PODS = 110;

export async function readNodeSettings(options: AgentOptions): Promise<NodeSettings> {
  const { nodeName, nodeIps, runtime, host, maxPods = USUAL_MAX_PODS, dirs, cgroupRoot } = options;
  const simulated = runtime.simulated === true;
  const { name } = await runtime.version();
  return {
    name: nodeName,
    hostIps: nodeIps,
    runtimeName: name,
    dirs: { podsDir: dirs.pods, logsDir: dirs.logs },
    seccompDir: dirs.seccomp,
    cgroupRoot,
    memoryBytes: host.memoryBytes,
    allocatable: allocatableOf({ host, maxPods }),
    dns: {
      clusterServers: options.clusterDns,
      clusterDomain: options.clusterDomain,
      host: parseResolverFile(simulated ? '' : await readText('/etc/resolv.conf')),
    },
    hostsFile: simulated ? '' : await readText('/etc/hosts'),
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
