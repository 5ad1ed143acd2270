/** What a container leaves to say about its end: a small file of its own, or the last lines of its log. */
import { open } from 'node:fs/promises';
import type { ContainerStatus } from '../runtime/container.ts';
import { TERMINATION_MESSAGE_FILE, TERMINATION_MESSAGE_POLICY } from './config/runtime-labels.ts';
import { lastLogLines } from '../logs/log-tail.ts';

const LONGEST_MESSAGE_BYTES = 4096;
const LONGEST_LOG_BYTES = 2048;
const MOST_LOG_LINES = 80;

/** Together with what the runtime says itself. */
export async function terminationMessage(container: ContainerStatus): Promise<string> {
  const own = await ownMessage(container);
  return [container.message ?? '', own].filter((text) => text !== '').join(': ');
}

async function ownMessage({ annotations, exitCode, logPath }: ContainerStatus): Promise<string> {
  const file = annotations[TERMINATION_MESSAGE_FILE];
  const written = file === undefined ? '' : await readStart(file);
  const wantsLog = annotations[TERMINATION_MESSAGE_POLICY] === 'FallbackToLogsOnError' && exitCode !== 0;
  if (written !== '' || !wantsLog) return written;
  return await lastLogLines(logPath, { lines: MOST_LOG_LINES, bytes: LONGEST_LOG_BYTES });
}

async function readStart(path: string): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LONGEST_MESSAGE_BYTES), 0, LONGEST_MESSAGE_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
