/** Passes a change of protocol on to a backend; only when the backend agrees does the client's connection lead to it. */
import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { UpgradeRequest } from '../http/server.ts';
import type { Backend } from './backend.ts';
import { type BackendClient, unreachable } from './backend-client.ts';
import type { ProxiedPath } from './proxied-path.ts';
import { answerHeaders, upgradeHeaders } from './proxy-headers.ts';

export type ProxiedUpgrade = {
  readonly request: UpgradeRequest;
  readonly backend: Backend;
  readonly path: ProxiedPath;
};

type Agreed = { readonly answer: IncomingMessage; readonly socket: Duplex; readonly head: Buffer };

/** Resolves when the two are connected, or the client has the backend's refusal. */
export async function proxyUpgrade(client: BackendClient, { request, backend, path }: ProxiedUpgrade): Promise<void> {
  const { method, search, headers, peer, socket } = request;
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  socket.once('close', leave);
  const sent = { headers, path, from: peer.address };
  const target = `${path.rest === '' ? '/' : path.rest}${search}`;
  const asked = { method, target, headers: upgradeHeaders(sent), signal: leaving.signal };
  const outgoing = client.open(backend, asked, 'single');
  const { promise, resolve, reject } = Promise.withResolvers<Agreed | IncomingMessage>();
  outgoing.once('upgrade', (answer, upgraded: Duplex, head) => resolve({ answer, socket: upgraded, head }));
  outgoing.once('response', resolve);
  outgoing.on('error', reject);
  outgoing.end();
  try {
    const outcome = await promise;
    if ('head' in outcome) connect(request, outcome);
    else await refuse(socket, outcome);
  } catch (error) {
    throw unreachable(error, backend);
  } finally {
    socket.off('close', leave);
  }
}

function connect({ socket, head }: UpgradeRequest, agreed: Agreed): void {
  const { answer, socket: backend } = agreed;
  // The two are on their own now: the end of one is the end of the other.
  socket.on('error', () => backend.destroy());
  backend.on('error', () => socket.destroy());
  socket.on('close', () => backend.destroy());
  backend.on('close', () => socket.destroy());
  const { connection = 'Upgrade', upgrade = '' } = answer.headers;
  socket.write(
    headOf(answer, [['connection', connection], ...(upgrade === '' ? [] : [['upgrade', upgrade] as const])]),
  );
  if (agreed.head.length > 0) socket.write(agreed.head);
  if (head.length > 0) backend.write(head);
  socket.pipe(backend);
  backend.pipe(socket);
}

/** The connection ends with the refusal: what the client sends next must not reach the backend unasked. */
async function refuse(socket: Duplex, answer: IncomingMessage): Promise<void> {
  socket.write(headOf(answer, [['connection', 'close']]));
  await pipeline(answer, socket).catch(() => socket.destroy());
}

type Line = readonly [name: string, value: string];

function headOf(answer: IncomingMessage, more: readonly Line[]): string {
  const { statusCode = 502, statusMessage } = answer;
  const kept = Object.entries(answerHeaders(answer.headers)).flatMap(([name, value]) =>
    [value].flat().map((each): Line => [name, each]),
  );
  const lines = [...kept, ...more].map(([name, value]) => `${name}: ${value}`);
  const reason = statusMessage || (STATUS_CODES[statusCode] ?? '');
  return `${[`HTTP/1.1 ${statusCode} ${reason}`, ...lines].join('\r\n')}\r\n\r\n`;
}
