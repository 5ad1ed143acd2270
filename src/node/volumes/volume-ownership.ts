/** Gives a volume to its pod's group. */
import { chmod, lchown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const FILE_BITS = 0o660;
// New files inherit the group.
const DIRECTORY_BITS = 0o2770;

/** Everything in `path`; with `OnRootMismatch` nothing when the directory itself is right already. */
export async function giveToGroup(path: string, group: number, policy = 'Always'): Promise<void> {
  const root = await lstat(path);
  const isRight = root.gid === group && (root.mode & DIRECTORY_BITS) === DIRECTORY_BITS;
  if (isRight && policy === 'OnRootMismatch') return;
  // The directory itself last: until then it tells that the work is not done.
  if (root.isDirectory()) for (const name of await readdir(path)) await giveToGroup(join(path, name), group);
  await lchown(path, root.uid, group);
  if (!root.isSymbolicLink())
    await chmod(path, (root.mode & 0o7777) | (root.isDirectory() ? DIRECTORY_BITS : FILE_BITS));
}
