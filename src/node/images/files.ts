/** Reads and writes the small and large files of the image cache so that none is ever seen half-written. */
import { mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The text of the file, or undefined where there is none. */
export async function readTextIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Puts the file in place whole: a crash leaves the old one or none. */
export async function writeAtomically(path: string, content: Buffer): Promise<void> {
  const scratch = await mkdtemp(join(dirname(path), '.writing-'));
  try {
    const draft = join(scratch, basename(path));
    const handle = await open(draft, 'w', 0o644);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
