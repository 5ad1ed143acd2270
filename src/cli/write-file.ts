/** Writes files that a crash never leaves half written. */
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces `path` by a file with this content: readers see the old one or the new one. The default mode is private. */
export async function writeFileAtomically(path: string, content: string, mode = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const temporary = `${path}.new`;
  {
    await using file = await open(temporary, 'w', mode);
    await file.writeFile(content);
    await file.sync();
  }
  await rename(temporary, path);
}
