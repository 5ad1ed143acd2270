/** A simulated node on a test cluster. */
import type { AgentOptions } from '#node/agent';
import { runAgent, type Agent } from '#node/agent';
import type { HollowProfile } from '#node/runtime/hollow/hollow-profile';
import { createHollowRuntime } from '#node/runtime/hollow/hollow-runtime';
import type { Runtime } from '#node/runtime/runtime';
import type { TestCluster } from './cluster.ts';

const GIBI = 1024 ** 3;

type AgentParts = Partial<AgentOptions> & { readonly profile?: Partial<HollowProfile> };

export type TestAgent = Agent & { readonly runtime: Runtime };

export async function anAgent(cluster: TestCluster, { profile = {}, ...changes }: AgentParts = {}): Promise<TestAgent> {
  const podCidr = '198.18.1.0/24';
  const runtime = changes.runtime ?? createHollowRuntime({ world: cluster.world, podCidr, profile });
  const starting = runAgent({
    ...cluster,
    runtime,
    nodeName: 'node-1',
    nodeIps: ['198.18.0.1'],
    host: {
      hostname: 'node-1',
      architecture: 'amd64',
      cpuMilli: 4_000,
      memoryBytes: 8 * GIBI,
      storageBytes: 100 * GIBI,
      kernelVersion: '6.1',
      osImage: 'Debian',
      machineId: 'm',
      systemUuid: 's',
      bootId: 'b',
    },
    readPressure: async () => ({
      memoryAvailableBytes: 4 * GIBI,
      storageAvailableBytes: 90 * GIBI,
      storageInodesShare: 1,
      freePidsShare: 1,
    }),
    podCidr,
    clusterDns: ['198.19.0.10'],
    clusterDomain: 'cluster.local',
    dirs: { pods: '/nowhere/pods', logs: '/nowhere/logs', seccomp: '/nowhere/seccomp' },
    cgroupRoot: '/tutti/test',
    version: 'v1.35.0',
    ...changes,
  });
  await cluster.world.advance(1_000);
  const agent = await starting;
  await agent.ready;
  return { ...agent, runtime };
}
