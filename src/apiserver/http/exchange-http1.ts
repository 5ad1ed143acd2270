/** HTTP/1.1 as an exchange. Refuses what Node's parser lets through although two readers may understand it differently. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { badRequestError } from '#api/errors';
import type { Peer } from '../authn/authentication.ts';
import { clientSignal, type Exchange, mutable, splitTarget } from './exchange.ts';
import { type Body, lengthOf, partsOf, sendBody } from './send-body.ts';
import { responseStream } from './writable-stream.ts';

type Opened = { readonly peer: Peer; readonly closing: AbortSignal };

// Up to this size, head and body leave in one write: copying is cheaper than a second record and system call.
const ONE_WRITE_BYTES = 32 * 1024;

export function http1Exchange(request: IncomingMessage, response: ServerResponse, { peer, closing }: Opened): Exchange {
  // Whoever reads or writes learns of failures; without these listeners they would end the process.
  request.on('error', ignore);
  response.on('error', ignore);
  let signal: AbortSignal | undefined;
  return {
    ...requestOf(request, peer),
    closing,
    get signal() {
      return (signal ??= clientSignal(response, closing));
    },
    respond(status, headers, body) {
      if (response.destroyed || response.headersSent) return;
      const length = lengthOf(body);
      response.writeHead(status, { ...mutable(headers), 'content-length': length });
      // Node joins head and body only if both are texts of one byte a character, which any bytes can be read as.
      if (length <= ONE_WRITE_BYTES) response.end(latin1(body), 'latin1');
      else sendBody(response, body);
      // Whatever of the body nobody wanted must still leave the socket before the next request can be read.
      request.resume();
    },
    stream(status, headers) {
      response.writeHead(status, mutable(headers));
      response.flushHeaders();
      return responseStream(response, this.signal);
    },
  };
}

const latin1 = (body: Body): string =>
  partsOf(body)
    .map((part) => part.toString('latin1'))
    .join('');

const ignore = (): void => undefined;

export function requestOf(
  request: IncomingMessage,
  peer: Peer,
): Pick<Exchange, 'method' | 'path' | 'query' | 'search' | 'headers' | 'peer' | 'body'> {
  const { method = 'GET', url = '/', headers } = request;
  return { method, ...splitTarget(url), headers, peer, body: request };
}

/** Throws for a request that a proxy before us might have read as another one. */
export function refuseAmbiguous({ url = '', headers, rawHeaders }: IncomingMessage): void {
  if (!url.startsWith('/')) throw badRequestError('malformed HTTP request: the target must be a path');
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length > 1) throw badRequestError('malformed HTTP request: too many Host headers');
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    throw badRequestError(`malformed HTTP request: unsupported transfer encoding ${JSON.stringify(coding)}`);
  }
}
