/** Serves port-forward to a client: over SPDY, SPDY inside WebSocket, or WebSocket's own channels. */
import type { Duplex } from 'node:stream';
import { createWebSocketStream } from 'ws';
import { errorMessage } from '#base/errors';
import type { Logger } from '#base/log';
import { RuntimeError } from '../runtime/runtime-error.ts';
import { join } from './join.ts';
import { acceptSpdy } from './spdy-upgrade.ts';
import { SpdyConnection } from './spdy/connection.ts';
import type { SpdyStream } from './spdy/stream.ts';
import { queryOf, refuseUpgrade, transportOf } from './upgrade.ts';
import type { UpgradeRequest } from './upgrade.ts';
import { acceptWebSocket } from './websocket-upgrade.ts';
import { decodePorts, serveChannelForwards } from './websocket-forward.ts';

export type PortForwardOptions = {
  /** Opens a connection to a port of the pod, once for each connection the client accepts. */
  readonly open: (port: number) => Promise<Duplex>;
  /** How errors name the pod to the client, such as `name_namespace, uid 1234`. */
  readonly pod: string;
  readonly log: Logger;
};

const SPDY_PROTOCOL = 'portforward.k8s.io';
const TUNNEL_PROTOCOL = 'SPDY/3.1+portforward.k8s.io';
const CHANNEL_PROTOCOL = 'v4.channel.k8s.io';

/** Resolves when the connection has ended; never rejects. */
export async function handlePortForward(upgrade: UpgradeRequest, options: PortForwardOptions): Promise<void> {
  upgrade.socket.on('error', () => upgrade.socket.destroy());
  try {
    await serve(upgrade, options);
  } catch (error) {
    options.log.warn('a port-forward broke', { pod: options.pod, reason: errorMessage(error) });
    upgrade.socket.destroy();
  }
}

async function serve(upgrade: UpgradeRequest, options: PortForwardOptions): Promise<void> {
  switch (transportOf(upgrade.request)) {
    case 'spdy': {
      const accepted = acceptSpdy(upgrade, [SPDY_PROTOCOL]);
      if (accepted !== undefined) await serveConnection(accepted.connection, options);
      return;
    }
    case 'websocket':
      return serveWebSocket(upgrade, options);
    case undefined:
      return refuseUpgrade(upgrade.socket, 400, 'unable to upgrade: missing upgrade headers in request');
  }
}

async function serveWebSocket(upgrade: UpgradeRequest, options: PortForwardOptions): Promise<void> {
  const ports = decodePorts(queryOf(upgrade.request));
  const wantsChannels = ports !== undefined && ports.length > 0;
  const socket = await acceptWebSocket(
    upgrade,
    wantsChannels ? [TUNNEL_PROTOCOL, CHANNEL_PROTOCOL] : [TUNNEL_PROTOCOL],
  );
  if (socket === undefined) return;
  if (socket.protocol === TUNNEL_PROTOCOL) {
    const tunnel = createWebSocketStream(socket);
    socket.resume();
    return serveConnection(new SpdyConnection(tunnel, 'server'), options);
  }
  await serveChannelForwards(socket, ports ?? [], {
    ...options,
    describe: (port, error) => complaint(port, error, options),
  });
}

type Pair = { data?: SpdyStream; error?: SpdyStream };

/** Each forwarded connection is a pair of streams with one request id: one for its bytes, one for a complaint. */
async function serveConnection(connection: SpdyConnection, options: PortForwardOptions): Promise<void> {
  const pairs = new Map<string, Pair>();
  for await (const stream of connection.incoming) {
    const kind = stream.headers['streamtype'];
    const id = requestIdOf(stream);
    if (kind !== 'data' && kind !== 'error') {
      stream.destroy();
      continue;
    }
    const pair = pairs.get(id) ?? {};
    pair[kind] = stream;
    pairs.set(id, pair);
    stream.once('close', () => pairs.delete(id));
    if (pair.data !== undefined && pair.error !== undefined) void forward(pair.data, pair.error, options);
  }
  await connection.closed;
}

/** Old clients send none: their data stream is the one opened right after its error stream. */
function requestIdOf({ id, headers }: SpdyStream): string {
  return headers['requestid'] ?? String(headers['streamtype'] === 'data' ? id - 2 : id);
}

async function forward(data: SpdyStream, error: SpdyStream, options: PortForwardOptions): Promise<void> {
  const port = Number(data.headers['port']);
  try {
    await join(data, await options.open(checkedPort(port)));
    error.end();
  } catch (failure) {
    if (!error.destroyed) error.end(complaint(port, failure, options));
  }
  data.destroy();
}

function checkedPort(port: number): number {
  if (Number.isInteger(port) && port > 0 && port <= 0xffff) return port;
  throw new RuntimeError('Failed', `Cannot forward port ${port}: expected 1 to 65535`);
}

function complaint(port: number, error: unknown, { pod }: PortForwardOptions): string {
  const reason = error instanceof Error ? error.message : 'the node agent failed';
  return `error forwarding port ${port} to pod ${pod}: ${reason}`;
}
