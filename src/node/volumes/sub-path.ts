/** A part of a volume to mount instead of the whole; never anything outside the volume. */
import { chmod, mkdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The real path of `subPath` in `volume`, made as a directory where there is nothing. */
export async function resolveSubPath(volume: string, subPath: string): Promise<string> {
  const root = await realpath(volume);
  const wanted = join(root, subPath);
  if (!isWithin(root, wanted)) throw new Error(`subPath ${JSON.stringify(subPath)} not within volume path`);
  const resolved = await makeWithin(root, subPath);
  if (!isWithin(root, resolved)) throw new Error(`subPath ${JSON.stringify(subPath)} not within volume path`);
  return resolved;
}

/** Step by step, so that a link that leads out of the volume is noticed before anything is made behind it. */
async function makeWithin(root: string, subPath: string): Promise<string> {
  let at = root;
  for (const part of subPath.split('/').filter((each) => each !== '' && each !== '.')) {
    const next = join(at, part);
    at = (await realPathIfThere(next)) ?? (await makeDirectory(next, root));
    if (!isWithin(root, at)) break;
  }
  return at;
}

/** Whoever may write to the volume may write to the part. */
async function makeDirectory(path: string, root: string): Promise<string> {
  await mkdir(path);
  // The umask would take rights away, and a new directory does not always inherit the bit for its group.
  await chmod(path, (await stat(root)).mode & 0o7777);
  return path;
}

async function realPathIfThere(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}
