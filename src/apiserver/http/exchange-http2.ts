/** HTTP/2 as an exchange: one stream, one request. */
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Peer } from '../authn/authentication.ts';
import { clientSignal, type Exchange, mutable, splitTarget } from './exchange.ts';
import { lengthOf, sendBody } from './send-body.ts';
import { responseStream } from './writable-stream.ts';

type Opened = { readonly peer: Peer; readonly closing: AbortSignal };

export function http2Exchange(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  { peer, closing }: Opened,
): Exchange {
  // Whoever reads or writes learns of failures; without this listener they would end the process.
  stream.on('error', ignore);
  let signal: AbortSignal | undefined;
  const { path, query, search } = splitTarget(headers[':path'] ?? '/');
  return {
    method: headers[':method'] ?? 'GET',
    path,
    query,
    search,
    headers,
    peer,
    closing,
    get signal() {
      return (signal ??= clientSignal(stream, closing));
    },
    body: stream,
    respond(status, fields, body) {
      if (stream.destroyed || stream.headersSent) return;
      stream.respond({ ':status': status, ...mutable(fields), 'content-length': lengthOf(body) });
      sendBody(stream, body);
      stream.resume();
    },
    stream(status, fields) {
      stream.respond({ ':status': status, ...mutable(fields) });
      return responseStream(stream, this.signal);
    },
  };
}

const ignore = (): void => undefined;
