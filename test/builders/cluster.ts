/** A control plane for tests: the real registry on the memory store, in one process and on virtual time. */
import { KINDS } from '#api/kinds';
import { Namespace } from '#api/core/namespace';
import { ServiceAccount } from '#api/core/service-account';
import type { ApiRequest, RequestHandler } from '#api/request';
import { createPipeline } from '#apiserver/pipeline';
import { silentLogger, type Logger } from '#base/log';
import { virtualWorld, type VirtualWorld } from '#base/virtual-world';
import type { Client } from '#client/client';
import { inProcessClient } from '#client/in-process';
import type { Informers } from '#client/informer';
import { createInformers } from '#client/informers';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import { checkedWatches } from './checked-watches.ts';

export type TestCluster = AsyncDisposable & {
  readonly world: VirtualWorld;
  readonly handle: RequestHandler;
  /** What every request so far asked for, in order. */
  readonly requests: readonly ApiRequest[];
  readonly client: Client;
  readonly informers: Informers;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Runs something until the cluster is disposed. */
  run(part: (signal: AbortSignal) => Promise<void>): void;
};

const USER = { name: 'tester', groups: ['system:masters'] };

export async function aCluster({ seed = 1, namespaces = ['default'] } = {}): Promise<TestCluster> {
  const world = virtualWorld({ seed });
  const store = await openStore({ engine: memoryEngine(), world });
  const { handle: registry } = createPipeline({
    store,
    world,
    kinds: KINDS,
    authorize: () => ({ allowed: true }),
    serviceCidr: '198.19.0.0/16',
  });
  const requests: ApiRequest[] = [];
  const watches = checkedWatches(registry, store);
  const handle: RequestHandler = async (request) => {
    requests.push(request);
    return await watches.handle(request);
  };
  const ending = new AbortController();
  const { signal } = ending;
  const client = inProcessClient(handle, USER);
  for (const name of namespaces) {
    await client.create(Namespace, { metadata: { name }, spec: { finalizers: ['kubernetes'] } });
    // Pods as they are written: tests that are about their files say so.
    const metadata = { namespace: name, name: 'default' };
    await client.create(ServiceAccount, { metadata, automountServiceAccountToken: false });
  }
  const logger = silentLogger();
  const informers = createInformers({ client, world, logger, signal });
  const parts: Promise<void>[] = [];
  return {
    world,
    handle,
    requests,
    client,
    informers,
    logger,
    signal,
    run: (part) => void parts.push(part(signal)),
    async [Symbol.asyncDispose]() {
      ending.abort();
      await Promise.all(parts);
      await world.settle();
      await watches.finish();
      await store[Symbol.asyncDispose]();
    },
  };
}
