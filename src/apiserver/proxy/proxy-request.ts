/** Passes one request on to a backend and its answer back, neither of them ever whole in memory. */
import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createDeflate, createGunzip, createGzip, createInflate } from 'node:zlib';
import type { Exchange, ResponseStream } from '../http/exchange.ts';
import { COMMON_HEADERS } from '../http/respond.ts';
import type { Backend } from './backend.ts';
import { type BackendClient, unreachable } from './backend-client.ts';
import type { ProxiedPath } from './proxied-path.ts';
import { answerHeaders, type Headers, requestHeaders } from './proxy-headers.ts';
import { htmlRewriter } from './rewrite-html.ts';
import { rewriteUrl, type Rewriting } from './rewrite-url.ts';

export type ProxiedRequest = { readonly exchange: Exchange; readonly backend: Backend; readonly path: ProxiedPath };

export async function proxyRequest(client: BackendClient, proxied: ProxiedRequest): Promise<void> {
  const { exchange, path } = proxied;
  const { method, search } = exchange;
  // Pages of the backend would look for their neighbours one level too high.
  if (path.rest === '' && (method === 'GET' || method === 'HEAD')) {
    exchange.respond(301, { ...COMMON_HEADERS, location: `${exchange.path}/${search}` }, Buffer.alloc(0));
    return;
  }
  const answer = await send(client, proxied);
  await passBack(proxied, answer);
}

async function send(client: BackendClient, { exchange, backend, path }: ProxiedRequest): Promise<IncomingMessage> {
  const { method, search, headers, peer, body, signal } = exchange;
  const target = `${path.rest === '' ? '/' : path.rest}${search}`;
  const sent = { headers, path, from: peer.address };
  const outgoing = client.open(
    backend,
    { method, target, headers: { ...requestHeaders(sent), ...lengthOf(exchange) }, signal },
    'shared',
  );
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  outgoing.once('response', resolve);
  outgoing.on('error', reject);
  body.once('error', () => outgoing.destroy());
  body.pipe(outgoing);
  try {
    return await promise;
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable(error, backend);
  }
}

/** A body whose length nobody knows goes out in chunks; whatever its method, for Node would end it at once. */
function lengthOf({ headers, method }: Exchange): Headers {
  if (headers['content-length'] !== undefined) return {};
  const hasBody = headers['transfer-encoding'] !== undefined || ['POST', 'PUT', 'PATCH'].includes(method);
  return hasBody ? { 'transfer-encoding': 'chunked' } : {};
}

async function passBack({ exchange, backend, path }: ProxiedRequest, answer: IncomingMessage): Promise<void> {
  const host = exchange.headers.host ?? exchange.headers[':authority'];
  const rewriting: Rewriting = {
    prefix: path.prefix,
    ownHosts: new Set([`${backend.host}:${backend.port}`, ...(typeof host === 'string' ? [host] : [])]),
  };
  const headers = answerHeaders(answer.headers);
  const { location } = answer.headers;
  const stages = location === undefined ? rewritingStages(answer, rewriting) : [];
  const stream = exchange.stream(answer.statusCode ?? 502, {
    ...COMMON_HEADERS,
    ...(stages.length === 0 ? headers : withoutLength(headers)),
    ...(location === undefined ? {} : { location: rewriteUrl(location, rewriting) }),
  });
  await copy(answer, stages, stream);
}

async function copy(answer: Readable, stages: readonly Transform[], stream: ResponseStream): Promise<void> {
  const write = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) await stream.write(chunk);
  };
  try {
    await pipeline([answer, ...stages, write]);
    stream.end();
  } catch {
    // The client left, or the backend broke off: what remains is to let neither believe that this was all.
    answer.destroy();
    stream.destroy();
  }
}

/** Pages are unpacked, rewritten and packed again; one that is packed in another way passes as it is. */
function rewritingStages({ headers, statusCode }: IncomingMessage, rewriting: Rewriting): readonly Transform[] {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'text/html' || statusCode === 304 || statusCode === 204) return [];
  const rewriter = (): Transform => htmlRewriter((url) => rewriteUrl(url, rewriting));
  switch (headers['content-encoding'] ?? '') {
    case '':
      return [rewriter()];
    case 'gzip':
      return [createGunzip(), rewriter(), createGzip()];
    case 'deflate':
      return [createInflate(), rewriter(), createDeflate()];
    default:
      return [];
  }
}

function withoutLength(headers: Headers): Headers {
  const { 'content-length': _, ...rest } = headers;
  return rest;
}
