/** Removes the folders of pods that nobody knows any more: an agent died before it could. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asError } from '#base/errors';
import type { AgentContext } from './agent-context.ts';

/** `isKnown` tells which pods still have somebody who looks after them. */
export async function removeLeftoverFolders(
  { node, volumes, logger }: Pick<AgentContext, 'node' | 'volumes' | 'logger'>,
  isKnown: (podUid: string) => boolean,
): Promise<void> {
  const { podsDir, logsDir } = node.dirs;
  const remove = async (path: string, uid: string): Promise<void> => {
    try {
      await volumes.tearDown({ metadata: { uid } });
      await rm(path, { recursive: true, force: true });
      logger.info('removed what was left of a pod', { uid });
    } catch (error) {
      logger.warn('cannot remove what is left of a pod', { uid, error: asError(error) });
    }
  };
  for (const name of await namesIn(podsDir))
    if (!name.startsWith('.') && !isKnown(name)) await remove(join(podsDir, name), name);
  for (const name of await namesIn(logsDir)) {
    // `namespace_name_uid`; what has another form is not a pod's.
    const uid = name.split('_')[2];
    if (uid !== undefined && !isKnown(uid)) await remove(join(logsDir, name), uid);
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
