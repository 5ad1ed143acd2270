/**
 * The mount namespace containerd lives in. It outlives containerd, so that a new one finds the old one's mounts;
 * it keeps those mounts from the rest of the machine, so that removing it leaves none behind.
 */
import { mkdir, readFile, statfs, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { CGROUP_ROOT, HYBRID_TREE } from './cgroup-layout.ts';
import type { CgroupLayout } from './cgroup-layout.ts';
import { containerdFile } from './containerd-config.ts';
import type { ContainerdPaths } from './containerd-config.ts';
import { runCommand } from './run-command.ts';

// File system type of a namespace that is bound to a file.
const NAMESPACE_FS = 0x6e736673;

// Mounts of the machine may come in, ours must not go out; except in the volumes folder ($1), which is open both ways.
// $2 is a mount to take away, if any. `%b` undoes the octal escapes of mountinfo.
const SET_UP = `
while read -r _ _ _ _ point rest; do
  case "$rest" in *shared:*) ;; *) continue ;; esac
  point=$(printf '%b' "$point")
  case "$point" in "$1"|"$1"/*) ;; *) mount --make-slave "$point" || true ;; esac
done < /proc/self/mountinfo
[ -z "$2" ] || umount "$2"
`;

/** Resolves with the path that enters the namespace. */
export async function ensureMountNamespace(paths: ContainerdPaths, cgroups: CgroupLayout): Promise<string> {
  const file = containerdFile(paths, 'mountNamespace');
  await ensureSharedMount(paths.volumesDir);
  if (await isNamespace(file)) return file;
  const holder = dirname(file);
  await mkdir(holder, { recursive: true });
  // A namespace can be bound only where mounts do not spread.
  if (!(await isMountPoint(holder))) await runCommand('mount', ['--bind', holder, holder]);
  await runCommand('mount', ['--make-private', holder]);
  await writeFile(file, '');
  // crun refuses to work with two cgroup versions at once.
  const unwanted = cgroups === 'hybrid' ? join(CGROUP_ROOT, HYBRID_TREE) : '';
  const script = ['sh', '-ec', SET_UP, 'sh', paths.volumesDir, unwanted];
  await unshareOnSomeProcessor([`--mount=${file}`, '--propagation', 'unchanged', ...script]);
  return file;
}

/**
 * A mount namespace can be bound only inside one with a lower number, and Linux 6.18 hands numbers out to processors in batches:
 * where we are not in the machine's first namespace, only some processors have a higher one, that of our own's maker at least.
 */
async function unshareOnSomeProcessor(args: readonly string[]): Promise<void> {
  const failures: unknown[] = [];
  for (const placed of [[], ...cpus().map((_, index) => ['taskset', '--cpu-list', `${index}`])]) {
    const [program = '', ...rest] = [...placed, 'unshare', ...args];
    try {
      await runCommand(program, rest);
      return;
    } catch (error) {
      failures.push(error);
    }
  }
  throw failures[0];
}

/** Call when no process is left in it. */
export async function removeMountNamespace(paths: ContainerdPaths): Promise<void> {
  const file = containerdFile(paths, 'mountNamespace');
  if (await isNamespace(file)) await runCommand('umount', [file]);
  for (const folder of [dirname(file), paths.volumesDir]) {
    while (await isMountPoint(folder)) await runCommand('umount', ['--lazy', folder]);
  }
}

async function ensureSharedMount(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (!(await isMountPoint(folder))) await runCommand('mount', ['--bind', folder, folder]);
  await runCommand('mount', ['--make-rshared', folder]);
}

async function isNamespace(file: string): Promise<boolean> {
  try {
    return (await statfs(file)).type === NAMESPACE_FS;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

async function isMountPoint(folder: string): Promise<boolean> {
  return mountPoints(await readFile('/proc/self/mountinfo', 'utf8')).includes(folder);
}

/** The mount points of a mountinfo text, with its octal escapes undone. */
export function mountPoints(mountInfo: string): readonly string[] {
  return mountInfo
    .split('\n')
    .filter((line) => line !== '')
    .map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_escape, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      ),
    );
}
