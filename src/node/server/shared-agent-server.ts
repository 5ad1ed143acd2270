/** One server for many agents in one process: thousands of simulated nodes need neither a socket nor a certificate each. */
import type { Logger } from '#base/log';
import { queryOf, refuseUpgrade } from '../streams/upgrade.ts';
import { type AgentHandlers, refuse, type ServerOptions, type ServerTls, startAgentServer } from './agent-server.ts';
import type { Route } from './routes.ts';

/** What the server asks of one of its agents. */
export type Resident = AgentHandlers & { readonly hasPod: (namespace: string, name: string) => boolean };

export type SharedAgentServer = AsyncDisposable & {
  readonly port: number;
  /** Answers for this node until disposed. */
  admit(nodeName: string, resident: Resident): Disposable;
  /** New connections use the new certificate. */
  renew(tls: ServerTls): void;
};

/** Requests that are about a pod go to the agent that has it; others name their node in the query. */
export async function sharedAgentServer(options: ServerOptions, logger: Logger): Promise<SharedAgentServer> {
  const residents = new Map<string, Resident>();
  const find = (route: Route, request: Parameters<AgentHandlers['answer']>[1]): Resident | undefined =>
    'pod' in route
      ? residents.values().find((each) => each.hasPod(route.namespace, route.pod))
      : residents.get(queryOf(request).get('node') ?? '');
  const handlers: AgentHandlers = {
    async answer(route, request, response) {
      const resident = find(route, request);
      if (resident !== undefined) await resident.answer(route, request, response);
      else if (route.type === 'Health') response.end('ok');
      else refuse(response, 404, 'no agent here has it');
    },
    async upgrade(route, request, stream) {
      const resident = find(route, request);
      if (resident === undefined) refuseUpgrade(stream.socket, 404, 'no agent here has it');
      else await resident.upgrade(route, request, stream);
    },
  };
  const server = await startAgentServer(options, handlers, logger);
  return {
    port: server.port,
    admit(nodeName, resident) {
      residents.set(nodeName, resident);
      return { [Symbol.dispose]: () => residents.delete(nodeName) };
    },
    renew: (tls) => server.renew(tls),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
