/** A SPDY/3.1 connection over any two-way stream of bytes, as Kubernetes' remote commands use it. */
import type { Duplex } from 'node:stream';
import { AsyncQueue } from '#base/async-queue';
import { FrameReader, RST_CANCEL, RST_PROTOCOL_ERROR, SpdyFormatError, encodeFrame } from './frames.ts';
import type { Frame } from './frames.ts';
import { HeaderDecoder, HeaderEncoder } from './header-block.ts';
import type { Headers } from './header-block.ts';
import { SpdyStream } from './stream.ts';

/** Streams opened by clients have odd numbers, those by servers even ones. */
export type SpdyRole = 'client' | 'server';

// A remote command has five streams, a port-forward two for each connection.
const MOST_STREAMS = 4_096;
const LARGEST_DATA_BYTES = 64 * 1024;
const SESSION = 0; // the stream number that means the connection as a whole

export class SpdyConnection {
  /** Streams the peer opens; ends with the connection. Each is accepted by being taken. */
  readonly incoming: AsyncQueue<SpdyStream>;
  /** Resolves when the connection has ended, for whatever reason. */
  readonly closed: Promise<void>;
  readonly #transport: Duplex;
  readonly #role: SpdyRole;
  readonly #encoder = new HeaderEncoder();
  readonly #decoder = new HeaderDecoder();
  readonly #streams = new Map<number, SpdyStream>();
  #nextId: number;
  #lastPeerId = 0;

  constructor(transport: Duplex, role: SpdyRole) {
    this.#transport = transport;
    // Reading throws what goes wrong; what goes wrong after that is told to nobody and must not end the process.
    transport.on('error', () => undefined);
    this.#role = role;
    this.#nextId = role === 'client' ? 1 : 2;
    this.incoming = new AsyncQueue(MOST_STREAMS);
    this.closed = this.#receiveAll();
  }

  openStream(headers: Headers): SpdyStream {
    const id = this.#nextId;
    this.#nextId += 2;
    const stream = this.#addStream(id, headers);
    this.#send({ type: 'synStream', streamId: id, fin: false, block: this.#encoder.encode(headers) });
    return stream;
  }

  /** Says goodbye; what was written before still arrives. */
  close(): void {
    if (this.#transport.writableEnded || this.#transport.destroyed) return;
    this.#send({ type: 'goAway', lastStreamId: this.#lastPeerId, status: 0 });
    this.#transport.end();
  }

  destroy(): void {
    this.#transport.destroy();
  }

  async #receiveAll(): Promise<void> {
    const reader = new FrameReader();
    try {
      for await (const chunk of this.#transport) {
        for (const frame of reader.read(chunk as Buffer)) await this.#receive(frame);
      }
    } catch (error) {
      // The peer is told by the end of the connection; those who wait here by the ends of their streams.
      if (error instanceof SpdyFormatError) this.#transport.destroy();
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#decoder[Symbol.dispose]();
    this.incoming.end();
    for (const stream of this.#streams.values()) stream.destroy();
    this.#streams.clear();
    this.#transport.destroy();
  }

  async #receive(frame: Frame): Promise<void> {
    if (isSignal(frame)) return this.#receiveSignal(frame);
    switch (frame.type) {
      case 'data':
        return this.#receiveData(frame.streamId, frame.data, frame.fin);
      case 'synStream':
        return this.#accept(frame);
      case 'synReply':
      case 'headers':
        await this.#decoder.decode(frame.block); // later blocks cannot be read without it
        return this.#receiveData(frame.streamId, Buffer.alloc(0), frame.fin);
    }
  }

  #receiveSignal(frame: Signal): void {
    // Windows and settings pass by: Kubernetes' clients and containerd neither keep to windows nor grant them, so TCP
    // slows us down instead. Answers to pings have the parity of the one who asked.
    if (frame.type === 'rstStream') this.#streams.get(frame.streamId)?.destroy();
    else if (frame.type === 'goAway') this.incoming.end();
    else if (frame.type === 'ping' && (frame.id % 2 === 1) === (this.#role === 'server')) this.#send(frame);
  }

  async #receiveData(streamId: number, data: Buffer, fin: boolean): Promise<void> {
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) await stream.receive(data, fin);
    else if (data.length > 0) this.#send({ type: 'rstStream', streamId, status: RST_CANCEL });
  }

  async #accept({ streamId, fin, block }: Extract<Frame, { type: 'synStream' }>): Promise<void> {
    const headers = await this.#decoder.decode(block);
    const isPeers = (streamId % 2 === 1) === (this.#role === 'server');
    if (!isPeers || streamId <= this.#lastPeerId || this.#streams.size >= MOST_STREAMS || this.incoming.ended) {
      this.#send({ type: 'rstStream', streamId, status: RST_PROTOCOL_ERROR });
      return;
    }
    this.#lastPeerId = streamId;
    const stream = this.#addStream(streamId, headers);
    this.#send({ type: 'synReply', streamId, fin: false, block: this.#encoder.encode({}) });
    this.incoming.push(stream);
    if (fin) await stream.receive(Buffer.alloc(0), true);
  }

  #addStream(id: number, headers: Headers): SpdyStream {
    const stream = new SpdyStream(id, headers, {
      send: (data, fin, done) => this.#sendData(id, { data, fin }, done),
      reset: () => this.#send({ type: 'rstStream', streamId: id, status: RST_CANCEL }),
      consumed: (bytes) => this.#grant(id, bytes),
    });
    this.#streams.set(id, stream);
    stream.once('close', () => this.#streams.delete(id));
    stream.on('error', () => undefined); // the connection is not lost with one stream; its user has listeners of its own
    return stream;
  }

  /**
   * For clients that do keep to windows. Servers of remote commands never do, and one that has said its last word closes at once: what we
   * would still send it then would make the kernel reset the connection, and the last words with it.
   */
  #grant(streamId: number, delta: number): void {
    if (this.#role === 'client') return;
    this.#send({ type: 'windowUpdate', streamId, delta });
    this.#send({ type: 'windowUpdate', streamId: SESSION, delta });
  }

  #sendData(
    streamId: number,
    { data, fin }: { data: Buffer; fin: boolean },
    done: (error?: Error | null) => void,
  ): void {
    for (let at = 0; data.length - at > LARGEST_DATA_BYTES; at += LARGEST_DATA_BYTES) {
      this.#send({ type: 'data', streamId, fin: false, data: data.subarray(at, at + LARGEST_DATA_BYTES) });
    }
    const last = data.subarray(Math.max(0, Math.ceil(data.length / LARGEST_DATA_BYTES) - 1) * LARGEST_DATA_BYTES);
    this.#send({ type: 'data', streamId, fin, data: last }, done);
  }

  #send(frame: Parameters<typeof encodeFrame>[0], done?: (error?: Error | null) => void): void {
    if (!this.#transport.writable) {
      done?.(new Error('Cannot write: the connection has ended'));
      return;
    }
    this.#transport.write(encodeFrame(frame), done);
  }
}

/** Frames that carry neither bytes nor headers. */
type Signal = Extract<Frame, { type: 'rstStream' | 'ping' | 'goAway' | 'windowUpdate' | 'settings' }>;

function isSignal(frame: Frame): frame is Signal {
  return !('data' in frame) && !('block' in frame);
}
