/** Port-forward over WebSocket's own channels: for the n-th port, channel 2n carries bytes and 2n + 1 a complaint. */
import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { join } from './join.ts';

export type ChannelForwardOptions = {
  readonly open: (port: number) => Promise<Duplex>;
  readonly describe: (port: number, error: unknown) => string;
};

const NORMAL_CLOSURE = 1000;
const MOST_PORTS = 127; // a channel's number is one byte

/** Undefined when one of them is no port. */
export function decodePorts(query: URLSearchParams): readonly number[] | undefined {
  const ports = query
    .getAll('ports')
    .concat(query.getAll('port'))
    .flatMap((list) => list.split(','))
    .map(Number);
  const isValid =
    ports.length <= MOST_PORTS && ports.every((port) => Number.isInteger(port) && port > 0 && port <= 0xffff);
  return isValid ? ports : undefined;
}

/** Resolves when the client has gone. */
export async function serveChannelForwards(
  socket: WebSocket,
  ports: readonly number[],
  options: ChannelForwardOptions,
): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  const channels = ports.map((_port, index) => channelOf(socket, 2 * index));
  socket.on('message', (bytes: Buffer) => {
    const number = bytes[0] ?? 0;
    if (number % 2 === 0) channels[number / 2]?.receive(bytes.subarray(1));
  });
  socket.resume();
  for (const [index, port] of ports.entries()) {
    for (const channel of [2 * index, 2 * index + 1]) socket.send(message(channel, portBytes(port)));
  }
  const forwards = ports.map((port, index) => forward(port, channels[index]!.stream, { socket, index, options }));
  void Promise.all(forwards).then(() => socket.close(NORMAL_CLOSURE));
  await closed;
  for (const { stream } of channels) stream.destroy();
  await Promise.all(forwards);
}

type Forward = { readonly socket: WebSocket; readonly index: number; readonly options: ChannelForwardOptions };

async function forward(port: number, stream: Duplex, { socket, index, options }: Forward): Promise<void> {
  try {
    const target = await options.open(port);
    await join(stream, target);
  } catch (error) {
    if (socket.readyState === socket.OPEN)
      socket.send(message(2 * index + 1, Buffer.from(options.describe(port, error))));
    stream.destroy();
  }
}

type Channel = { readonly stream: Duplex; receive(data: Buffer): void };

function channelOf(socket: WebSocket, number: number): Channel {
  const stream = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => socket.send(message(number, chunk), done),
    // This protocol has no end of file: the pod closed, and nothing further can be said.
    final: (done) => {
      done();
      if (!stream.readableEnded) stream.push(null);
    },
  });
  stream.on('error', () => undefined); // told on the complaint channel
  return {
    stream,
    receive: (data) => {
      if (!stream.destroyed && !stream.readableEnded && !stream.push(data)) socket.pause();
    },
  };
}

function message(channel: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([channel]), data]);
}

/** Both channels open with the port they are for. */
function portBytes(port: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(port);
  return bytes;
}
