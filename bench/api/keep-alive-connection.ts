/** One HTTP/1.1 connection over TLS with one request at a time: a load generator has to cost less than what it measures. */
import { once } from 'node:events';
import { connect } from 'node:tls';
import type { ClientOptions } from './clients.ts';

export type Answer = { readonly status: number; readonly text: () => string };

export interface Connection extends Disposable {
  send(method: 'GET' | 'POST', path: string, body?: string): Promise<Answer>;
}

type Waiting = { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void };

const END_OF_HEAD = '\r\n\r\n';
const UNKNOWN = Infinity;

export async function openConnection({ port, authority, certificate, key }: ClientOptions): Promise<Connection> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    ca: authority,
    cert: certificate,
    key,
    ALPNProtocols: ['http/1.1'],
  });
  await once(socket, 'secureConnect');
  socket.setNoDelay(true);
  let chunks: Buffer[] = [];
  let missing = UNKNOWN;
  let waiting: Waiting | undefined;

  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    if (missing === UNKNOWN) missing = missingOf(Buffer.concat(chunks));
    else missing -= chunk.length;
    if (Number.isNaN(missing)) return fail(new Error('Cannot read an answer without a length'));
    if (missing > 0) return;
    const whole = chunks;
    chunks = [];
    missing = UNKNOWN;
    waiting?.resolve({
      status: Number(whole[0]?.toString('latin1', 9, 12)),
      text: () => {
        const all = Buffer.concat(whole);
        return all.toString('utf8', all.indexOf(END_OF_HEAD) + END_OF_HEAD.length);
      },
    });
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('The server closed the connection')));

  function fail(error: Error): void {
    waiting?.reject(error);
    socket.destroy();
  }

  return {
    send: (method, path, body = '') =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('The server has closed an idle connection'));
        waiting = { resolve, reject };
        socket.write(
          `${method} ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
      }),
    [Symbol.dispose]: () => socket.destroy(),
  };
}

/** How many bytes of the answer are still to come; unknown while its head is not complete. */
function missingOf(received: Buffer): number {
  const end = received.indexOf(END_OF_HEAD);
  if (end < 0) return UNKNOWN;
  const length = /\r\ncontent-length: (\d+)/i.exec(received.toString('latin1', 0, end))?.[1];
  return Number(length) + end + END_OF_HEAD.length - received.length;
}
