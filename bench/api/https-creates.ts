/** Durable creates through HTTPS: the whole server on sqlite here, its clients in a process of their own on the same machine. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { KINDS } from '#api/kinds';
import { ADMIN_LEAF, createAuthority, issueLeaf, serverLeaf } from '#apiserver/pki/authority';
import type { KeyPair } from '#apiserver/pki/certificate';
import { startApiServer } from '#apiserver/start';
import { createLogger } from '#base/log';
import { systemWorld } from '#base/world';
import { openStore } from '#store/mvcc-store';
import { sqliteEngine } from '#store/sqlite/sqlite-engine';
import { bestOf, type Load, type Round } from '../closed-loop.ts';
import { floorRound } from '../store/store-suite.ts';
import type { BenchContext, Measurement, Scale, Target } from '../suite.ts';
import { CREATED_KINDS } from './created-kinds.ts';
import { createAccount } from './in-process-creates.ts';
import { type Clients, startClients } from './clients.ts';
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
  const authority = createAuthority(systemWorld().clock.now());
  const nowMs = systemWorld().clock.now();
  const server = issueLeaf(authority, serverLeaf(['localhost', '127.0.0.1']), nowMs);
  const tls = { ...server, clientAuthority: authority.certificate };
  const admin = issueLeaf(authority, ADMIN_LEAF, nowMs);
  await using api = await startServer(context, { tls, client: admin });
  await using bare = await startBareServer(tls);
  const clientsOf = (port: number): Promise<Clients> =>
    startClients({ port, authority: authority.certificate, ...admin, concurrency: 64 }, context.signal);
  await using clients = await clientsOf(api.address.port);
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
      ours.get(plural)?.push(await driven.clients.run({ ...load, path, body, prefix, expect: 201 }));
    }
    const body = JSON.stringify(CREATED_KINDS[0]?.objectNamed(NAME_PLACE));
    bare.push(await driven.bareClients.run({ ...load, path: '/', body, prefix: 'bare', expect: 201 }));
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

type Tls = KeyPair & { readonly clientAuthority: string };

type Certificates = { readonly tls: Tls; readonly client: KeyPair };

async function startServer({ folder }: BenchContext, { tls, client }: Certificates) {
  await using starting = new AsyncDisposableStack();
  const world = systemWorld();
  const store = starting.use(await openStore({ engine: sqliteEngine({ path: join(folder, 'api.db') }), world }));
  const api = starting.use(
    await startApiServer({
      store,
      kinds: KINDS,
      world,
      log: createLogger({ level: 'warn' }),
      listen: { host: '127.0.0.1', port: 0 },
      tls,
      agentTls: () => ({ authority: tls.clientAuthority, client }),
      serviceCidr: '198.19.0.0/20',
      advertisedAddresses: ['198.18.0.1'],
    }),
  );
  await createAccount(api.handle);
  const held = starting.move();
  return { address: api.address, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** The floor of the transport: Node's own HTTPS server, which reads a body and sends it back. */
async function startBareServer({ certificate, key, clientAuthority }: Tls) {
  const server = createServer({ cert: certificate, key, ca: clientAuthority, requestCert: true, keepAliveTimeout: 0 });
  server.on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      response.writeHead(201, { 'content-type': 'application/json', 'content-length': body.length });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
