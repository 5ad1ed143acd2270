/** One HTTP request and the way to answer it, whichever version of HTTP carries it. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import { abortScope } from '#base/abort';
import type { Peer } from '../authn/authentication.ts';
import type { Body } from './send-body.ts';

export type ResponseHeaders = Readonly<Record<string, string | readonly string[]>>;

/** A response whose end is not known when it starts. */
export type ResponseStream = {
  /** Resolves when there is room for more; rejects when the client has left. */
  write(bytes: Buffer): Promise<void>;
  end(): void;
  /** Breaks off, so that nobody takes what came for all there is. */
  destroy(): void;
};

export interface Exchange {
  readonly method: string;
  /** The path as sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The query as sent, with its question mark; empty without one. */
  readonly search: string;
  readonly headers: IncomingHttpHeaders;
  readonly peer: Peer;
  /** Aborts when the server closes. */
  readonly closing: AbortSignal;
  /** Aborts when the client leaves before the answer is complete, too. Made when first asked for: most answers are done at once. */
  readonly signal: AbortSignal;
  readonly body: Readable;
  respond(status: number, headers: ResponseHeaders, body: Body): void;
  stream(status: number, headers: ResponseHeaders): ResponseStream;
}

/** A path and a query, split; the path keeps its escapes. */
export function splitTarget(target: string): Pick<Exchange, 'path' | 'query' | 'search'> {
  const mark = target.indexOf('?');
  if (mark === -1) return { path: target, query: NO_QUERY, search: '' };
  const search = target.slice(mark);
  return { path: target.slice(0, mark), query: new URLSearchParams(search), search };
}

const NO_QUERY = new URLSearchParams();

/** A signal that aborts when the server closes or `answer` is torn down before its end. */
export function clientSignal(answer: Writable, closing: AbortSignal): AbortSignal {
  const scope = abortScope(closing);
  const leave = (): void => scope.abort(new DOMException('The client has left', 'AbortError'));
  if (answer.destroyed) leave();
  else answer.once('close', leave);
  return scope.signal;
}

// Node's types want lists that may be changed, though it does not change them.
export function mutable(headers: ResponseHeaders): Record<string, string | string[]> {
  return headers as Record<string, string | string[]>;
}
