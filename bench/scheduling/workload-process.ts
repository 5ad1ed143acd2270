/** One workload in a process of its own: the scheduler and who creates the pods; the API server, too, unless it is reached over HTTPS. */
import { Pod } from '#api/core/pod';
import { errorMessage } from '#base/errors';
import { createLogger } from '#base/log';
import { systemWorld } from '#base/world';
import type { Client } from '#client/client';
import { httpsClient } from '#client/https/https-client';
import { inProcessClient } from '#client/in-process';
import { createInformers } from '#client/informers';
import { componentUser } from '#main/identities';
import { runScheduler } from '#scheduler/scheduler';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import { ADMIN } from '../api/in-process-creates.ts';
import { benchCertificates, startServerOn } from '../api/https-servers.ts';
import type { Failed } from '../child.ts';
import { type Outcome, runWorkload } from './run-workload.ts';
import { scaled, WORKLOADS } from './workloads.ts';

/** `server`: where the API is; absent, it runs in the same process over a store in memory. */
export type ToWorkload = {
  readonly workload: string;
  /** Of its nodes and pods, 0 to 1. */
  readonly share: number;
  readonly server?: { readonly url: string; readonly ca: string; readonly cert: string; readonly key: string };
};
export type FromWorkload = Outcome;

const tell = (message: FromWorkload | Failed): void => void process.send?.(message);

process.on('message', (message: ToWorkload) => {
  run(message).then(tell, (error: unknown) => tell({ failed: errorMessage(error) }));
});
process.on('disconnect', () => process.exit());

async function run({ workload: name, share, server }: ToWorkload): Promise<Outcome> {
  const workload = WORKLOADS.find((known) => known.name === name);
  if (workload === undefined) throw new Error(`There is no workload ${JSON.stringify(name)}`);
  const world = systemWorld();
  const ending = new AbortController();
  await using held = new AsyncDisposableStack();
  const clients = server === undefined ? await inOneProcess(held) : overHttps(server, held);
  const surroundings = { world, logger: createLogger({ level: 'error' }), signal: ending.signal };
  const informers = createInformers({ client: clients.scheduler, ...surroundings });
  const pods = informers.for(Pod);
  const scheduling = runScheduler({ client: clients.scheduler, informers, ...surroundings });
  held.defer(async () => {
    ending.abort(new DOMException('The workload has ended', 'AbortError'));
    await scheduling;
  });
  await pods.synced;
  return await Promise.race([
    runWorkload(scaled(workload, share), { client: clients.creator, pods, signal: ending.signal }),
    scheduling.then(() => Promise.reject(new Error('The scheduler ended before the workload'))),
  ]);
}

type Clients = { readonly scheduler: Client; readonly creator: Client };

async function inOneProcess(held: AsyncDisposableStack): Promise<Clients> {
  const opening = openStore({ engine: memoryEngine(), world: systemWorld() });
  const { handle } = held.use(await startServerOn(opening, benchCertificates()));
  return {
    scheduler: inProcessClient(handle, componentUser('kube-scheduler')),
    creator: inProcessClient(handle, ADMIN),
  };
}

function overHttps({ url, ...certificates }: NonNullable<ToWorkload['server']>, held: AsyncDisposableStack): Clients {
  const client = (userAgent: string): Client =>
    held.use(httpsClient({ server: url, ...certificates, userAgent, world: systemWorld() }));
  return { scheduler: client('kube-scheduler'), creator: client('bench') };
}
