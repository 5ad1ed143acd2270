/** What containerd's configuration depends on: the kernel's cgroup layout, our capabilities, the installed runtimes. */
import { access, constants, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { CGROUP_ROOT, detectCgroupLayout } from './cgroup-layout.ts';
import type { CgroupLayout } from './cgroup-layout.ts';

export type HostFacts = {
  readonly cgroups: CgroupLayout;
  /** True with CAP_SYS_RESOURCE: without it the kernel refuses every lowering of an out-of-memory score. */
  readonly mayLowerOomScore: boolean;
  /** Installed low-level runtimes, the preferred one first. */
  readonly handlers: readonly string[];
};

const CAP_SYS_RESOURCE = 24n;
// crun starts a container in two thirds of runc's time.
const PREFERENCE = ['crun', 'runc'];

export async function readHostFacts(): Promise<HostFacts> {
  const [cgroups, status, handlers] = await Promise.all([
    detectCgroupLayout(CGROUP_ROOT),
    readFile('/proc/self/status', 'utf8'),
    Promise.all(PREFERENCE.map(isInstalled)),
  ]);
  return {
    cgroups,
    mayLowerOomScore: hasCapability(status, CAP_SYS_RESOURCE),
    handlers: PREFERENCE.filter((_name, index) => handlers[index]),
  };
}

/** Reads the effective capabilities of a `/proc/<pid>/status` text. */
export function hasCapability(status: string, capability: bigint): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> capability) & 1n) === 1n;
}

async function isInstalled(program: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = await Promise.all(
    [...folders, '/usr/sbin', '/sbin'].map((folder) => isExecutable(join(folder, program))),
  );
  return found.includes(true);
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
