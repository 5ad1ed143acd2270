/** A cluster on virtual time, all of it in memory: the real API server without sockets, and the real parts to run against it. */
import { KINDS } from '#api/kinds';
import type { RequestHandler, UserInfo } from '#api/request';
import { reconcilePolicies } from '#apiserver/authz/bootstrap/reconcile';
import { bootstrap, ensureNamespaces, ensurePriorityClasses } from '#apiserver/bootstrap';
import { offerDefaultStorageClass } from '#apiserver/default-storage-class';
import { runEventExpiry } from '#apiserver/expire-events';
import { runDefinitions } from '#apiserver/extensions/run-definitions';
import { metricsResources } from '#apiserver/nodes/metrics-api';
import type { MetricsSource } from '#apiserver/nodes/metrics-source';
import { createPipeline } from '#apiserver/pipeline';
import { silentLogger } from '#base/log';
import type { World } from '#base/world';
import type { Client } from '#client/client';
import type { Informers } from '#client/informer';
import { createInformers } from '#client/informers';
import { inProcessClient } from '#client/in-process';
import type { NodeUsage } from '#node/stats/usage';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import type { Storable, Store } from '#store/store';
import { withoutEvents } from './without-events.ts';

const SERVICE_CIDR = '198.19.0.0/16';
const SERVICE_IP = '198.19.0.1';
const DNS_IP = '198.19.0.10';
const API_ADDRESS = { addresses: ['198.18.0.1'], port: 6443 };
// All who watch are in this process and never far behind; what is kept for them longer only ages in the heap.
const RETAINED_EVENTS = 4_000;
const ADMINISTRATOR: UserInfo = { name: 'simulator', groups: ['system:masters', 'system:authenticated'] };

export type VirtualClusterOptions = {
  readonly world: World;
  /** What is there from the start, under the keys of the store. */
  readonly objects?: Iterable<readonly [key: string, object: Storable]>;
  /** Whether events are kept; they are unless said. */
  readonly events?: 'kept' | 'dropped';
};

export type VirtualCluster = AsyncDisposable & {
  readonly store: Store;
  readonly handle: RequestHandler;
  readonly admin: Client;
  /** The administrator's, shared by all who look at the whole cluster; they end with it. */
  readonly informers: Informers;
  /** How to ask the nodes that are there what they use; served as metrics. */
  readonly usage: Map<string, () => Promise<NodeUsage>>;
};

export async function openVirtualCluster({
  world,
  objects = [],
  events = 'kept',
}: VirtualClusterOptions): Promise<VirtualCluster> {
  const store = await openStore({ engine: memoryEngine(), world, retainedEvents: RETAINED_EVENTS });
  await store.write((tx) => {
    for (const [key, object] of objects) tx.put(key, object);
  });
  const usage = new Map<string, () => Promise<NodeUsage>>();
  const virtual = metricsResources({ store, source: usageOf(usage) });
  const pipeline = createPipeline({ store, world, kinds: KINDS, serviceCidr: SERVICE_CIDR, virtual });
  const handle = events === 'kept' ? pipeline.handle : withoutEvents(pipeline.handle);
  const stopping = new AbortController();
  const { signal } = stopping;
  const within = { handle: pipeline.handle, signal };
  await ensureNamespaces(within);
  await ensurePriorityClasses(within);
  await reconcilePolicies(within);
  await bootstrap({ ...within, serviceIp: SERVICE_IP, dnsIp: DNS_IP, endpoint: API_ADDRESS });
  await offerDefaultStorageClass(within);
  const admin = inProcessClient(handle, ADMINISTRATOR);
  const informers = createInformers({ client: admin, world, logger: silentLogger(), signal });
  const upkeep = { store, world, log: silentLogger(), signal };
  const keeping = Promise.all([
    runEventExpiry(upkeep),
    runDefinitions({ ...upkeep, handle: pipeline.handle, onChange: () => pipeline.resources.refresh() }),
  ]);
  return {
    store,
    handle,
    admin,
    informers,
    usage,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await keeping;
      await store[Symbol.asyncDispose]();
    },
  };
}

function usageOf(sources: ReadonlyMap<string, () => Promise<NodeUsage>>): MetricsSource {
  const readAll = (): Promise<readonly (NodeUsage & { readonly name: string })[]> =>
    Promise.all([...sources].map(async ([name, read]) => ({ ...(await read()), name })));
  return {
    nodes: async () => (await readAll()).flatMap(({ node, name }) => (node === undefined ? [] : [{ ...node, name }])),
    pods: async (namespace) =>
      (await readAll())
        .flatMap(({ pods }) => pods)
        .filter((pod) => namespace === undefined || pod.namespace === namespace),
  };
}
