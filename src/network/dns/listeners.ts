/** The sockets on which questions come in: datagrams, and streams for answers too long for one. */
import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { asError } from '#base/errors';
import type { Logger } from '#base/log';
import type { ServerAddress, Transport } from './exchange.ts';
import { frame, StreamFrames } from './stream-frames.ts';

export type Answerer = (message: Buffer, transport: Transport) => Promise<Buffer | undefined>;
export type ListenerContext = { readonly at: ServerAddress; readonly answer: Answerer; readonly logger: Logger };

const MOST_STREAMS = 256;
const IDLE_MS = 10_000;
// Questions of one stream that may wait for their answers; more come from no honest client.
const MOST_WAITING = 64;

/** Listens for datagrams; disposing closes the socket. */
export async function listenForDatagrams({ at, answer, logger }: ListenerContext): Promise<AsyncDisposable> {
  const socket = createSocket('udp4');
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('error', reject);
  socket.bind(at.port, at.address, resolve);
  await promise;
  socket.off('error', reject);
  socket.on('error', (error) => logger.warn('the socket for DNS datagrams failed', { error }));
  let isOpen = true;
  socket.on('message', (message, client) => {
    if (client.port === 0) return; // no answer can be sent there
    void answer(message, 'udp')
      .then((reply) => {
        if (reply !== undefined && isOpen) socket.send(reply, client.port, client.address);
      })
      .catch(report(logger));
  });
  return {
    [Symbol.asyncDispose]: () =>
      new Promise((closed) => {
        isOpen = false;
        socket.close(closed);
      }),
  };
}

/** Listens for streams; disposing closes them all. */
export async function listenForStreams({ at, answer, logger }: ListenerContext): Promise<AsyncDisposable> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    serveStream(socket, { answer, logger });
  });
  server.maxConnections = MOST_STREAMS;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(at.port, at.address, resolve);
  await promise;
  server.off('error', reject);
  server.on('error', (error) => logger.warn('the socket for DNS streams failed', { error }));
  return {
    [Symbol.asyncDispose]: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of open) socket.destroy();
      }),
  };
}

function serveStream(socket: Socket, { answer, logger }: Omit<ListenerContext, 'at'>): void {
  const frames = new StreamFrames();
  let waiting = 0;
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy()); // the client went away
  socket.on('data', (chunk: Buffer) => {
    for (const message of frames.take(chunk)) {
      waiting++;
      if (waiting > MOST_WAITING) return void socket.destroy();
      void answer(message, 'tcp')
        .then((reply) => {
          if (reply !== undefined && socket.writable) socket.write(frame(reply));
        })
        .catch(report(logger))
        .finally(() => waiting--);
    }
  });
}

function report(logger: Logger): (error: unknown) => void {
  return (error) => logger.error('answering a DNS question failed', { error: asError(error) });
}
