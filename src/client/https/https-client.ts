/** The transport across machines: JSON over HTTPS, connections kept alive, results frozen as in one process. */
import type { IncomingMessage } from 'node:http';
import { Agent, request as startRequest } from 'node:https';
import { ApiError, type Status } from '#api/errors';
import { parseJsonExactly } from '#api/meta/exact-json';
import type { ApiObject } from '#api/object';
import type { ApiResult, ListResult, WatchEvent } from '#api/request';
import { abortScope, type AbortScope, deadlineScope, isAbortOf, onAbort } from '#base/abort';
import { deepFreeze } from '#base/deep-freeze';
import { asError } from '#base/errors';
import { Gate } from '#base/gate';
import type { World } from '#base/world';
import type { Client } from '../client.ts';
import { errorOfStatus, reasonOfCode } from '../status-error.ts';
import { clientOver, type ClientRequest } from '../transport.ts';
import type { Connection } from './connection.ts';
import { linesOf } from './lines.ts';
import { type HttpRequest, httpRequestOf } from './request-line.ts';

export type HttpsClientOptions = Connection & { readonly world: World; readonly userAgent?: string };

export type HttpsClient = Client & Disposable;

// A server that does not answer in this time will not.
const ANSWER_MS = 60_000;
// A stream is asked for again after some minutes, at a random moment, as upstream's informers do: a dead one is noticed by then.
const STREAM_SECONDS = 300;
const STREAM_GRACE_MS = 30_000;
const KEEP_ALIVE_MS = 30_000;
const MAX_TRIES = 10;
// Each request under way has a connection: a burst of thousands would spend its time on handshakes, here and at the server.
const REQUESTS_AT_ONCE = 64;

/** A client whose connections close when it is disposed. */
export function httpsClient(options: HttpsClientOptions): HttpsClient {
  const { ca, cert, key, serverName, skipVerify = false } = options;
  const agent = new Agent({
    keepAlive: true,
    keepAliveMsecs: KEEP_ALIVE_MS,
    rejectUnauthorized: !skipVerify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  });
  const line: Line = { options, agent, base: new URL(options.server), gate: new Gate(REQUESTS_AT_ONCE) };
  const client = clientOver((request) => (request.verb === 'watch' ? watch(line, request) : ask(line, request)));
  return { ...client, [Symbol.dispose]: () => agent.destroy() };
}

type Line = {
  readonly options: HttpsClientOptions;
  readonly agent: Agent;
  readonly base: URL;
  /** Streams are not counted: they last. */
  readonly gate: Gate;
};

async function ask(line: Line, request: ClientRequest): Promise<ApiResult> {
  const { clock } = line.options.world;
  for (let tries = 1; ; tries++) {
    try {
      return await askOnce(line, request);
    } catch (error) {
      request.signal.throwIfAborted();
      const waitMs = tries < MAX_TRIES ? retryInMs(error, request) : undefined;
      if (waitMs === undefined) throw error;
      await clock.sleep(waitMs, request.signal);
    }
  }
}

async function askOnce(line: Line, request: ClientRequest): Promise<ApiResult> {
  using _place = await line.gate.enter(request.signal);
  using deadline = deadlineScope(ANSWER_MS, line.options.world.clock, request.signal);
  const response = await exchange(line, httpRequestOf(request), deadline.signal);
  const text = await readAll(response, deadline.signal);
  if ((response.statusCode ?? 0) < 400) return resultOf(request, parseJsonExactly(text));
  throw failureOf(response, text);
}

/** Only what was surely not done is done again. */
function retryInMs(error: unknown, { verb }: ClientRequest): number | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const { details, reason } = error;
  if (reason === 'TooManyRequests' && details?.retryAfterSeconds !== undefined) return details.retryAfterSeconds * 1000;
  // A kept connection that the server closed at the very moment we used it.
  const isReset = error.cause instanceof Error && 'code' in error.cause && error.cause.code === 'ECONNRESET';
  return isReset && (verb === 'get' || verb === 'list') ? 0 : undefined;
}

async function watch(line: Line, request: ClientRequest): Promise<ApiResult> {
  const { world } = line.options;
  const { timeoutSeconds = Math.ceil(STREAM_SECONDS * (1 + world.random())) } = request.options;
  const http = httpRequestOf({ ...request, options: { ...request.options, timeoutSeconds } });
  const life = abortScope(request.signal);
  // Disposing a deadline would end the stream with it: only its timer may go.
  const opening = world.clock.setTimer(ANSWER_MS, () =>
    life.abort(new DOMException('no answer in time', 'TimeoutError')),
  );
  try {
    const response = await exchange(line, http, life.signal);
    if ((response.statusCode ?? 0) >= 400) throw failureOf(response, await readAll(response, life.signal));
    return {
      type: 'watch',
      events: eventsOf(response, { line, life, lifeMs: timeoutSeconds * 1000 + STREAM_GRACE_MS }),
    };
  } catch (error) {
    life[Symbol.dispose]();
    throw error;
  } finally {
    opening[Symbol.dispose]();
  }
}

