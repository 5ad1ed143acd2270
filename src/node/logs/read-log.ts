/** Reads a container's log as a client wants it: through rotated files, cut to what was asked for, and on as it grows. */
import { open, stat, type FileHandle } from 'node:fs/promises';
import type { World } from '#base/world';
import { logFiles } from './log-files.ts';
import { parseLogLine, type LogLine } from './log-line.ts';
import type { LogQuery } from './log-query.ts';
import { tailPosition } from './tail-position.ts';

export type LogSource = {
  readonly path: string;
  readonly query: LogQuery;
  readonly world: Pick<World, 'clock'>;
  readonly signal: AbortSignal;
  /** Whether more can come. */
  readonly isRunning: () => boolean;
};

const CHUNK_BYTES = 64 * 1024;
const LOOK_AGAIN_MS = 200;
const NEWLINE = 0x0a;
// One character a byte: a log holds any bytes, and the runtime cuts long lines within characters.
const BYTES = 'latin1';
const NANO_DIGITS = 9;

/** Pieces of text, ready to be sent. Ends when there is no more; when following, when the container has ended. */
export async function* readLog(source: LogSource): AsyncGenerator<Buffer, void> {
  let left = source.query.limitBytes ?? Infinity;
  const shown = new Shown(source.query);
  for await (const line of rawLines(source)) {
    const text = shown.text(line);
    if (text.length === 0) continue;
    yield text.length <= left ? text : text.subarray(0, left);
    left -= text.length;
    if (left <= 0) return;
  }
}

/** Makes of the file's lines what the client sees. */
class Shown {
  readonly #query: LogQuery;
  #withinLine = false;

  constructor(query: LogQuery) {
    this.#query = query;
  }

  text(raw: string): Buffer {
    const line = parseLogLine(raw);
    if (line === undefined || !this.#isWanted(line)) return Buffer.alloc(0);
    const stamp = this.#query.timestamps && !this.#withinLine ? `${fixedTime(line.time)} ` : '';
    this.#withinLine = line.partial;
    return Buffer.from(`${stamp}${line.text}${line.partial ? '' : '\n'}`, BYTES);
  }

  #isWanted({ time, stream }: LogLine): boolean {
    const { sinceMs, stream: wanted } = this.#query;
    return (wanted === undefined || wanted === stream) && (sinceMs === undefined || Date.parse(time) >= sinceMs);
  }
}

/** The runtime leaves out trailing zeros; clients get all nine digits, so that columns stay straight. */
function fixedTime(time: string): string {
  const [, seconds, fraction = '', zone] = /^([^.Z+]*T[^.Z+-]*)(?:\.(\d+))?(.*)$/.exec(time) ?? [];
  return seconds === undefined ? time : `${seconds}.${fraction.padEnd(NANO_DIGITS, '0')}${zone}`;
}

async function* rawLines(source: LogSource): AsyncGenerator<string, void> {
  const { path, query } = source;
  const files = await logFiles(path);
  const from = query.tailLines === undefined ? { file: 0, offset: 0 } : await tailPosition(files, query.tailLines);
  for (const [index, file] of files.entries()) {
    if (index < from.file) continue;
    const isLast = index === files.length - 1;
    const offset = index === from.file ? from.offset : 0;
    if (isLast && query.follow) yield* followFrom(source, offset);
    else yield* linesOf(file, offset);
  }
}

async function* linesOf(path: string, offset: number): AsyncGenerator<string, void> {
  const file = await openIfThere(path);
  if (file === undefined) return;
  try {
    yield* new LineReader(file, offset).rest();
  } finally {
    await file.close();
  }
}

/** The log being written, and those that take its place when it is rotated. */
async function* followFrom(source: LogSource, offset: number): AsyncGenerator<string, void> {
  const { path, signal } = source;
  let start = offset;
  while (!signal.aborted) {
    const file = await openIfThere(path);
    let rotated = false;
    if (file !== undefined) {
      try {
        rotated = yield* followFile(file, start, source);
      } finally {
        await file.close();
      }
      start = 0;
    }
    // Its end was read to the last line, unless it was only a rotated one's.
    if (!source.isRunning() && !rotated) return;
    if (file === undefined) await pause(source);
  }
}

/** Until another file has taken this one's place, which it tells, or nothing more can come. */
async function* followFile(file: FileHandle, offset: number, source: LogSource): AsyncGenerator<string, boolean> {
  const lines = new LineReader(file, offset);
  const { ino } = await file.stat();
  while (!source.signal.aborted) {
    // Asked before reading: what was written until then is read for certain.
    const mayGrow = source.isRunning();
    const replaced = (await inodeOf(source.path)) !== ino;
    yield* lines.rest();
    if (replaced || !mayGrow) return replaced;
    await pause(source);
  }
  return false;
}

async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ino;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function pause({ world, signal }: LogSource): Promise<void> {
  await world.clock.sleep(LOOK_AGAIN_MS, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** Reads whole lines, and keeps the beginning of one that is still being written. */
class LineReader {
  readonly #file: FileHandle;
  #offset: number;
  #begun = Buffer.alloc(0);

  constructor(file: FileHandle, offset: number) {
    this.#file = file;
    this.#offset = offset;
  }

  /** All whole lines that are there now. */
  async *rest(): AsyncGenerator<string, void> {
    for (;;) {
      const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, this.#offset);
      if (bytesRead === 0) return;
      this.#offset += bytesRead;
      const bytes = Buffer.concat([this.#begun, buffer.subarray(0, bytesRead)]);
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
        yield bytes.toString(BYTES, start, end);
        start = end + 1;
      }
      this.#begun = bytes.subarray(start);
    }
  }
}
