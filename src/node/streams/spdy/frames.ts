/** SPDY/3.1's frames as bytes. Pure: headers stay compressed here. */

export type Frame =
  | { readonly type: 'data'; readonly streamId: number; readonly fin: boolean; readonly data: Buffer }
  | { readonly type: 'synStream'; readonly streamId: number; readonly fin: boolean; readonly block: Buffer }
  | { readonly type: 'synReply'; readonly streamId: number; readonly fin: boolean; readonly block: Buffer }
  | { readonly type: 'headers'; readonly streamId: number; readonly fin: boolean; readonly block: Buffer }
  | { readonly type: 'rstStream'; readonly streamId: number; readonly status: number }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'goAway'; readonly lastStreamId: number; readonly status: number }
  | { readonly type: 'windowUpdate'; readonly streamId: number; readonly delta: number }
  | { readonly type: 'settings' };

export const RST_PROTOCOL_ERROR = 1;
export const RST_CANCEL = 5;

const HEADER_BYTES = 8;
// Peers write what they read at once, tens of kilobytes; the length field could ask for 16 MiB of our memory.
const LARGEST_FRAME_BYTES = 4 * 1024 * 1024;
const CONTROL = 0x8000;
const VERSION = 3;
const FIN = 1;
const TYPES = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const;
const STREAM_ID_MASK = 0x7fffffff;

export class SpdyFormatError extends Error {
  override readonly name = 'SpdyFormatError';
}

/** Takes bytes as they come and gives the frames that are whole. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  read(chunk: Buffer): readonly Frame[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES) {
      const length = bytes.readUIntBE(at + 5, 3);
      if (length > LARGEST_FRAME_BYTES)
        throw new SpdyFormatError(`Cannot accept a frame of ${length} bytes: expected at most ${LARGEST_FRAME_BYTES}`);
      const end = at + HEADER_BYTES + length;
      if (end > bytes.length) break;
      const frame = decodeFrame(bytes.subarray(at, at + HEADER_BYTES), bytes.subarray(at + HEADER_BYTES, end));
      if (frame !== undefined) frames.push(frame);
      at = end;
    }
    this.#rest = bytes.subarray(at);
    return frames;
  }
}

function decodeFrame(head: Buffer, body: Buffer): Frame | undefined {
  const fin = (head.readUInt8(4) & FIN) !== 0;
  const word = head.readUInt16BE(0);
  if ((word & CONTROL) === 0) return { type: 'data', streamId: head.readUInt32BE(0), fin, data: body };
  if ((word & ~CONTROL) !== VERSION)
    throw new SpdyFormatError(`Cannot speak SPDY version ${word & ~CONTROL}: expected ${VERSION}`);
  try {
    return decodeControl(head.readUInt16BE(2), fin, body);
  } catch (error) {
    throw new SpdyFormatError('Cannot read a control frame: it is too short', { cause: error });
  }
}

/** Undefined for kinds nobody sends us; the protocol says to ignore what one does not know. */
function decodeControl(kind: number, fin: boolean, body: Buffer): Frame | undefined {
  const first = (): number => body.readUInt32BE(0) & STREAM_ID_MASK;
  switch (kind) {
    case TYPES.synStream:
      return { type: 'synStream', streamId: first(), fin, block: body.subarray(10) };
    case TYPES.synReply:
      return { type: 'synReply', streamId: first(), fin, block: body.subarray(4) };
    case TYPES.headers:
      return { type: 'headers', streamId: first(), fin, block: body.subarray(4) };
    case TYPES.rstStream:
      return { type: 'rstStream', streamId: first(), status: body.readUInt32BE(4) };
    case TYPES.ping:
      return { type: 'ping', id: body.readUInt32BE(0) };
    case TYPES.goAway:
      return { type: 'goAway', lastStreamId: first(), status: body.readUInt32BE(4) };
    case TYPES.windowUpdate:
      return { type: 'windowUpdate', streamId: first(), delta: body.readUInt32BE(4) & STREAM_ID_MASK };
    case TYPES.settings:
      return { type: 'settings' };
    default:
      return undefined;
  }
}

export function encodeFrame(frame: Exclude<Frame, { type: 'settings' }>): Buffer {
  switch (frame.type) {
    case 'data':
      return encodeData(frame.streamId, frame.fin, frame.data);
    case 'synStream':
      // No associated stream, highest priority, no credential slot.
      return encodeControl(TYPES.synStream, frame.fin, [
        uint32(frame.streamId),
        uint32(0),
        Buffer.alloc(2),
        frame.block,
      ]);
    case 'synReply':
      return encodeControl(TYPES.synReply, frame.fin, [uint32(frame.streamId), frame.block]);
    case 'headers':
      return encodeControl(TYPES.headers, frame.fin, [uint32(frame.streamId), frame.block]);
    case 'rstStream':
      return encodeControl(TYPES.rstStream, false, [uint32(frame.streamId), uint32(frame.status)]);
    case 'ping':
      return encodeControl(TYPES.ping, false, [uint32(frame.id)]);
    case 'goAway':
      return encodeControl(TYPES.goAway, false, [uint32(frame.lastStreamId), uint32(frame.status)]);
    case 'windowUpdate':
      return encodeControl(TYPES.windowUpdate, false, [uint32(frame.streamId), uint32(frame.delta)]);
  }
}

function encodeData(streamId: number, fin: boolean, data: Buffer): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt32BE(streamId, 0);
  head.writeUInt8(fin ? FIN : 0, 4);
  head.writeUIntBE(data.length, 5, 3);
  return Buffer.concat([head, data]);
}

function encodeControl(kind: number, fin: boolean, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt16BE(CONTROL | VERSION, 0);
  head.writeUInt16BE(kind, 2);
  head.writeUInt8(fin ? FIN : 0, 4);
  head.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([head, body]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
