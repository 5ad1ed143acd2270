/** HTTP/1.1 as an exchange. Refuses what Node's parser lets through although two readers may understand it differently. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { badRequestError } from '#api/errors';
import { abortScope } from '#base/abort';
import type { Peer } from '../authn/authentication.ts';
import { type Exchange, mutable, splitTarget } from './exchange.ts';
import { responseStream } from './writable-stream.ts';

type Opened = { readonly peer: Peer; readonly closing: AbortSignal };

export function http1Exchange(request: IncomingMessage, response: ServerResponse, { peer, closing }: Opened): Exchange {
  const scope = abortScope(closing);
  response.on('close', () => scope.abort(new DOMException('The client has left', 'AbortError')));
  response.on('error', (error) => scope.abort(error));
  request.on('error', (error) => scope.abort(error));
  return {
    ...requestOf(request, peer),
    signal: scope.signal,
    respond(status, headers, body) {
      if (response.destroyed || response.headersSent) return;
      response.writeHead(status, { ...mutable(headers), 'content-length': body.length });
      response.end(body);
      // Whatever of the body nobody wanted must still leave the socket before the next request can be read.
      request.resume();
    },
    stream(status, headers) {
      response.writeHead(status, mutable(headers));
      response.flushHeaders();
      return responseStream(response, scope.signal);
    },
  };
}

export function requestOf(
  request: IncomingMessage,
  peer: Peer,
): Pick<Exchange, 'method' | 'path' | 'query' | 'headers' | 'peer' | 'body'> {
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
