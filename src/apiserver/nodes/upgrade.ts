/** Joins a client's upgraded connection to an agent's, byte for byte: the two speak WebSocket or SPDY with each other. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { isIP } from 'node:net';
import type { AgentTls } from './agent-request.ts';
import { dialError } from './agent-request.ts';
import type { AgentStream } from './pod-stream.ts';

export type UpgradedClient = {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly socket: Duplex;
  /** What arrived right behind the request's headers. */
  readonly head: Buffer;
};

/** Resolves when the connection to the agent stands and the request is on its way; from then on the two are on their own. */
export async function joinUpgrade(
  client: UpgradedClient,
  { address, target }: AgentStream,
  tls: AgentTls,
): Promise<void> {
  const agent = await dial(address, tls);
  client.socket.on('error', () => agent.destroy());
  agent.on('error', () => client.socket.destroy());
  client.socket.on('close', () => agent.destroy());
  agent.on('close', () => client.socket.destroy());
  agent.write(requestHead(client, `${address.host}:${address.port}`, target));
  if (client.head.length > 0) agent.write(client.head);
  client.socket.pipe(agent);
  agent.pipe(client.socket);
}

function dial({ host, port }: AgentStream['address'], { authority, client }: AgentTls): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const socket = connect({
    host,
    port,
    ca: authority,
    cert: client.certificate,
    key: client.key,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
  const fail = (error: Error): void => reject(dialError(error));
  socket.once('error', fail);
  socket.once('secureConnect', () => {
    socket.off('error', fail);
    socket.setNoDelay(true);
    resolve(socket);
  });
  return promise;
}

// Who the client is and what it may do is settled; the agent needs to know only which protocol is wanted.
const PASSED_ON = /^(upgrade|connection|sec-websocket-.*|x-stream-protocol-version|user-agent)$/;

function requestHead({ method, headers }: UpgradedClient, host: string, target: string): string {
  const lines = [`${method} ${target} HTTP/1.1`, `Host: ${host}`];
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && PASSED_ON.test(name)) lines.push(`${name}: ${String(value)}`);
  }
  return `${lines.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`;
}
