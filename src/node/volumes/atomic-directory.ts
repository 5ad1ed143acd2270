/** A directory whose files change all at once: readers see the old ones or the new ones, never some of each. */
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Payload, PayloadFile } from './payload.ts';

export type AtomicOptions = {
  /** Names the new generation; never the same twice. */
  readonly generation: string;
  /** The group that may read. */
  readonly group?: number;
};

// `name` → `..data/name`, `..data` → `..<generation>`: exchanging the second link exchanges everything.
const CURRENT = '..data';
const NEXT = '..data_tmp';
const GROUP_READS_FILE = 0o440;
const GROUP_READS_DIRECTORY = 0o2550;
const DIRECTORY_MODE = 0o755;

/** Makes `directory` hold the payload; true when that changed anything. */
export async function writeAtomically(directory: string, payload: Payload, options: AtomicOptions): Promise<boolean> {
  await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
  const before = await linkTarget(join(directory, CURRENT));
  if (before !== undefined && (await holds(join(directory, before), payload))) return false;
  const generation = `..${options.generation}`;
  await writeGeneration(join(directory, generation), payload, options);
  await rm(join(directory, NEXT), { force: true }); // left by somebody who ended here
  await symlink(generation, join(directory, NEXT));
  await rename(join(directory, NEXT), join(directory, CURRENT));
  await linkNames(directory, payload);
  await removeOld(directory, generation);
  return true;
}

async function removeOld(directory: string, generation: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const isOld = name.startsWith('..') && name !== CURRENT && name !== generation;
    if (isOld) await rm(join(directory, name), { recursive: true, force: true });
  }
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function holds(directory: string, payload: Payload): Promise<boolean> {
  const names = await filesBelow(directory);
  if (names === undefined || names.length !== payload.size) return false;
  for (const name of names) {
    const wanted = payload.get(name);
    if (wanted === undefined || !(await isSame(join(directory, name), wanted))) return false;
  }
  return true;
}

async function isSame(path: string, { data, mode }: PayloadFile): Promise<boolean> {
  const { mode: has } = await lstat(path);
  // What the group was given besides is not in the payload.
  return ((has & 0o777) | GROUP_READS_FILE) === (mode | GROUP_READS_FILE) && data.equals(await readFile(path));
}

async function filesBelow(directory: string): Promise<readonly string[] | undefined> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeGeneration(root: string, payload: Payload, { group }: AtomicOptions): Promise<void> {
  await makeDirectory(root, group);
  for (const [path, { data, mode }] of payload) {
    const file = join(root, path);
    await makeParents(root, path, group);
    await writeFile(file, data, { mode: 0o600 });
    if (group !== undefined) await chown(file, -1, group);
    await chmod(file, group === undefined ? mode : mode | GROUP_READS_FILE);
  }
}

async function makeParents(root: string, path: string, group: number | undefined): Promise<void> {
  const parts = dirname(path)
    .split('/')
    .filter((part) => part !== '.');
  for (const index of parts.keys()) await makeDirectory(join(root, ...parts.slice(0, index + 1)), group);
}

async function makeDirectory(path: string, group: number | undefined): Promise<void> {
  await mkdir(path, { recursive: true });
  if (group !== undefined) await chown(path, -1, group);
  await chmod(path, group === undefined ? DIRECTORY_MODE : DIRECTORY_MODE | GROUP_READS_DIRECTORY);
}

async function linkNames(directory: string, payload: Payload): Promise<void> {
  const wanted = new Set([...payload.keys()].map((path) => path.split('/')[0] ?? path));
  for (const name of await readdir(directory)) {
    if (name.startsWith('..')) continue;
    if (!wanted.delete(name)) await rm(join(directory, name), { recursive: true, force: true });
  }
  for (const name of wanted) await symlink(join(CURRENT, name), join(directory, name));
}
