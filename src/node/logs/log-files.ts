/** A container's log as the files it is in: the one being written and those that were rotated away, oldest first. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

// A time, so that the names sort as they were made.
const ROTATED = /^\.\d{8}-\d{6}$/;

/** The rotated files of the log at `path`, oldest first, and then the log itself. */
export async function logFiles(path: string): Promise<readonly string[]> {
  const directory = dirname(path);
  const name = basename(path);
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const rotated = names.filter((each) => each.startsWith(name) && ROTATED.test(each.slice(name.length))).toSorted();
  return [...rotated.map((each) => join(directory, each)), path];
}

/** What a log at `path` is called once it is rotated at `atMs`. */
export function rotatedName(path: string, atMs: number): string {
  const [date = '', time = ''] = new Date(atMs).toISOString().split('T');
  return `${path}.${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}`;
}
