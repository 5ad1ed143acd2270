/** Ends shims that containerd no longer knows: it was killed between starting one and noting where it listens. */
import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '#base/world';
import { containerdFile } from './containerd-config.ts';
import type { ContainerdPaths } from './containerd-config.ts';
import { endProcess, listProcesses } from './processes.ts';
import type { Process } from './processes.ts';

const TASKS = 'state/io.containerd.runtime.v2.task/k8s.io';
// Asked to end, it removes its socket.
const END_GRACE_MS = 2_000;

/** Only right after containerd has started, when it has cleaned up itself. */
export async function endLeftoverShims(paths: ContainerdPaths, clock: Clock): Promise<number> {
  const shims = await listShims(containerdFile(paths, 'socket'));
  // A shim's folder is there before the shim: one that is listed without a folder will never get it.
  const known = new Set(await readdir(join(paths.stateDir, TASKS)).catch(() => []));
  const working = await parents();
  const leftover = shims.filter(({ pid, command }) => !known.has(sandboxOf(command) ?? '') && !working.has(pid));
  await Promise.all(leftover.map((shim) => endProcess(shim, END_GRACE_MS, clock)));
  return leftover.length;
}

/** The shims that were started for the containerd behind a socket. */
export async function listShims(socketPath: string): Promise<readonly Process[]> {
  const all = await listProcesses();
  return all.filter(
    ({ command }) => basename(command[0] ?? '').startsWith('containerd-shim') && command.includes(socketPath),
  );
}

function sandboxOf(command: readonly string[]): string | undefined {
  const at = command.indexOf('-id');
  return at === -1 ? undefined : command[at + 1];
}

/** Containers are children of their shim: one that has some still does its work, known or not. */
async function parents(): Promise<ReadonlySet<number>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''))); // it may end meanwhile
  return new Set(stats.map((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])));
}
