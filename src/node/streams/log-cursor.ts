/** A place in a log file that moves on as the file is read, and into the next file when the log is rotated. */
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tailOffset } from './log-tail-offset.ts';

const BLOCK_BYTES = 64 * 1024;

export class LogCursor implements AsyncDisposable {
  readonly #path: string;
  #file: FileHandle;
  #offset: number;

  private constructor(path: string, file: FileHandle, offset: number) {
    this.#path = path;
    this.#file = file;
    this.#offset = offset;
  }

  /** Stands at the file's beginning, or before its last lines. */
  static async open(path: string, tailLines: number | undefined): Promise<LogCursor> {
    const file = await open(path, 'r');
    return new LogCursor(path, file, tailLines === undefined ? 0 : await tailOffset(file, tailLines));
  }

  /** What there is now, up to the file's end. */
  async *read(): AsyncGenerator<Buffer, void> {
    for (;;) {
      const block = Buffer.allocUnsafe(BLOCK_BYTES);
      const { bytesRead } = await this.#file.read(block, 0, BLOCK_BYTES, this.#offset);
      if (bytesRead === 0) return;
      this.#offset += bytesRead;
      yield block.subarray(0, bytesRead);
    }
  }

  /** True when another file has taken this one's place, or this one was cut off: there is more to read elsewhere. */
  async isRotated(): Promise<boolean> {
    const own = await this.#file.stat();
    if (own.size < this.#offset) return true;
    const current = await stat(this.#path).catch(() => undefined); // gone for the moment of a rotation
    return current !== undefined && (current.ino !== own.ino || current.dev !== own.dev);
  }

  async moveOn(): Promise<void> {
    const next = await open(this.#path, 'r');
    await this.#file.close();
    this.#file = next;
    this.#offset = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}