type Stream = { readonly line: Line; readonly life: AbortScope; readonly lifeMs: number };

async function* eventsOf(
  response: IncomingMessage,
  { line, life, lifeMs }: Stream,
): AsyncGenerator<readonly WatchEvent[]> {
  using scope = life;
  using _end = line.options.world.clock.setTimer(lifeMs, () => scope.abort());
  using _closing = onAbort(scope.signal, () => response.destroy());
  try {
    for await (const lines of linesOf(response))
      yield lines.map((text) => deepFreeze(parseJsonExactly(text) as WatchEvent));
  } catch (error) {
    // An ending that was asked for, or that was due, is the stream's end.
    if (!scope.signal.aborted) throw unreachable(line, error);
  } finally {
    response.destroy();
  }
}

function exchange({ options, agent, base }: Line, http: HttpRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { method, path, body, contentType } = http;
  const prefix = base.pathname.replace(/\/$/, '');
  const request = startRequest(
    {
      agent,
      method,
      host: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port === '' ? 443 : Number(base.port),
      path: `${prefix}${path}`,
      headers: {
        accept: 'application/json',
        'user-agent': options.userAgent ?? 'tutti',
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
        ...(body === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }),
      },
      signal,
    },
    resolve,
  );
  request.on('error', (error) => reject(signal.aborted ? abortReason(signal, error) : unreachable({ base }, error)));
  request.end(body);
  return promise;
}

async function readAll(response: IncomingMessage, signal: AbortSignal): Promise<string> {
  try {
    return Buffer.concat(await response.toArray({ signal })).toString('utf8');
  } catch (error) {
    throw signal.aborted
      ? abortReason(signal, error)
      : new ApiError('ServiceUnavailable', 'the answer broke off', { cause: error });
  }
}

function resultOf(request: ClientRequest, value: unknown): ApiResult {
  const { verb } = request;
  if (verb === 'list' || verb === 'deletecollection')
    return { type: 'list', list: deepFreeze(listOf(value as WireList)) };
  const object = value as ApiObject;
  if (verb === 'delete' && object.kind === 'Status') {
    return { type: 'object', status: 200, object: deepFreeze(removedObject(request, value as Status)), removed: true };
  }
  return { type: 'object', status: 200, object: deepFreeze(object) };
}

type WireList = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: Omit<ListResult, 'items'>;
  readonly items?: readonly ApiObject[] | null;
};

/** Items of a list come without the type that the list already tells. */
function listOf({ apiVersion, kind, metadata, items }: WireList): ListResult {
  const type = { apiVersion, kind: kind.replace(/List$/, '') };
  return {
    ...metadata,
    resourceVersion: metadata?.resourceVersion ?? '',
    items: (items ?? []).map((item) => ({ ...type, ...item })),
  };
}

/** Of most kinds the server says only that the object is gone, and which one it was. */
function removedObject({ group, version, namespace, name = '' }: ClientRequest, { details }: Status): ApiObject {
  const uid = details?.uid ?? '';
  const scope = namespace === undefined ? {} : { namespace };
  const metadata = { name, ...scope, uid, resourceVersion: '', creationTimestamp: '' };
  return { apiVersion: group === '' ? version : `${group}/${version}`, kind: '', metadata };
}

function failureOf(response: IncomingMessage, text: string): ApiError {
  const { statusCode = 500, headers } = response;
  const status = parsed(text);
  const error =
    status === undefined
      ? new ApiError(reasonOfCode(statusCode), text.trim() || `status ${statusCode}`)
      : errorOfStatus(status);
  const seconds = Number(headers['retry-after']);
  if (error.details?.retryAfterSeconds !== undefined || !Number.isFinite(seconds)) return error;
  return new ApiError(error.reason, error.message, { details: { ...error.details, retryAfterSeconds: seconds } });
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined; // a proxy's page, not the server's answer
  }
}

function abortReason(signal: AbortSignal, error: unknown): Error {
  return isAbortOf(error, signal) ? asError(signal.reason) : asError(error);
}

function unreachable({ base }: Pick<Line, 'base'>, error: unknown): ApiError {
  const cause = asError(error);
  return new ApiError('ServiceUnavailable', `Cannot reach ${base.origin}: ${cause.message}`, { cause });
}
