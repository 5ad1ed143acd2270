/** Agrees on SPDY and one of the stream protocols above it. */
import { SpdyConnection } from './spdy/connection.ts';
import { refuseUpgrade } from './upgrade.ts';
import type { UpgradeRequest } from './upgrade.ts';

export type SpdyUpgrade = { readonly connection: SpdyConnection; readonly protocol: string };

const PROTOCOL_HEADER = 'x-stream-protocol-version';

/** Undefined when nothing was agreed; the client has its answer then. `supported` is ordered, the best first. */
export function acceptSpdy(
  { request, socket, head }: UpgradeRequest,
  supported: readonly string[],
): SpdyUpgrade | undefined {
  const offered = offeredProtocols(request.headersDistinct[PROTOCOL_HEADER] ?? []);
  const protocol = supported.find((name) => offered.includes(name));
  if (protocol === undefined) {
    const message = `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server supports [${supported.join(' ')}]`;
    refuseUpgrade(socket, 403, message);
    return undefined;
  }
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Connection: Upgrade',
    'Upgrade: SPDY/3.1',
    `X-Stream-Protocol-Version: ${protocol}`,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  if (head.length > 0) socket.unshift(head);
  return { connection: new SpdyConnection(socket, 'server'), protocol };
}

function offeredProtocols(values: readonly string[]): readonly string[] {
  return values.flatMap((value) => value.split(',')).map((name) => name.trim());
}
