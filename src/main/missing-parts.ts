/** What a machine lacks to run containers. */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Settings } from '#cli/settings';
import { CNI_PLUGIN_DIR } from './node-paths.ts';

const PROGRAMS = ['containerd', 'ctr', 'runc', 'crun', 'nft', 'ip', 'conntrack', 'busybox', 'catatonit'];
// Where system programs are, whatever the PATH of an ordinary shell says.
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/** In words, in the order in which to mend them; empty when containers can run. */
export async function missingParts({ runtime }: Pick<Settings, 'runtime'>): Promise<readonly string[]> {
  if (runtime === 'hollow') return [];
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS].filter(
    (folder) => folder !== '',
  );
  const found = await Promise.all(
    PROGRAMS.map((program) => isAnyExecutable(folders.map((folder) => join(folder, program)))),
  );
  const missing = PROGRAMS.filter((_, index) => found[index] !== true);
  if (!(await isAnyExecutable([join(CNI_PLUGIN_DIR, 'ptp')]))) missing.push(`${CNI_PLUGIN_DIR}/ptp`);
  return process.getuid?.() === 0 ? missing : ['root', ...missing];
}

async function isAnyExecutable(paths: readonly string[]): Promise<boolean> {
  const checks = await Promise.allSettled(paths.map((path) => access(path, constants.X_OK)));
  return checks.some(({ status }) => status === 'fulfilled');
}
