/** `pods/log` over WebSocket, for clients that can do no other streaming: what is written comes as messages. */
import type { IncomingMessage } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { badRequestError } from '#api/errors';
import type { ResourcePath } from '../http/request-path.ts';
import type { UpgradeRequest } from '../http/server.ts';
import { type Logs, openLog } from './pod-log.ts';

const BASE64 = 'base64.binary.k8s.io';
const PROTOCOLS: readonly string[] = ['binary.k8s.io', BASE64];
const NORMAL_CLOSURE = 1000;
// Clients say nothing but goodbye.
const LARGEST_MESSAGE_BYTES = 4096;

export const isPodLog = ({ group, plural, subresource }: ResourcePath): boolean =>
  group === '' && plural === 'pods' && subresource === 'log';

/** Resolves when the log is open and the client connected; messages follow by themselves. Throws `ApiError` before that. */
export async function sendLogMessages(sources: Logs, request: UpgradeRequest, path: ResourcePath): Promise<void> {
  if ((request.headers.upgrade ?? '').toLowerCase() !== 'websocket') throw badRequestError('Upgrade request required');
  const leaving = new AbortController();
  request.socket.once('close', () => leaving.abort());
  const log = await openLog(sources, { path, query: request.query, signal: leaving.signal });
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: LARGEST_MESSAGE_BYTES,
    handleProtocols: (offered) => PROTOCOLS.find((name) => offered.has(name)) ?? false,
  });
  // A malformed handshake is answered by the server itself; the log ends with the connection.
  server.handleUpgrade(request.message, request.socket, request.head, (socket) => {
    socket.on('error', () => socket.terminate());
    void send(socket, log);
  });
}

async function send(socket: WebSocket, log: IncomingMessage | undefined): Promise<void> {
  const encode = (bytes: Buffer): Buffer | string => (socket.protocol === BASE64 ? bytes.toString('base64') : bytes);
  const message = (bytes: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      socket.send(encode(bytes), (error) => (error === undefined || error === null ? resolve() : reject(error)));
    });
  try {
    // An empty message tells clients that wait for the first one that the connection stands.
    await message(Buffer.alloc(0));
    for await (const chunk of log ?? []) await message(chunk as Buffer);
    socket.close(NORMAL_CLOSURE);
  } catch {
    // The client left, or the agent broke off: no goodbye says that this was not all.
    log?.destroy();
    socket.terminate();
  }
}
