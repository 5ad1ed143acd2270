/** One HTTP/2 connection (RFC 9113) that holds many watches and only counts what they are sent: ten thousand of Node's own streams would cost more than the server. */
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

export type WatchConnectionOptions = {
  readonly port: number;
  /** PEM. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  readonly path: string;
  readonly watches: number;
  /** The server has begun to answer a watch. */
  readonly onOpen: () => void;
  /** A stream has received bytes of its body. */
  readonly onData: (streamId: number, bytes: number) => void;
  readonly onFailure: (error: Error) => void;
};

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const FRAME_HEAD_BYTES = 9;
const TYPE = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 } as const;
const FLAG = { ack: 1, endStream: 1, endHeaders: 4 } as const;
const LARGEST_WINDOW = 0x7fff_ffff;
const DEFAULT_WINDOW = 65_535;
const SETTING_INITIAL_WINDOW = 4;

export async function openWatches(options: WatchConnectionOptions): Promise<Disposable> {
  const { port, authority, certificate, key, path, watches } = options;
  const socket = connect({ host: '127.0.0.1', port, ca: authority, cert: certificate, key, ALPNProtocols: ['h2'] });
  await once(socket, 'secureConnect');
  const window = Buffer.alloc(6);
  window.writeUInt16BE(SETTING_INITIAL_WINDOW);
  window.writeUInt32BE(LARGEST_WINDOW, 2);
  const asked = Array.from({ length: watches }, (_, index) =>
    frame(TYPE.headers, FLAG.endStream | FLAG.endHeaders, { stream: 2 * index + 1, payload: requestHead(path) }),
  );
  const moreRoom = frame(TYPE.windowUpdate, 0, { stream: 0, payload: uint32(LARGEST_WINDOW - DEFAULT_WINDOW) });
  socket.write(
    Buffer.concat([Buffer.from(PREFACE), frame(TYPE.settings, 0, { stream: 0, payload: window }), moreRoom, ...asked]),
  );
  read(socket, options);
  return { [Symbol.dispose]: () => socket.destroy() };
}

function read(socket: TLSSocket, { onOpen, onData, onFailure }: WatchConnectionOptions): void {
  let rest: Buffer = Buffer.alloc(0);
  const fail = (text: string): void => onFailure(new Error(`Cannot watch: ${text}`));
  socket.on('data', (chunk: Buffer) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (bytes.length >= FRAME_HEAD_BYTES) {
      const length = bytes.readUIntBE(0, 3);
      if (bytes.length < FRAME_HEAD_BYTES + length) break;
      const [type, flags, stream] = [bytes[3], bytes[4] ?? 0, bytes.readUInt32BE(5)];
      const payload = bytes.subarray(FRAME_HEAD_BYTES, FRAME_HEAD_BYTES + length);
      bytes = bytes.subarray(FRAME_HEAD_BYTES + length);
      if (type === TYPE.data) {
        if (length > 0) onData(stream, length);
        if ((flags & FLAG.endStream) !== 0) fail(`the server ended watch ${stream}`);
      } else if (type === TYPE.headers) {
        onOpen();
      } else if (type === TYPE.settings && (flags & FLAG.ack) === 0) {
        socket.write(frame(TYPE.settings, FLAG.ack, { stream: 0 }));
      } else if (type === TYPE.ping && (flags & FLAG.ack) === 0) {
        socket.write(frame(TYPE.ping, FLAG.ack, { stream: 0, payload }));
      } else if (type === TYPE.reset || type === TYPE.goAway) {
        fail(`the server refused stream ${stream}, code ${payload.readUInt32BE(payload.length < 8 ? 0 : 4)}`);
      }
    }
    rest = bytes;
  });
  socket.on('error', onFailure);
}

type Addressed = { readonly stream: number; readonly payload?: Buffer };

function frame(type: number, flags: number, { stream, payload = Buffer.alloc(0) }: Addressed): Buffer {
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A GET in HPACK (RFC 7541) without a dynamic table: `:method GET` and `:scheme https` of the static one, the rest as literals. */
function requestHead(path: string): Buffer {
  return Buffer.concat([Buffer.from([0x82, 0x87]), literal(4, path), literal(1, 'localhost')]);
}

function literal(nameIndex: number, value: string): Buffer {
  const text = Buffer.from(value);
  if (text.length > 126) throw new RangeError(`Cannot send ${JSON.stringify(value)}: expected at most 126 bytes`);
  return Buffer.concat([Buffer.from([nameIndex, text.length]), text]);
}
