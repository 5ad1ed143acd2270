/** A containerd of the test's own in a temporary folder, with a routed pod network and the images that tests need. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createLogger } from '#base/log';
import type { Logger } from '#base/log';
import { systemWorld } from '#base/world';
import type { World } from '#base/world';
import { buildImage } from '#node/images/build-image';
import { findRecipe, loadRecipes } from '#node/images/load-recipes';
import { containerdFile } from '#node/runtime/cri/containerd-config';
import type { ContainerdSettings } from '#node/runtime/cri/containerd-config';
import { startContainerd } from '#node/runtime/cri/containerd';
import type { Containerd, ContainerdOptions } from '#node/runtime/cri/containerd';
import { openCriRuntime } from '#node/runtime/cri/cri-runtime';
import type { CriRuntime } from '#node/runtime/cri/cri-runtime';
import { purgeContainerd, removeAllPods } from '#node/runtime/cri/purge';

export const PAUSE_IMAGE = 'tutti.local/pause:1';
export const BUSYBOX_IMAGE = 'docker.io/library/busybox:latest';

export type ContainerdFixture = {
  readonly runtime: CriRuntime;
  readonly containerd: Containerd;
  readonly options: ContainerdOptions;
  readonly world: World;
  readonly log: Logger;
  /** The cgroup above all pods. */
  readonly cgroup: string;
  /** The temporary folder of everything. */
  readonly folder: string;
  /** The volumes folder, shared with containerd. */
  readonly volumesDir: string;
  openRuntime(): CriRuntime;
  stop(): Promise<void>;
};

// Archives are kept between runs; they are made of what the machine has installed.
const IMAGE_CACHE = join(tmpdir(), 'tutti-test-images');

export async function startContainerdFixture(netnsPath?: string): Promise<ContainerdFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-cri-'));
  const world = systemWorld();
  const log = createLogger({ level: 'warn' });
  const settings = settingsIn(folder);
  await writeNetwork(folder, settings.cniConfDir);
  const options: ContainerdOptions = { settings, world, log, ...(netnsPath === undefined ? {} : { netnsPath }) };
  const containerd = await startContainerd(options);
  const openRuntime = (): CriRuntime =>
    openCriRuntime({ socketPath: containerd.socketPath, execDir: containerdFile(settings.paths, 'exec'), world, log });
  const runtime = openRuntime();
  const cgroup = `/${basename(folder)}`;
  const stop = async (): Promise<void> => {
    // A test may have killed it; then all is removed by force.
    await removeAllPods(runtime, log).catch(() => undefined);
    runtime[Symbol.dispose]();
    await containerd.stop();
    await purgeContainerd({ paths: settings.paths, cgroup, world, log });
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await importImages(runtime, [PAUSE_IMAGE, BUSYBOX_IMAGE]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    runtime,
    containerd,
    options,
    world,
    log,
    cgroup,
    folder,
    volumesDir: settings.paths.volumesDir,
    openRuntime,
    stop,
  };
}

function settingsIn(folder: string): ContainerdSettings {
  const within = (name: string): string => join(folder, name);
  return {
    paths: { rootDir: within('root'), stateDir: within('run'), volumesDir: within('volumes') },
    sandboxImage: PAUSE_IMAGE,
    cniBinDir: '/usr/lib/cni',
    cniConfDir: within('cni'),
    registryDir: within('registries'),
  };
}

/** Routed pairs: one end in the pod, the other on this machine, no bridge. */
async function writeNetwork(folder: string, confDir: string): Promise<void> {
  await mkdir(confDir, { recursive: true });
  const ipam = {
    type: 'host-local',
    dataDir: join(folder, 'addresses'),
    ranges: [[{ subnet: '198.18.7.0/24' }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  const network = { cniVersion: '0.4.0', name: basename(folder), plugins: [{ type: 'ptp', mtu: 1500, ipam }] };
  await writeFile(join(confDir, '10-pods.conflist'), JSON.stringify(network));
}

async function importImages(runtime: CriRuntime, names: readonly string[]): Promise<void> {
  for (const name of names) await runtime.importImages(await archiveOf(name));
}

/** The OCI archive of an image that Tutti has a recipe for. */
export async function archiveOf(name: string): Promise<string> {
  const recipe = findRecipe(await loadRecipes(), name);
  if (recipe === undefined) throw new Error(`Cannot build image "${name}": no recipe`);
  return (await buildImage(recipe, { cacheDir: IMAGE_CACHE })).archivePath;
}
