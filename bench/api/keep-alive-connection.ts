/** One HTTP/1.1 connection over TLS with one request at a time: a load generator has to cost less than what it measures. */
import { once } from 'node:events';
import { connect } from 'node:tls';
import type { ClientOptions } from './clients.ts';

export type Answer = { readonly status: number; readonly text: () => string };

export interface Connection extends Disposable {
  post(path: string, body: string): Promise<Answer>;
}

type Waiting = { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void };

const END_OF_HEAD = '\r\n\r\n';

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
  let received: Buffer = Buffer.alloc(0);
  let waiting: Waiting | undefined;

  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const end = received.indexOf(END_OF_HEAD);
    if (end < 0) return;
    const head = received.toString('latin1', 0, end);
    const bodyStart = end + END_OF_HEAD.length;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
    if (!Number.isInteger(length)) return fail(new Error(`Cannot read an answer without a length: ${head}`));
    if (received.length < bodyStart + length) return;
    const body = received.subarray(bodyStart, bodyStart + length);
    received = Buffer.alloc(0);
    waiting?.resolve({ status: Number(head.slice(9, 12)), text: () => body.toString() });
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('The server closed the connection')));

  function fail(error: Error): void {
    waiting?.reject(error);
    socket.destroy();
  }

  return {
    post: (path, body) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('The server has closed an idle connection'));
        waiting = { resolve, reject };
        socket.write(
          `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
      }),
    [Symbol.dispose]: () => socket.destroy(),
  };
}
