/** Durable creates through HTTPS: the whole server on sqlite here, its clients in a process of their own on the same machine. */
import { join } from 'node:path';
import { bestOf, type Load, type Round } from '../closed-loop.ts';
import { floorRound } from '../store/store-suite.ts';
import type { BenchContext, Measurement, Scale, Target } from '../suite.ts';
import { CREATED_KINDS } from './created-kinds.ts';
import { type Clients, startClients } from './clients.ts';
import { benchCertificates, startBareServer, startServer } from './https-servers.ts';
import { createAccount } from './in-process-creates.ts';
import { NAME_PLACE } from './name-place.ts';

type Workload = {
  readonly clients: number;
  readonly operations: Readonly<Record<Scale, number>>;
  readonly targets: readonly Target[];
};

const WORKLOADS: readonly Workload[] = [
  {
    clients: 1,
    operations: { full: 500, quick: 200 },
    targets: [{ of: 'ratio', keep: 'at least', limit: 0.5 }],
  },
  {
    clients: 64,
    operations: { full: 4000, quick: 2000 },
    targets: [
      { of: 'figure', keep: 'at least', limit: 4000 },
      { of: 'p99', keep: 'at most', limit: 50 },
    ],
  },
];
// Many short rounds rather than few long ones: on a machine with other work, some of them are left alone.
const ROUNDS: Readonly<Record<Scale, number>> = { full: 12, quick: 4 };

export async function measureHttps(context: BenchContext): Promise<readonly Measurement[]> {
  const certificates = benchCertificates();
  await using api = await startServer(join(context.folder, 'api.db'), certificates);
  await createAccount(api.handle);
  await using bare = await startBareServer(certificates);
  const clientsOf = (port: number): Promise<Clients> =>
    startClients({ ...certificates.client, port, concurrency: 64 }, context.signal);
  await using clients = await clientsOf(api.port);
  await using bareClients = await clientsOf(bare.port);
  const measurements: Measurement[] = [];
  for (const workload of WORKLOADS) {
    measurements.push(...(await measure(context, workload, { clients, bareClients })));
  }
  return measurements;
}

type Driven = { readonly clients: Clients; readonly bareClients: Clients };

async function measure(
  { scale, folder, progress, signal }: BenchContext,
  { clients, operations, targets }: Workload,
  driven: Driven,
): Promise<readonly Measurement[]> {
  const load: Load = { clients, operations: operations[scale] };
  const floors: Round[] = [];
  const bare: Round[] = [];
  const ours = new Map(CREATED_KINDS.map(({ plural }) => [plural, [] as Round[]]));
  for (let round = 1; round <= ROUNDS[scale]; round++) {
    signal.throwIfAborted();
    progress(`HTTPS, ${clientsText(clients)}, round ${round} of ${ROUNDS[scale]}`);
    floors.push(await floorRound(load, join(folder, `floor-${clients}-${round}.db`)));
    for (const { plural, objectNamed } of CREATED_KINDS) {
      const path = `/api/v1/namespaces/default/${plural}`;
      const body = JSON.stringify(objectNamed(NAME_PLACE));
      const prefix = `web-app-${clients}-${round}`;
      ours.get(plural)?.push(await driven.clients.run({ ...load, method: 'POST', path, body, prefix, expect: 201 }));
    }
    const body = JSON.stringify(CREATED_KINDS[0]?.objectNamed(NAME_PLACE));
    bare.push(await driven.bareClients.run({ ...load, method: 'POST', path: '/', body, prefix: 'bare', expect: 201 }));
  }
  const floor = { name: 'bare node:sqlite', figure: bestOf(floors).perSecond };
  const row = (workload: string, { perSecond, spread }: Round): Measurement => ({
    workload: `${workload}, ${clientsText(clients)}`,
    figure: perSecond,
    unit: 'creates/s',
    spread,
    reference: floor,
  });
  return [
    row('bare node:https that echoes', bestOf(bare)),
    ...[...ours].map(([plural, rounds]) => ({ ...row(`create ${plural}, HTTPS`, bestOf(rounds)), targets })),
  ];
}

const clientsText = (clients: number): string => (clients === 1 ? '1 client' : `${clients} clients`);
