/** Agrees on WebSocket and one of its sub-protocols. */
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { refuseUpgrade } from './upgrade.ts';
import type { UpgradeRequest } from './upgrade.ts';

// Clients send what they read at once, tens of kilobytes.
const LARGEST_MESSAGE_BYTES = 4 * 1024 * 1024;

/**
 * Undefined when nothing was agreed; the client has its answer then. The empty name means: no sub-protocol asked for.
 * The socket is paused, or what the client sends at once would be lost: resume it when you listen.
 */
export async function acceptWebSocket(
  upgrade: UpgradeRequest,
  supported: readonly string[],
): Promise<WebSocket | undefined> {
  const offered = (upgrade.request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const protocol = supported.find((name) => offered.includes(name));
  if (protocol === undefined) {
    refuseUpgrade(
      upgrade.socket,
      403,
      `requested protocol(s) are not supported: [${offered.join(' ')}]; supports [${supported.join(' ')}]`,
    );
    return undefined;
  }
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: LARGEST_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: () => (protocol === '' ? false : protocol),
  });
  return new Promise((resolve) => {
    upgrade.socket.once('close', () => resolve(undefined)); // a malformed handshake is answered by the server itself
    server.handleUpgrade(upgrade.request, upgrade.socket, upgrade.head, (socket) => {
      socket.on('error', () => socket.terminate()); // malformed frames; whoever listens is told by the close
      socket.pause();
      resolve(socket);
    });
  });
}
