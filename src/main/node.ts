/** Starts the real node: containerd with its images, the pod network, the agent. */
import { mkdir } from 'node:fs/promises';
import { createInformers } from '#client/informers';
import type { Cluster } from '#cli/composition';
import { dnsAddress, nodePodRange } from '#network/podnet/plan/ranges';
import { runNetwork } from '#network/run-network';
import { runAgent } from '#node/agent';
import { containerdFile } from '#node/runtime/cri/containerd-config';
import { type Containerd, startContainerd } from '#node/runtime/cri/containerd';
import { type CriRuntime, openCriRuntime } from '#node/runtime/cri/cri-runtime';
import { readHostFacts, readHostPressure } from '#node/status/read-host';
import { agentTls, keepCertificateFresh } from './agent-tls.ts';
import { ensureImage } from './images.ts';
import {
  cgroupRoot,
  containerdSettings,
  DEMO_IMAGE,
  imageCacheDir,
  logsDir,
  PAUSE_IMAGE,
  seccompDir,
  volumesDir,
} from './node-paths.ts';
import { CLUSTER_DOMAIN, type Nodes } from './nodes.ts';
import { KUBERNETES_VERSION } from './kubernetes-version.ts';
import type { Surroundings } from './surroundings.ts';

/** What a node needs of its machine before the control plane knows of it. */
export type Machine = { readonly containerd: Containerd; readonly runtime: CriRuntime };

export async function prepareMachine(cluster: Cluster, { world, logger, signal }: Surroundings): Promise<Machine> {
  const settings = containerdSettings(cluster);
  for (const folder of [settings.cniConfDir, settings.registryDir, logsDir(cluster), seccompDir(cluster)]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  const containerd = await startContainerd({ settings, world, log: logger });
  const runtime = openCriRuntime({
    socketPath: containerd.socketPath,
    execDir: containerdFile(settings.paths, 'exec'),
    world,
    log: logger,
  });
  const images = { cacheDir: imageCacheDir(cluster), signal };
  await Promise.all([PAUSE_IMAGE, DEMO_IMAGE].map((name) => ensureImage(runtime, name, images)));
  return { containerd, runtime };
}

/** Resolves when the node is registered. Disposing leaves its containers, and containerd, running. */
export async function startNode(
  { cluster, clientFor, networkClient, surroundings }: Nodes,
  machine: Machine,
): Promise<AsyncDisposable> {
  const { settings, dir } = cluster;
  const { nodeName, nodeIp, podCidr, serviceCidr } = settings;
  const client = await clientFor(nodeName);
  const informers = createInformers({ client, ...surroundings });
  const podRange = nodePodRange(podCidr, 0);
  const network = runNetwork({
    ...surroundings,
    informers: createInformers({ client: await networkClient(), ...surroundings }),
    nodeName,
    nodeIp,
    clusterId: settings.id,
    podCidr,
    nodePodCidr: podRange,
    serviceCidr,
    dataDir: dir.node,
    confDir: containerdSettings(cluster).cniConfDir,
  });
  await network.podsReady;
  const agent = await runAgent({
    ...surroundings,
    client,
    informers,
    runtime: machine.runtime,
    nodeName,
    nodeIps: [nodeIp],
    host: await readHostFacts(dir.path),
    readPressure: () => readHostPressure(dir.path),
    podCidr: podRange,
    clusterDns: [dnsAddress(serviceCidr)],
    clusterDomain: CLUSTER_DOMAIN,
    dirs: {
      pods: containerdSettings(cluster).paths.volumesDir,
      volumes: volumesDir(cluster),
      logs: logsDir(cluster),
      seccomp: seccompDir(cluster),
    },
    cgroupRoot: cgroupRoot(cluster),
    version: KUBERNETES_VERSION,
    beforeStop: async (podIps, signal) => {
      await Promise.all(podIps.map((address) => network.withdrawn(address, signal)));
    },
    server: { host: nodeIp, port: 0, tls: await agentTls(cluster, nodeName, surroundings) },
  });
  const renewing = keepCertificateFresh({
    cluster,
    nodeName,
    surroundings,
    renew: (tls) => agent.renewCertificate(tls),
  });
  return {
    async [Symbol.asyncDispose]() {
      await renewing;
      machine.runtime[Symbol.dispose]();
      await machine.containerd.leave();
      await network.ended;
    },
  };
}
