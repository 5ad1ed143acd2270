/** The transport inside one process: requests go straight to the server's pipeline and objects pass by reference. */
import type { RequestHandler, UserInfo } from '#api/request';
import { deepFreeze } from '#base/deep-freeze';
import type { Client } from './client.ts';
import { clientOver } from './transport.ts';

/** A client that acts as `user`. What it sends is frozen: from then on the server shares it. */
export function inProcessClient(handler: RequestHandler, user: UserInfo): Client {
  return clientOver((request) => {
    deepFreeze(request.body);
    return handler({ ...request, user });
  });
}
