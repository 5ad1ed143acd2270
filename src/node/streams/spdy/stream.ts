/** One stream of a SPDY connection: what is written to it is sent, what comes in can be read. */
import { Duplex } from 'node:stream';
import type { Headers } from './header-block.ts';

/** What a stream may ask of its connection. */
export type StreamLink = {
  /** Calls `done` once the bytes are handed on, so that a slow peer slows the writer. */
  send(data: Buffer, fin: boolean, done: (error?: Error | null) => void): void;
  reset(): void;
  consumed(bytes: number): void;
};

// Enough to keep both sides busy; a peer that writes more waits until it is read.
const BUFFER_BYTES = 256 * 1024;

export class SpdyStream extends Duplex {
  readonly id: number;
  readonly headers: Headers;
  readonly #link: StreamLink;
  #finReceived = false;
  #finSent = false;
  #wakeReader: (() => void) | undefined;

  constructor(id: number, headers: Headers, link: StreamLink) {
    super({ allowHalfOpen: true, emitClose: true, readableHighWaterMark: BUFFER_BYTES });
    this.id = id;
    this.headers = headers;
    this.#link = link;
  }

  /** For the connection: bytes or the end have come in. Resolves when there is room for more. */
  async receive(data: Buffer, fin: boolean): Promise<void> {
    if (this.destroyed || this.#finReceived) return;
    this.#finReceived = fin;
    const hasRoom = data.length === 0 || this.push(data);
    if (data.length > 0) this.#link.consumed(data.length);
    if (fin) this.push(null);
    else if (!hasRoom) await this.#untilRead();
  }

  override _read(): void {
    this.#wakeReader?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#link.send(chunk, false, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#finSent = true;
    this.#link.send(Buffer.alloc(0), true, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#wakeReader?.();
    if (!this.#finReceived || !this.#finSent) this.#link.reset();
    done(error);
  }

  async #untilRead(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wakeReader = resolve;
    await promise;
    this.#wakeReader = undefined;
  }
}
