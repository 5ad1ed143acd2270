/** The last lines of a container's log, without their times. */
import { open } from 'node:fs/promises';
import { parseLogLine } from './log-line.ts';

// What the time, the stream and the tag take of each line.
const OVERHEAD_BYTES = 64;

export async function lastLogLines(
  path: string,
  most: { readonly lines: number; readonly bytes: number },
): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    const length = Math.min(size, most.bytes + most.lines * OVERHEAD_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const lines = buffer.toString('utf8').split('\n');
    if (length < size) lines.shift(); // cut through
    const texts = lines.flatMap((line) => {
      const parsed = parseLogLine(line);
      return parsed === undefined ? [] : [parsed.partial ? parsed.text : `${parsed.text}\n`];
    });
    return texts.slice(-most.lines).join('').slice(-most.bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
