/** HTTP/2 as an exchange: one stream, one request. */
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { abortScope } from '#base/abort';
import type { Peer } from '../authn/authentication.ts';
import { type Exchange, mutable, splitTarget } from './exchange.ts';
import { responseStream } from './writable-stream.ts';

type Opened = { readonly peer: Peer; readonly closing: AbortSignal };

export function http2Exchange(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  { peer, closing }: Opened,
): Exchange {
  const scope = abortScope(closing);
  stream.on('close', () => scope.abort(new DOMException('The client has left', 'AbortError')));
  stream.on('error', (error) => scope.abort(error));
  const { path, query } = splitTarget(headers[':path'] ?? '/');
  return {
    method: headers[':method'] ?? 'GET',
    path,
    query,
    headers,
    peer,
    signal: scope.signal,
    body: stream,
    respond(status, fields, body) {
      if (stream.destroyed || stream.headersSent) return;
      stream.respond({ ':status': status, ...mutable(fields), 'content-length': body.length });
      stream.end(body);
      stream.resume();
    },
    stream(status, fields) {
      stream.respond({ ':status': status, ...mutable(fields) });
      return responseStream(stream, scope.signal);
    },
  };
}
