/** A directory or file of the node itself, checked to be what the pod says it is. */
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Stats } from 'node:fs';
import type { HostPathVolumeSource } from '#api/types/core-v1';

type Check = { readonly is: (found: Stats) => boolean; readonly what: string };

const CHECKS: Readonly<Record<string, Check>> = {
  Directory: { is: (found) => found.isDirectory(), what: 'a directory' },
  DirectoryOrCreate: { is: (found) => found.isDirectory(), what: 'a directory' },
  File: { is: (found) => found.isFile(), what: 'a file' },
  FileOrCreate: { is: (found) => found.isFile(), what: 'a file' },
  Socket: { is: (found) => found.isSocket(), what: 'a socket file' },
  CharDevice: { is: (found) => found.isCharacterDevice(), what: 'a character device' },
  BlockDevice: { is: (found) => found.isBlockDevice(), what: 'a block device' },
};

export async function checkHostPath({ path, type = '' }: HostPathVolumeSource): Promise<void> {
  const check = CHECKS[type];
  if (check === undefined) return;
  const found = await statIfThere(path);
  if (found === undefined && type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: 0o755 });
  else if (found === undefined && type === 'FileOrCreate') await makeFile(path);
  else if (found === undefined || !check.is(found))
    throw new Error(`hostPath type check failed: ${path} is not ${check.what}`);
}

async function makeFile(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '', { mode: 0o644, flag: 'a' });
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
