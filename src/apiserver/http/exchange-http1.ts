/** HTTP/1.1 as an exchange. Refuses what Node's parser lets through although two readers may understand it differently. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { badRequestError } from '#api/errors';
import type { Peer } from '../authn/authentication.ts';
import {
  clientSignal,
  type Exchange,
  mutable,
  type ResponseHeaders,
  type ResponseStream,
  splitTarget,
} from './exchange.ts';
import { type Body, lengthOf, partsOf, sendBody } from './send-body.ts';
import { responseStream } from './writable-stream.ts';

type Opened = { readonly peer: Peer; readonly closing: AbortSignal };

// Up to this size, head and body leave in one write: copying is cheaper than a second record and system call.
const ONE_WRITE_BYTES = 32 * 1024;

export function http1Exchange(request: IncomingMessage, response: ServerResponse, opened: Opened): Exchange {
  // Whoever reads or writes learns of failures; without these listeners they would end the process.
  request.on('error', ignore);
  response.on('error', ignore);
  return new Http1Exchange(request, response, opened);
}

const ignore = (): void => undefined;

// A class rather than an object made of parts: there is one for every request.
class Http1Exchange implements Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly search: string;
  readonly headers: Exchange['headers'];
  readonly peer: Peer;
  readonly closing: AbortSignal;
  readonly body: IncomingMessage;
  readonly #response: ServerResponse;
  #signal: AbortSignal | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, { peer, closing }: Opened) {
    const { path, query, search } = splitTarget(request.url ?? '/');
    this.method = request.method ?? 'GET';
    this.path = path;
    this.query = query;
    this.search = search;
    this.headers = request.headers;
    this.peer = peer;
    this.closing = closing;
    this.body = request;
    this.#response = response;
  }

  get signal(): AbortSignal {
    return (this.#signal ??= clientSignal(this.#response, this.closing));
  }

  respond(status: number, headers: ResponseHeaders, body: Body): void {
    const response = this.#response;
    if (response.destroyed || response.headersSent) return;
    const length = lengthOf(body);
    response.writeHead(status, { ...mutable(headers), 'content-length': length });
    // Node joins head and body only if both are texts of one byte a character, which any bytes can be read as.
    if (length <= ONE_WRITE_BYTES) response.end(latin1(body), 'latin1');
    else sendBody(response, body);
    // Whatever of the body nobody wanted must still leave the socket before the next request can be read.
    this.body.resume();
  }

  stream(status: number, headers: ResponseHeaders): ResponseStream {
    this.#response.writeHead(status, mutable(headers));
    this.#response.flushHeaders();
    return responseStream(this.#response, this.signal);
  }
}

function latin1(body: Body): string {
  if (Buffer.isBuffer(body)) return body.toString('latin1');
  return partsOf(body)
    .map((part) => part.toString('latin1'))
    .join('');
}

/** Throws for a request that a proxy before us might have read as another one. */
export function refuseAmbiguous({ url = '', headers, rawHeaders }: IncomingMessage): void {
  if (!url.startsWith('/')) throw badRequestError('malformed HTTP request: the target must be a path');
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]?.toLowerCase() === 'host') hosts += 1;
  if (hosts > 1) throw badRequestError('malformed HTTP request: too many Host headers');
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    throw badRequestError(`malformed HTTP request: unsupported transfer encoding ${JSON.stringify(coding)}`);
  }
}

export function requestOf(
  request: IncomingMessage,
  peer: Peer,
): Pick<Exchange, 'method' | 'path' | 'query' | 'search' | 'headers' | 'peer' | 'body'> {
  const { method = 'GET', url = '/', headers } = request;
  return { method, ...splitTarget(url), headers, peer, body: request };
}
