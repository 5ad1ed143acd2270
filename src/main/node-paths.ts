/** Where a real node of a cluster keeps its things on the machine. */
import { join } from 'node:path';
import type { Cluster } from '#cli/composition';
import type { ContainerdSettings } from '#node/runtime/cri/containerd-config';

// Debian's containernetworking-plugins puts them here.
export const CNI_PLUGIN_DIR = process.env['TUTTI_CNI_BIN_DIR'] ?? '/usr/lib/cni';

export const PAUSE_IMAGE = 'tutti.local/pause:1';
export const DEMO_IMAGE = 'tutti.local/demo:1';

/** State that ends with the machine's uptime; short, since it is part of socket paths. */
export const stateDir = ({ settings }: Cluster): string => `/run/tutti/${settings.id}`;

/** The cgroup above all pods of the cluster. */
export const cgroupRoot = ({ settings }: Cluster): string => `/tutti-${settings.id}`;

/** Built images; clusters may share one by `TUTTI_IMAGE_CACHE`. */
export const imageCacheDir = ({ dir }: Cluster): string =>
  process.env['TUTTI_IMAGE_CACHE'] ?? join(dir.node, 'image-cache');

export const logsDir = ({ dir }: Cluster): string => join(dir.node, 'logs');

export const volumesDir = ({ dir }: Cluster): string => join(dir.node, 'volumes');

export const seccompDir = ({ dir }: Cluster): string => join(dir.node, 'seccomp');

export function containerdSettings(cluster: Cluster): ContainerdSettings {
  const { node } = cluster.dir;
  return {
    paths: {
      rootDir: join(node, 'containerd'),
      stateDir: join(stateDir(cluster), 'c'),
      volumesDir: join(node, 'pods'),
    },
    sandboxImage: PAUSE_IMAGE,
    cniBinDir: CNI_PLUGIN_DIR,
    cniConfDir: join(node, 'cni.d'),
    registryDir: join(node, 'registries'),
  };
}
