/** Which of the kernel's three cgroup layouts this machine has, and where a cgroup's files are in it. */
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** `unified`: version 2 alone. `hybrid`: version 1 with an extra version 2 tree. `legacy`: version 1 alone. */
export type CgroupLayout = 'unified' | 'hybrid' | 'legacy';

export const CGROUP_ROOT = '/sys/fs/cgroup';
/** Where the hybrid layout has its version 2 tree. */
export const HYBRID_TREE = 'unified';

export async function detectCgroupLayout(root: string): Promise<CgroupLayout> {
  if (await exists(join(root, 'cgroup.controllers'))) return 'unified';
  return (await exists(join(root, HYBRID_TREE, 'cgroup.controllers'))) ? 'hybrid' : 'legacy';
}

/** The folder of each tree in which `path` (absolute, from the cgroup root) may have been made. */
export async function cgroupFolders(root: string, path: string): Promise<readonly string[]> {
  if ((await detectCgroupLayout(root)) === 'unified') return [join(root, path)];
  const entries = await readdir(root, { withFileTypes: true });
  // `cpu,cpuacct` is one mount that other names link to: links would name the same folder twice.
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(root, entry.name, path));
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
