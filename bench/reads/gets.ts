/** Gets of one object and lists of ten thousand through HTTPS, beside Node's own server that sends the same bytes. */
import { join } from 'node:path';
import { Pod } from '#api/core/pod';
import type { RequestHandler } from '#api/request';
import { inProcessClient } from '#client/in-process';
import { type Clients, startClients } from '../api/clients.ts';
import { type Certificates, startBareServer, startServer } from '../api/https-servers.ts';
import { ADMIN, createAccount } from '../api/in-process-creates.ts';
import { bestOf, type Round } from '../closed-loop.ts';
import { aWorkloadPod } from '../objects/workload-objects.ts';
import type { BenchContext, Measurement, Scale, Target } from '../suite.ts';
import { answerOf } from './answer.ts';

const CONNECTIONS = 64;
const PODS: Readonly<Record<Scale, number>> = { full: 10_000, quick: 2000 };
const ROUNDS: Readonly<Record<Scale, number>> = { full: 10, quick: 3 };
const PODS_PATH = '/api/v1/namespaces/default/pods';

type Reading = {
  readonly path: string;
  readonly clients: number;
  readonly operations: Readonly<Record<Scale, number>>;
};

const GET: Reading = {
  path: `${PODS_PATH}/web-app-0`,
  clients: CONNECTIONS,
  operations: { full: 20_000, quick: 4000 },
};
const LIST: Reading = { path: PODS_PATH, clients: 1, operations: { full: 5, quick: 2 } };

export async function measureGets(context: BenchContext, certificates: Certificates): Promise<readonly Measurement[]> {
  await using api = await startServer(join(context.folder, 'gets.db'), certificates);
  await createAccount(api.handle);
  await createPods(api.handle, PODS[context.scale]);
  await using clients = await clientsOf(api.port, certificates, context.signal);
  const driven = { port: api.port, clients, certificates };
  const get = await compare(context, { reading: GET, ...driven });
  const list = await compare(context, { reading: LIST, ...driven });
  const target = (limit: number): readonly Target[] => [{ of: 'figure', keep: 'at least', limit }];
  return [
    { ...row('get a pod, HTTPS, 64 clients', get), targets: target(15_000) },
    {
      workload: `list ${PODS[context.scale]} pods, HTTPS, to the last byte`,
      figure: list.ours.spread.p50,
      unit: 'ms',
      spread: list.ours.spread,
      reference: { name: 'bare node:https', figure: list.bare.spread.p50 },
      targets: [{ of: 'figure', keep: 'at most', limit: 100 }],
    },
  ];
}

type Compared = { readonly ours: Round; readonly bare: Round };

const row = (workload: string, { ours, bare }: Compared): Measurement => ({
  workload,
  figure: ours.perSecond,
  unit: 'gets/s',
  spread: ours.spread,
  reference: { name: 'bare node:https', figure: bare.perSecond },
});

type Comparison = {
  readonly reading: Reading;
  readonly port: number;
  readonly clients: Clients;
  readonly certificates: Certificates;
};

async function compare(
  { scale, progress, signal }: BenchContext,
  { reading: { path, clients: count, operations }, port, clients, certificates }: Comparison,
): Promise<Compared> {
  const request = {
    clients: count,
    operations: operations[scale],
    method: 'GET',
    path,
    body: '',
    prefix: '',
    expect: 200,
  } as const;
  await using bare = await startBareServer(certificates, await answerOf(port, path, certificates));
  await using bareClients = await clientsOf(bare.port, certificates, signal);
  const ours: Round[] = [];
  const theirs: Round[] = [];
  for (let round = 1; round <= ROUNDS[scale]; round++) {
    signal.throwIfAborted();
    progress(`GET ${path}, round ${round} of ${ROUNDS[scale]}`);
    ours.push(await clients.run(request));
    theirs.push(await bareClients.run(request));
  }
  return { ours: bestOf(ours), bare: bestOf(theirs) };
}

function clientsOf(port: number, { client }: Certificates, signal: AbortSignal): Promise<Clients> {
  return startClients({ ...client, port, concurrency: CONNECTIONS }, signal);
}

async function createPods(handle: RequestHandler, count: number): Promise<void> {
  const client = inProcessClient(handle, ADMIN);
  const creates = Array.from(
    { length: count },
    (_, index) => () => client.create(Pod, aWorkloadPod(`web-app-${index}`)),
  );
  while (creates.length > 0) await Promise.all(creates.splice(0, 100).map((create) => create()));
}
