/** The cgroup of a whole pod: the runtime makes it with the sandbox, its limits and its end are ours. */
import { readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#base/world';
import type { PodResources } from '../isolation.ts';
import { RuntimeError } from '../runtime-error.ts';
import { CGROUP_ROOT, cgroupFolders, detectCgroupLayout } from './cgroup-layout.ts';
import { planCgroupWrites } from './pod-limits.ts';

// The kernel takes a moment to let go of a cgroup after its last process.
const REMOVE_ATTEMPTS = 25;
const REMOVE_RETRY_MS = 20;

export async function limitPod(cgroup: string, resources: PodResources): Promise<void> {
  const layout = await detectCgroupLayout(CGROUP_ROOT);
  for (const { controller, file, value } of planCgroupWrites(resources, layout)) {
    const path = join(CGROUP_ROOT, controller, cgroup, file);
    await writeFile(path, value).catch((error: unknown) => {
      throw new RuntimeError('Failed', `Cannot set ${file} of cgroup ${cgroup} to ${value}`, { cause: error });
    });
  }
}

/** Removes the cgroup, what is left below it, and nothing above it. */
export async function removePodCgroup(cgroup: string, clock: Clock): Promise<void> {
  const folders = await cgroupFolders(CGROUP_ROOT, cgroup);
  await Promise.all(folders.map((folder) => removeCgroupTree(folder, clock)));
}

async function removeCgroupTree(folder: string, clock: Clock): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeCgroupTree(join(folder, entry.name), clock);
  for (let attempt = 1; ; attempt++) {
    try {
      await rmdir(folder);
      return;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || attempt === REMOVE_ATTEMPTS) throw error;
      await clock.sleep(REMOVE_RETRY_MS);
    }
  }
}
