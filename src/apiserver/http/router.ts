/** Every request's way: authenticate, then to the part of the server that its path names; the one place where errors become answers. */
import { ApiError, isApiError } from '#api/errors';
import type { UserInfo } from '#api/request';
import { errorMessage } from '#base/errors';
import type { Logger } from '#base/log';
import { authenticate, type Authenticator } from '../authn/authentication.ts';
import { type Authorizer, requireAllowed } from '../authz/authorizer.ts';
import { impersonated } from '../authn/impersonation.ts';
import type { Exchange } from './exchange.ts';
import { parseResourcePath, type ResourcePath } from './request-path.ts';
import { sendError } from './respond.ts';

/** Answers requests whose path is not an object's: health, discovery, schemas. False when the path is none of its business. */
export type PathHandler = (exchange: Exchange, user: UserInfo) => Promise<boolean>;

export type ResourceRequest = {
  readonly exchange: Exchange;
  readonly user: UserInfo;
  readonly path: ResourcePath;
};

/** Answers one request for an object, in its own way. */
export type ResourceHandler = (asked: ResourceRequest) => Promise<void>;

export type RouterOptions = {
  readonly authenticators: readonly Authenticator[];
  readonly authorize: Authorizer;
  readonly log: Logger;
  readonly paths: readonly PathHandler[];
  readonly serveResource: ResourceHandler;
  /** By `group/plural/subresource`: what is not one object in and one object out. */
  readonly streams: ReadonlyMap<string, ResourceHandler>;
};

/** Serves one exchange to its end; never throws. */
export type Serve = (exchange: Exchange) => Promise<void>;

export function createRouter(options: RouterOptions): Serve {
  return async (exchange) => {
    try {
      await route(options, exchange);
    } catch (error) {
      if (exchange.signal.aborted) {
        // Nobody is there to hear of it, and most often their leaving is all that went wrong.
        options.log.debug('Request abandoned', { path: exchange.path, reason: errorMessage(error) });
        return;
      }
      sendError(exchange, asApiError(error, { exchange, log: options.log }));
    }
  };
}

async function route(options: RouterOptions, exchange: Exchange): Promise<void> {
  const user = await userOf(options, exchange);
  const path = parseResourcePath(exchange.path);
  if (path !== undefined) return await routeResource(options, { exchange, user, path });
  const verb = exchange.method.toLowerCase();
  await requireAllowed(options.authorize, { user, verb, path: exchange.path });
  for (const handle of options.paths) if (await handle(exchange, user)) return;
  throw new ApiError('NotFound', 'the server could not find the requested resource', { details: {} });
}

async function routeResource(
  { streams, authorize, serveResource }: RouterOptions,
  asked: ResourceRequest,
): Promise<void> {
  const { exchange, user, path } = asked;
  const stream = streams.get(`${path.group}/${path.plural}/${path.subresource ?? ''}`);
  if (stream === undefined) return await serveResource(asked);
  await requireAllowed(authorize, { ...path, user, verb: streamVerb(exchange.method) });
  await stream(asked);
}

const STREAM_VERBS: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Other methods have no verb, which only rules for all verbs allow. */
export const streamVerb = (method: string): string => STREAM_VERBS[method] ?? '';

export async function userOf(
  { authenticators, authorize }: Pick<RouterOptions, 'authenticators' | 'authorize'>,
  { peer, headers }: Pick<Exchange, 'peer' | 'headers'>,
): Promise<UserInfo> {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const user = await authenticate(authenticators, bearer === undefined ? { peer } : { peer, bearer });
  return await impersonated(user, headers, authorize);
}

type Failure = { readonly exchange: Pick<Exchange, 'method' | 'path'>; readonly log: Logger };

/** What is not an answer already is a defect of ours: logged in full, told in general. */
export function asApiError(error: unknown, { exchange, log }: Failure): ApiError {
  if (isApiError(error)) return error;
  const { method, path } = exchange;
  log.error('Request failed', { method, path, error: error instanceof Error ? error : new Error(String(error)) });
  return new ApiError('InternalError', `Internal error occurred: ${errorMessage(error)}`, { cause: error });
}
