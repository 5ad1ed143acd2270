/** Where in a log its last lines begin. */
import { open } from 'node:fs/promises';
import { parseLogLine } from './log-line.ts';

export type LogPosition = { readonly file: number; readonly offset: number };

const BLOCK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * The position from which `lines` whole lines follow in `files`, oldest first; the beginning when there are fewer.
 * A container's line that the runtime cut into parts counts once.
 */
export async function tailPosition(files: readonly string[], lines: number): Promise<LogPosition> {
  const end = { file: files.length - 1, offset: await sizeOf(files.at(-1)) };
  if (lines === 0) return end;
  let missing = lines;
  for (let file = files.length - 1; file >= 0; file--) {
    const found = await lastLines(files[file] ?? '', missing);
    if (found.offset > 0 || found.count >= missing) return { file, offset: found.offset };
    missing -= found.count;
  }
  return { file: 0, offset: 0 };
}

async function sizeOf(path: string | undefined): Promise<number> {
  if (path === undefined) return 0;
  try {
    await using file = await open(path, 'r');
    return (await file.stat()).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

type Found = { readonly offset: number; readonly count: number };

async function lastLines(path: string, wanted: number): Promise<Found> {
  const size = await sizeOf(path);
  if (size === 0) return { offset: 0, count: 0 };
  await using file = await open(path, 'r');
  for (let length = Math.min(BLOCK_BYTES, size); ; length = Math.min(length * 2, size)) {
    const start = size - length;
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, start);
    const found = countBack(buffer, wanted);
    if (found.offset > 0) return { offset: start + found.offset, count: wanted };
    if (start === 0) return found;
  }
}

/**
 * Counts container's lines from the back. The offset is where the wanted ones begin: behind the line before them,
 * because that line's end is all that tells a line from a later part of one; 0 when no such line was seen.
 */
function countBack(bytes: Buffer, wanted: number): Found {
  let count = 0;
  let end = bytes.at(-1) === NEWLINE ? bytes.length - 1 : bytes.length;
  while (end > 0) {
    const newline = bytes.lastIndexOf(NEWLINE, end - 1);
    if (parseLogLine(bytes.toString('utf8', newline + 1, end))?.partial === false) {
      if (count === wanted) return { offset: end + 1, count };
      count++;
    }
    end = newline;
  }
  return { offset: 0, count };
}
