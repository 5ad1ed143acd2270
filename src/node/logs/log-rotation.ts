/** Keeps containers' logs small: a large one is renamed, a new one begun, and the oldest removed. */
import { rename, rm, stat } from 'node:fs/promises';
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import { ticks } from '#base/ticker';
import type { World } from '#base/world';
import type { Runtime } from '../runtime/runtime.ts';
import { logFiles, rotatedName } from './log-files.ts';

export type LogRotationOptions = {
  readonly runtime: Pick<Runtime, 'reopenContainerLog'>;
  readonly world: World;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly running: () => Iterable<{ readonly container: { readonly id: string }; readonly logPath: string }>;
  readonly largestBytes?: number;
  /** The one being written included. */
  readonly mostFiles?: number;
};

const LOOK_MS = 10_000;
// Upstream's figures.
const LARGEST_BYTES = 10 * 1024 * 1024;
const MOST_FILES = 5;

/** Until the signal aborts. */
export async function runLogRotation(options: LogRotationOptions): Promise<void> {
  const { world, signal, logger, running } = options;
  for await (const _tick of ticks(LOOK_MS, { world, signal })) {
    for (const { container, logPath } of running()) {
      await rotateIfLarge(options, container.id, logPath).catch((error: unknown) => {
        logger.warn('cannot rotate a log', { path: logPath, error: asError(error) });
      });
    }
  }
}

export async function rotateIfLarge(
  { runtime, world, largestBytes = LARGEST_BYTES, mostFiles = MOST_FILES }: LogRotationOptions,
  containerId: string,
  path: string,
): Promise<void> {
  if ((await sizeOf(path)) <= largestBytes) return;
  const old = rotatedName(path, world.clock.now());
  await rename(path, old);
  try {
    await runtime.reopenContainerLog(containerId);
  } catch (error) {
    await rename(old, path); // the runtime goes on writing to it
    throw error;
  }
  const files = await logFiles(path);
  for (const file of files.slice(0, Math.max(0, files.length - mostFiles))) await rm(file, { force: true });
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
