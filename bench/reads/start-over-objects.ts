/** How long a server takes to answer its first request over a store that is full, from before its process is started. */
import { join } from 'node:path';
import { systemWorld } from '#base/world';
import { inProcessClient } from '#client/in-process';
import { openStore } from '#store/mvcc-store';
import { sqliteEngine } from '#store/sqlite/sqlite-engine';
import { CREATED_KINDS } from '../api/created-kinds.ts';
import type { Certificates } from '../api/https-servers.ts';
import { ADMIN, pipelineOn } from '../api/in-process-creates.ts';
import { startChild } from '../child.ts';
import { spreadOf } from '../spread.ts';
import type { BenchContext, Measurement, Scale } from '../suite.ts';
import { answerOf } from './answer.ts';

export type ToServer = { readonly databasePath: string; readonly certificates: Certificates };
export type FromServer = { readonly port: number };

const OBJECTS: Readonly<Record<Scale, number>> = { full: 100_000, quick: 10_000 };
const STARTS: Readonly<Record<Scale, number>> = { full: 5, quick: 2 };
const AT_ONCE = 500;
const LIMIT_MS = 1500;

export async function measureStart(context: BenchContext, certificates: Certificates): Promise<readonly Measurement[]> {
  const { scale, folder, progress, signal } = context;
  const count = OBJECTS[scale];
  progress(`storing ${count} objects`);
  const full = join(folder, 'full.db');
  const empty = join(folder, 'empty.db');
  await fill(empty, 0);
  await fill(full, count);
  const times = { full: [] as number[], empty: [] as number[] };
  for (let start = 1; start <= STARTS[scale]; start++) {
    signal.throwIfAborted();
    progress(`${count} objects, start ${start} of ${STARTS[scale]}`);
    times.empty.push(await startMs({ databasePath: empty, certificates }, signal));
    times.full.push(await startMs({ databasePath: full, certificates }, signal));
  }
  const spread = spreadOf(times.full);
  return [
    {
      workload: `start over ${count} objects, to the first answer`,
      figure: spread.p50,
      unit: 'ms',
      spread,
      reference: { name: 'an empty store', figure: spreadOf(times.empty).p50 },
      targets: [{ of: 'figure', keep: 'at most', limit: LIMIT_MS }],
    },
  ];
}

async function startMs(question: ToServer, signal: AbortSignal): Promise<number> {
  const beforeMs = performance.now();
  await using child = startChild<ToServer, FromServer>(new URL('./server-process.ts', import.meta.url), signal);
  const { port } = await child.ask(question);
  await answerOf(port, '/api/v1/namespaces/default', question.certificates);
  return performance.now() - beforeMs;
}

/** Half config maps, half pods. */
async function fill(path: string, count: number): Promise<void> {
  await using store = await openStore({ engine: sqliteEngine({ path }), world: systemWorld() });
  const client = inProcessClient(await pipelineOn(store), ADMIN);
  const perKind = count / CREATED_KINDS.length;
  for (const { type, objectNamed } of CREATED_KINDS) {
    for (let made = 0; made < perKind; made += AT_ONCE) {
      const names = Array.from({ length: AT_ONCE }, (_, index) => `web-app-${made + index}`);
      await Promise.all(names.map((name) => client.create(type, objectNamed(name))));
    }
  }
}
