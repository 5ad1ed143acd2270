/** Finds where the last lines of a file begin, reading it from its end. */
import type { FileHandle } from 'node:fs/promises';

const NEWLINE = 0x0a;
const BLOCK_BYTES = 64 * 1024;

/** Zero when the file has no more lines than that; an unfinished last line counts as one. */
export async function tailOffset(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat();
  if (lines <= 0) return size;
  let left = lines;
  const block = Buffer.alloc(BLOCK_BYTES);
  for (let end = size; end > 0; end -= BLOCK_BYTES) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const { bytesRead } = await file.read(block, 0, end - start, start);
    for (let at = bytesRead - 1; at >= 0; at--) {
      // The file's very last newline ends the last line, it does not begin one.
      if (block[at] !== NEWLINE || start + at === size - 1) continue;
      left--;
      if (left === 0) return start + at + 1;
    }
  }
  return 0;
}
