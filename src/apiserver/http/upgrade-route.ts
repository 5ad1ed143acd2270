/** Requests that turn their connection into something else: authenticated and authorized like all others, then handed on. */
import type { Duplex } from 'node:stream';
import { type ApiError, badRequestError, toStatus } from '#api/errors';
import type { Logger } from '#base/log';
import type { Authenticator } from '../authn/authentication.ts';
import { type Authorizer, requireAllowed } from '../authz/authorizer.ts';
import { refuseAmbiguous } from './exchange-http1.ts';
import { parseResourcePath, type ResourcePath } from './request-path.ts';
import { asApiError, streamVerb, userOf } from './router.ts';
import type { UpgradeRequest } from './server.ts';

export type UpgradeOptions = {
  readonly authenticators: readonly Authenticator[];
  readonly authorize: Authorizer;
  readonly log: Logger;
  /** Takes the connection over; false when nothing at this path upgrades. */
  readonly accept: (request: UpgradeRequest, path: ResourcePath) => Promise<boolean>;
};

/** Serves one upgrade; never throws. */
export function createUpgrader(options: UpgradeOptions): (request: UpgradeRequest) => Promise<void> {
  return async (request) => {
    const ignore = (): void => undefined; // a client that breaks off while it is checked is nobody's failure
    request.socket.on('error', ignore);
    try {
      await upgrade(options, request);
    } catch (error) {
      refuse(request.socket, asApiError(error, { exchange: request, log: options.log }));
    }
  };
}

async function upgrade(options: UpgradeOptions, request: UpgradeRequest): Promise<void> {
  refuseAmbiguous(request.message);
  const user = await userOf(options, request);
  const path = parseResourcePath(request.path);
  if (path === undefined) throw cannotUpgrade();
  await requireAllowed(options.authorize, { ...path, user, verb: streamVerb(request.method) });
  if (!(await options.accept(request, path))) throw cannotUpgrade();
}

const cannotUpgrade = (): ApiError => badRequestError('nothing at this path upgrades a connection');

const REASON_PHRASE = 'Refused';

function refuse(socket: Duplex, error: ApiError): void {
  if (!socket.writable) return;
  const body = JSON.stringify(toStatus(error));
  socket.end(
    `HTTP/1.1 ${error.code} ${REASON_PHRASE}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
