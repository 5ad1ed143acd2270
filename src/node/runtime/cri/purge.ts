/** Removes every trace of a containerd of ours: pods, processes, mounts, cgroups, files. */
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '#base/log';
import type { World } from '#base/world';
import { errorMessage } from '#base/errors';
import type { Runtime } from '../runtime.ts';
import { RuntimeError } from '../runtime-error.ts';
import { CGROUP_ROOT, cgroupFolders } from './cgroup-layout.ts';
import { containerdFile } from './containerd-config.ts';
import type { ContainerdPaths } from './containerd-config.ts';
import { findContainerd } from './containerd.ts';
import { listShims } from './leftover-shims.ts';
import { mountPoints, removeMountNamespace } from './mount-namespace.ts';
import { removePodCgroup } from './pod-cgroup.ts';
import { endProcess, identify } from './processes.ts';
import { runCommand } from './run-command.ts';

export type PurgeOptions = {
  readonly paths: ContainerdPaths;
  /** The cgroup above all pods of this node, such as `/tutti-1a2b3c`. */
  readonly cgroup: string;
  readonly world: World;
  readonly log: Logger;
};

// What is left by now has been asked politely before.
const KILL_AT_ONCE_MS = 0;
const STOP_GRACE_MS = 5_000;
const UNIX = 'unix://';

/** Ends and removes all pods the proper way, which also gives back their addresses. */
export async function removeAllPods(runtime: Runtime, log: Logger): Promise<void> {
  const sandboxes = await runtime.listPodSandboxes();
  await Promise.all(
    sandboxes.map(async ({ id }) => {
      try {
        await runtime.stopPodSandbox(id);
        await runtime.removePodSandbox(id);
      } catch (error) {
        // What the runtime cannot remove is removed by force afterwards.
        log.warn('Cannot remove a sandbox', { sandbox: id, reason: errorMessage(error) });
      }
    }),
  );
}

/** Works without a running containerd; pods that still run are killed. The volumes' own files are left alone. */
export async function purgeContainerd({ paths, cgroup, world }: PurgeOptions): Promise<void> {
  const running = await findContainerd(containerdFile(paths, 'config'));
  if (running !== undefined) await endProcess(running, STOP_GRACE_MS, world.clock);
  const sockets = await shimSockets(paths);
  for (const pid of await processesIn(cgroup)) {
    const process = await identify(pid);
    if (process !== undefined) await endProcess(process, KILL_AT_ONCE_MS, world.clock);
  }
  for (const shim of await listShims(containerdFile(paths, 'socket')))
    await endProcess(shim, KILL_AT_ONCE_MS, world.clock);
  for (const socket of sockets) await rm(socket, { force: true });
  await unmountBelow(paths.volumesDir);
  await removeMountNamespace(paths);
  await removePodCgroup(cgroup, world.clock);
  for (const folder of [paths.stateDir, paths.rootDir]) {
    await refuseMounts(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Shims listen in a folder that all containerds of the machine share, and note where; a killed one leaves its socket behind. */
async function shimSockets({ stateDir }: ContainerdPaths): Promise<readonly string[]> {
  const tasks = join(stateDir, 'state/io.containerd.runtime.v2.task/k8s.io');
  const ids = await readdir(tasks).catch(() => []); // none has ever run
  const addresses = await Promise.all(ids.map((id) => readFile(join(tasks, id, 'address'), 'utf8').catch(() => '')));
  return addresses.filter((address) => address.startsWith(UNIX)).map((address) => address.trim().slice(UNIX.length));
}

async function processesIn(cgroup: string): Promise<ReadonlySet<number>> {
  const folders = await cgroupFolders(CGROUP_ROOT, cgroup);
  const found = await Promise.all(folders.map(processesBelow));
  return new Set(found.flat());
}

async function processesBelow(folder: string): Promise<readonly number[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  if (entries.length === 0) return [];
  const below = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map((entry) => processesBelow(join(folder, entry.name))),
  );
  const own = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
  return [
    ...own
      .split('\n')
      .filter((line) => line !== '')
      .map(Number),
    ...below.flat(),
  ];
}

async function unmountBelow(folder: string): Promise<void> {
  const points = mountPoints(await readFile('/proc/self/mountinfo', 'utf8')).filter((point) =>
    point.startsWith(`${folder}/`),
  );
  for (const point of points.toReversed()) await runCommand('umount', ['--lazy', point]);
}

/** Deleting through a mount would delete what belongs to others. */
async function refuseMounts(folder: string): Promise<void> {
  const point = mountPoints(await readFile('/proc/self/mountinfo', 'utf8')).find(
    (path) => path === folder || path.startsWith(`${folder}/`),
  );
  if (point !== undefined) throw new RuntimeError('Failed', `Cannot delete ${folder}: ${point} is still mounted`);
}
