/** A remote command over WebSocket: the first byte of each message names its channel. */
import { Readable, Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import { AsyncQueue } from '#base/async-queue';
import type { World } from '#base/world';
import { decodeTerminalSize } from './remote-channels.ts';
import type { RemoteChannels, TerminalSize } from './remote-channels.ts';
import type { RemoteOptions } from './remote-options.ts';
import type { UpgradeRequest } from './upgrade.ts';
import { acceptWebSocket } from './websocket-upgrade.ts';
import { frameCodecFor } from './websocket-frames.ts';
import type { FrameCodec } from './websocket-frames.ts';

const WEBSOCKET_REMOTE_PROTOCOLS = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
  '',
];

const CHANNELS = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
const GOODBYE_TIMEOUT_MS = 10_000;
const NORMAL_CLOSURE = 1000;
// Far more than a user can cause before the first is acted on.
const MOST_SIZES = 1024;

type Setting = { readonly options: RemoteOptions; readonly world: World };

/** Undefined when nothing was agreed; the client has its answer then. */
export async function acceptWebSocketChannels(
  upgrade: UpgradeRequest,
  { options, world }: Setting,
): Promise<RemoteChannels | undefined> {
  const socket = await acceptWebSocket(upgrade, WEBSOCKET_REMOTE_PROTOCOLS);
  if (socket === undefined) return undefined;
  const codec = frameCodecFor(socket.protocol);
  const sizes = new AsyncQueue<TerminalSize>(MOST_SIZES);
  const stdin = inputOf(socket);
  const closed = closeOf(socket).then(() => {
    stdin.destroy();
    sizes.end();
  });
  socket.on('message', (data: Buffer) => {
    const { channel, payload } = codec.decode(data);
    if (channel === CHANNELS.stdin && options.stdin) {
      if (!stdin.destroyed && !stdin.push(payload)) socket.pause();
    } else if (channel === CHANNELS.resize) {
      const size = decodeTerminalSize(payload.toString('utf8'));
      if (size !== undefined) sizes.push(size);
    } else if (channel === CHANNELS.close && payload[0] === CHANNELS.stdin && !stdin.readableEnded) {
      stdin.push(null);
    }
  });
  socket.resume();
  const output = (channel: number): Writable => outputOf(socket, codec, channel);
  // An empty message tells clients that wait for the first byte that the connection stands.
  socket.send(codec.encode(greetingChannel(options), Buffer.alloc(0)));
  return {
    ...(options.stdin ? { stdin } : {}),
    ...(options.stdout ? { stdout: output(CHANNELS.stdout) } : {}),
    ...(options.stderr ? { stderr: output(CHANNELS.stderr) } : {}),
    sizes,
    statusForm: socket.protocol.startsWith('v') ? 'json' : 'text',
    closed,
    finish: async (status) => {
      if (status.length > 0) socket.send(codec.encode(CHANNELS.error, status));
      socket.resume(); // the client's own goodbye may be behind input that nobody reads any more
      stdin.destroy();
      socket.close(NORMAL_CLOSURE);
      using _timer = world.clock.setTimer(GOODBYE_TIMEOUT_MS, () => socket.terminate());
      await closed;
    },
    destroy: () => socket.terminate(),
  };
}

function greetingChannel({ stdout, stderr }: RemoteOptions): number {
  if (stdout) return CHANNELS.stdout;
  return stderr ? CHANNELS.stderr : CHANNELS.error;
}

function inputOf(socket: WebSocket): Readable {
  const stdin = new Readable({ read: () => socket.resume() });
  stdin.on('error', () => undefined); // its end is told by the connection's
  return stdin;
}

/** Each write is done when the message is handed on, so that a slow client slows the writer. */
function outputOf(socket: WebSocket, codec: FrameCodec, channel: number): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => socket.send(codec.encode(channel, chunk), (error) => done(error)),
  });
}

function closeOf(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
  });
}
