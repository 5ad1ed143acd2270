/** Everything that the API server asks of the agents on behalf of clients, ready to be put into the HTTP server. */
import { badRequestError } from '#api/errors';
import type { Store } from '#store/store';
import type { ResourcePath } from '../http/request-path.ts';
import type { ResourceHandler } from '../http/router.ts';
import type { UpgradeRequest } from '../http/server.ts';
import type { AgentClient, AgentTls } from './agent-request.ts';
import { podLog } from './pod-log.ts';
import { isPodLog, sendLogMessages } from './pod-log-messages.ts';
import { isPodStream, podStream } from './pod-stream.ts';
import { joinUpgrade } from './upgrade.ts';

export type NodeRoutes = {
  readonly streams: ReadonlyMap<string, ResourceHandler>;
  readonly accept: (request: UpgradeRequest, path: ResourcePath) => Promise<boolean>;
};

type Needed = { readonly store: Store; readonly agents: AgentClient; readonly tls: () => AgentTls };

export function nodeRoutes({ store, agents, tls }: Needed): NodeRoutes {
  return {
    streams: new Map<string, ResourceHandler>([
      ['/pods/log', podLog({ store, agents })],
      ['/pods/exec', upgradeRequired],
      ['/pods/attach', upgradeRequired],
      ['/pods/portforward', upgradeRequired],
    ]),
    async accept(request, path) {
      const { method, headers, query, socket, head } = request;
      if (isPodLog(path)) {
        await sendLogMessages({ store, agents }, request, path);
        return true;
      }
      if (!isPodStream(path)) return false;
      await joinUpgrade({ method, headers, socket, head }, podStream(store, path, query), tls());
      return true;
    },
  };
}

const upgradeRequired: ResourceHandler = async () => {
  throw badRequestError('Upgrade request required');
};
