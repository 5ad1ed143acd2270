/** Reads a container's log file as `kubectl logs` asks for it: from where, how much, and on as it grows. */
import { isAbortOf } from '#base/abort';
import type { World } from '#base/world';
import { LineSplitter, LogFormatter } from './log-format.ts';
import type { LogView } from './log-format.ts';
import { LogCursor } from './log-cursor.ts';

export type LogRequest = LogView & {
  readonly path: string;
  /** Goes on until the container has ended and all it wrote is read. */
  readonly follow: boolean;
  /** Absent: all of the current file. */
  readonly tailLines?: number;
  /** Nothing is sent beyond this many bytes. */
  readonly limitBytes?: number;
};

export type LogSource = {
  /** Asked only while following. */
  readonly isRunning: () => Promise<boolean>;
  readonly world: World;
  readonly signal: AbortSignal;
};

// Following looks for more this often.
const POLL_MS = 100;

/** Ends without an error when aborted. A missing file is an error of the file system. */
export async function* readContainerLog(request: LogRequest, source: LogSource): AsyncGenerator<Buffer, void> {
  let left = request.limitBytes ?? Number.POSITIVE_INFINITY;
  const formatter = new LogFormatter(request);
  const splitter = new LineSplitter();
  for await (const block of blocks(request, source)) {
    if (block === 'NewFile') {
      splitter.reset();
      continue;
    }
    const text = Buffer.concat(splitter.split(block).flatMap((line) => formatter.format(line)));
    if (text.length > 0) yield text.subarray(0, Math.min(text.length, left));
    left -= text.length;
    if (left <= 0 || source.signal.aborted) return;
  }
}

type Block = Buffer | 'NewFile';

async function* blocks(request: LogRequest, source: LogSource): AsyncGenerator<Block, void> {
  await using cursor = await LogCursor.open(request.path, request.tailLines);
  for (;;) {
    // Asked before reading: what a container wrote until its end is in the file when it has ended.
    const goesOn = request.follow && (await source.isRunning());
    yield* cursor.read();
    if (!goesOn) return;
    if (await cursor.isRotated()) {
      yield* cursor.read(); // written between our reading and the rotation
      await cursor.moveOn();
      yield 'NewFile';
    } else if (!(await slept(source))) return;
  }
}

/** False when aborted. */
async function slept({ world, signal }: LogSource): Promise<boolean> {
  try {
    await world.clock.sleep(POLL_MS, signal);
    return true;
  } catch (error) {
    if (isAbortOf(error, signal)) return false;
    throw error;
  }
}
