/** Headers in and out of SPDY's compressed blocks. One pair for each connection: the compression remembers earlier blocks. */
import { constants, createInflate } from 'node:zlib';
import type { Inflate } from 'node:zlib';
import { SPDY_DICTIONARY } from './dictionary.ts';

/** Names are in lower case; a header that was sent several times has its values joined by a zero character. */
export type Headers = Readonly<Record<string, string>>;

// What exec and port-forward send is under a hundred bytes; more than this is an attack on our memory.
const LARGEST_BLOCK_BYTES = 64 * 1024;
const LARGEST_STORED_BYTES = 0xffff;
// An empty piece. Go's reader holds back what it has until it sees one.
const FLUSH = Buffer.from([0, 0, 0, 0xff, 0xff]);

/**
 * Writes blocks as zlib's "stored" pieces: valid for every reader, no state to keep, and nothing is lost where
 * headers are so short.
 */
export class HeaderEncoder {
  #started = false;

  encode(headers: Headers): Buffer {
    const plain = encodePairs(Object.entries(headers));
    if (plain.length > LARGEST_STORED_BYTES)
      throw new RangeError(`Cannot send ${plain.length} bytes of headers: expected at most ${LARGEST_STORED_BYTES}`);
    const piece = Buffer.alloc(5);
    piece.writeUInt16LE(plain.length, 1);
    piece.writeUInt16LE(~plain.length & 0xffff, 3);
    const start = this.#started ? [] : [streamStart()];
    this.#started = true;
    return Buffer.concat([...start, piece, plain, FLUSH]);
  }
}

/** "Deflate, with a dictionary", and the dictionary's checksum. */
function streamStart(): Buffer {
  const start = Buffer.from([0x78, 0x20, 0, 0, 0, 0]);
  start.writeUInt32BE(adler32(SPDY_DICTIONARY), 2);
  return start;
}

function adler32(bytes: Buffer): number {
  let [low, high] = [1, 0];
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return high * 65_536 + low;
}

function encodePairs(pairs: readonly (readonly [string, string])[]): Buffer {
  const texts = pairs.flatMap(([name, value]) => [counted(name.toLowerCase()), counted(value)]);
  return Buffer.concat([uint32(pairs.length), ...texts]);
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export class HeaderDecoder implements Disposable {
  readonly #inflate: Inflate;
  /** Rejects when the compressed bytes make no sense: the write that brought them is then never answered. */
  readonly #failed = Promise.withResolvers<never>();
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor() {
    this.#inflate = createInflate({ dictionary: SPDY_DICTIONARY, finishFlush: constants.Z_SYNC_FLUSH });
    this.#inflate.on('data', (piece: Buffer) => this.#keep(piece));
    this.#inflate.on('error', this.#failed.reject);
    this.#failed.promise.catch(() => undefined); // told to whoever decodes next
  }

  /** Blocks have to be given in the order they came in, each after the one before was answered. */
  async decode(block: Buffer): Promise<Headers> {
    const { promise: written, resolve, reject } = Promise.withResolvers<void>();
    this.#inflate.write(block, (error) => (error ? reject(error) : resolve()));
    await Promise.race([written, this.#failed.promise]);
    if (this.#inflate.errored !== null) throw this.#inflate.errored;
    const plain = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    return decodePairs(plain);
  }

  [Symbol.dispose](): void {
    this.#inflate.destroy();
  }

  #keep(piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#bytes > LARGEST_BLOCK_BYTES)
      this.#inflate.destroy(new RangeError('Cannot accept headers: they are too large'));
    else this.#pieces.push(piece);
  }
}

function decodePairs(plain: Buffer): Headers {
  let at = 4;
  const text = (): string => {
    const from = at + 4;
    at = from + plain.readUInt32BE(at);
    if (at > plain.length) throw new RangeError('Cannot read headers: they are cut short');
    return plain.toString('utf8', from, at);
  };
  const count = plain.readUInt32BE(0);
  // Each pair takes eight bytes at least: a larger count is a lie.
  if (count * 8 > plain.length) throw new RangeError('Cannot read headers: they are cut short');
  return Object.freeze(Object.fromEntries(Array.from({ length: count }, () => [text(), text()] as const)));
}
