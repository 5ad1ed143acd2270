/** The whole control plane and one node, each part with its own rights alone, and what was refused to them. */
import { isApiError } from '#api/errors';
import type { RequestHandler } from '#api/request';
import { silentLogger } from '#base/log';
import type { VirtualWorld } from '#base/virtual-world';
import type { Client } from '#client/client';
import { inProcessClient } from '#client/in-process';
import { createInformers } from '#client/informers';
import { controlPlaneHealth, runControlPlane } from '#main/control-plane';
import { nodeUser } from '#main/identities';
import { ADMIN, aGuardedApi } from './access.ts';
import { anAgent } from './agent.ts';

export type GuardedCluster = AsyncDisposable & {
  readonly world: VirtualWorld;
  readonly admin: Client;
  /** The messages of those requests that somebody had no right to make. */
  readonly refused: ReadonlySet<string>;
};

export async function aGuardedCluster(): Promise<GuardedCluster> {
  await using held = new AsyncDisposableStack();
  const api = held.use(await aGuardedApi());
  const { world } = api;
  const refused = new Set<string>();
  const handle: RequestHandler = async (request) => {
    try {
      return await api.handle(request);
    } catch (error) {
      if (isApiError(error, 'Forbidden') && error.message.includes(' cannot ')) refused.add(error.message);
      throw error;
    }
  };
  const logger = silentLogger();
  const ending = new AbortController();
  const { signal } = ending;
  const parts = { handle, authority: 'PEM', signCertificate: () => 'PEM', health: controlPlaneHealth() };
  const running = runControlPlane(parts, { world, logger, signal });
  held.defer(async () => {
    ending.abort();
    await running;
  });
  const client = inProcessClient(handle, nodeUser('node-1'));
  const informers = createInformers({ client, world, logger, signal });
  await anAgent({ ...api, requests: [], client, informers, logger, signal, run: () => undefined });
  const kept = held.move();
  return {
    world,
    admin: inProcessClient(handle, ADMIN),
    refused,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
