/** The transport inside one process: requests go straight to the server's pipeline and objects pass by reference. */
import type { ApiRequest, RequestHandler, UserInfo } from '#api/request';
import { deepFreeze } from '#base/deep-freeze';
import type { Client } from './client.ts';
import { clientOver, type ClientRequest } from './transport.ts';

/** A client that acts as `user`. What it sends is frozen: from then on the server shares it. */
export function inProcessClient(handler: RequestHandler, user: UserInfo): Client {
  return clientOver((request) => {
    deepFreeze(request.body);
    return handler(askedBy(user, request));
  });
}

// Completed in place: it was made for this one call, and to copy it takes longer than to make it.
function askedBy(user: UserInfo, request: ClientRequest): ApiRequest {
  const asked = request as ClientRequest & { user: UserInfo };
  asked.user = user;
  return asked;
}
