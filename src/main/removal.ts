/** Takes a cluster off the machine: what it runs, what it set up, and, when asked to, what it stored. */
import { rm, rmdir } from 'node:fs/promises';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import type { Cluster } from '#cli/composition';
import { removeNetwork } from '#network/remove-network';
import { containerdFile } from '#node/runtime/cri/containerd-config';
import { findContainerd, startContainerd } from '#node/runtime/cri/containerd';
import { openCriRuntime } from '#node/runtime/cri/cri-runtime';
import { purgeContainerd, removeAllPods } from '#node/runtime/cri/purge';
import { cgroupRoot, containerdSettings, stateDir } from './node-paths.ts';

export type Stopping = { readonly onStep: (text: string) => void; readonly signal: AbortSignal };

// Clusters, and other users of containerd and CNI, share these; who is last takes them away. Inner ones first.
const SHARED_FOLDERS = ['/run/tutti', '/run/containerd/s', '/run/containerd', '/var/lib/cni/results', '/var/lib/cni'];

type Tools = { readonly world: World; readonly logger: Logger };

/** Stops all containers and takes the network down. Does nothing where nothing runs. */
export async function stopNode(
  cluster: Cluster,
  { onStep, signal }: Stopping,
  { world, logger }: Tools,
): Promise<void> {
  if (cluster.settings.runtime === 'hollow') return;
  const settings = containerdSettings(cluster);
  if ((await findContainerd(containerdFile(settings.paths, 'config'))) !== undefined) {
    onStep('Stopping the containers');
    const containerd = await startContainerd({ settings, world, log: logger });
    {
      using runtime = openCriRuntime({
        socketPath: containerd.socketPath,
        execDir: containerdFile(settings.paths, 'exec'),
        world,
        log: logger,
      });
      await removeAllPods(runtime, logger);
    }
    await containerd.stop();
  }
  onStep('Taking down the network');
  const { id: clusterId, podCidr, serviceCidr } = cluster.settings;
  const { cniConfDir: confDir } = settings;
  await removeNetwork({ clusterId, podCidr, serviceCidr, dataDir: cluster.dir.node, confDir }, signal);
}

/** Removes what the cluster put in its data directory; the directory itself only if nothing else is in it. */
export async function removeData(cluster: Cluster, { world, logger }: Tools): Promise<void> {
  const { dir, settings } = cluster;
  if (settings.runtime === 'cri') {
    await purgeContainerd({
      paths: containerdSettings(cluster).paths,
      cgroup: cgroupRoot(cluster),
      world,
      log: logger,
    });
    await rm(stateDir(cluster), { recursive: true, force: true });
    for (const shared of SHARED_FOLDERS) await removeIfEmpty(shared);
  }
  const database = ['', '-wal', '-shm'].map((suffix) => `${dir.database}${suffix}`);
  const own = [dir.node, dir.pki, ...database, dir.kubeconfig, dir.pid, dir.agentPid, dir.log, dir.settings];
  for (const path of own) await rm(path, { recursive: true, force: true });
  await removeIfEmpty(dir.path);
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'ENOENT')))
      throw error;
  }
}
