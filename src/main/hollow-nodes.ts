/** Starts simulated nodes: the same agents on runtimes that run nothing. */
import { createInformers } from '#client/informers';
import { nodePodRange } from '#network/podnet/plan/ranges';
import { runAgent } from '#node/agent';
import { createHollowRuntime } from '#node/runtime/hollow/hollow-runtime';
import type { HostFacts, HostPressure } from '#node/status/host-facts';
import { agentTls, keepCertificateFresh } from './agent-tls.ts';
import { CLUSTER_DOMAIN, type Nodes } from './nodes.ts';
import { KUBERNETES_VERSION } from './kubernetes-version.ts';

const GIBIBYTE = 1024 ** 3;
const HOLLOW_HOST: Omit<HostFacts, 'hostname'> = {
  architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
  cpuMilli: 8000,
  memoryBytes: 32 * GIBIBYTE,
  storageBytes: 200 * GIBIBYTE,
  kernelVersion: 'hollow',
  osImage: 'Tutti hollow node',
  machineId: '',
  systemUuid: '',
  bootId: '',
};
const AT_EASE: HostPressure = {
  memoryAvailableBytes: 24 * GIBIBYTE,
  storageAvailableBytes: 150 * GIBIBYTE,
  storageInodesShare: 0.9,
  freePidsShare: 0.9,
};

/** Resolves when all of them are registered; dispose after their signal has aborted. */
export async function startHollowNodes({ cluster, clientFor, surroundings }: Nodes): Promise<AsyncDisposable> {
  const { hollowNodes, runtime, podCidr, nodeIp } = cluster.settings;
  const firstRange = runtime === 'cri' ? 1 : 0;
  const renewing: Promise<void>[] = [];
  const starting = Array.from({ length: hollowNodes }, async (_, index) => {
    const nodeName = `hollow-${index + 1}`;
    const client = await clientFor(nodeName);
    const tls = await agentTls(cluster, nodeName, surroundings);
    const range = nodePodRange(podCidr, firstRange + index);
    const agent = await runAgent({
      ...surroundings,
      client,
      informers: createInformers({ client, ...surroundings }),
      runtime: createHollowRuntime({ world: surroundings.world, podCidr: range }),
      nodeName,
      nodeIps: [nodeIp],
      host: { ...HOLLOW_HOST, hostname: nodeName },
      readPressure: () => Promise.resolve(AT_EASE),
      podCidr: range,
      clusterDns: [],
      clusterDomain: CLUSTER_DOMAIN,
      dirs: { pods: '', volumes: '/volumes', logs: '', seccomp: '' },
      cgroupRoot: '',
      version: KUBERNETES_VERSION,
      server: { host: nodeIp, port: 0, tls },
    });
    renewing.push(keepCertificateFresh({ cluster, nodeName, surroundings, agent }));
  });
  await Promise.all(starting);
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(renewing);
    },
  };
}
