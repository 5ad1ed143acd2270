/** Ten thousand watches of one server, held by a process of their own: what each costs while nothing happens, and how soon all hear of a change. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ConfigMap } from '#api/core/config-map';
import { inProcessClient } from '#client/in-process';
import { type Certificates, startServer } from '../api/https-servers.ts';
import { ADMIN } from '../api/in-process-creates.ts';
import { type Child, startChild } from '../child.ts';
import { aWorkloadConfigMap } from '../objects/workload-objects.ts';
import { spreadOf } from '../spread.ts';
import type { BenchContext, Measurement, Scale } from '../suite.ts';

export type WatchersPlan = Certificates['client'] & {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly perConnection: number;
};
/** `listen`: say when so many watches have heard of a change. */
export type ToWatchers = { readonly open: WatchersPlan } | { readonly listen: number };
export type FromWatchers =
  | { readonly opened: number }
  | { readonly listening: true }
  /** Milliseconds since 1970, one for each watch. */
  | { readonly heardMs: readonly number[] };

const PER_CONNECTION = 200;
const CONNECTIONS: Readonly<Record<Scale, number>> = { full: 50, quick: 5 };
const CHANGES: Readonly<Record<Scale, number>> = { full: 20, quick: 3 };
const PATH = '/api/v1/namespaces/default/configmaps?watch=true&resourceVersion=';
const SETTLE_MS = 1000;
const BYTES_PER_KB = 1000;
const KB_LIMIT = 25;
const P99_LIMIT_MS = 400;

export async function measureWatchers(
  context: BenchContext,
  certificates: Certificates,
): Promise<readonly Measurement[]> {
  const { scale, folder, progress, signal } = context;
  await using api = await startServer(join(folder, 'watchers.db'), certificates);
  await using watchers = startChild<ToWatchers, FromWatchers>(
    new URL('./watchers-process.ts', import.meta.url),
    signal,
  );
  const client = inProcessClient(api.handle, ADMIN);
  const connections = CONNECTIONS[scale];
  const count = connections * PER_CONNECTION;
  const first = await client.create(ConfigMap, aWorkloadConfigMap('first'));
  const before = await settledBytes(signal);
  progress(`opening ${count} watches`);
  const path = `${PATH}${first.metadata.resourceVersion}`;
  await watchers.ask({
    open: { ...certificates.client, port: api.port, path, connections, perConnection: PER_CONNECTION },
  });
  const held = (await settledBytes(signal)) - before;
  await hearAll(watchers, count, () => client.create(ConfigMap, aWorkloadConfigMap('warm-up')));
  const delays: number[] = [];
  for (let change = 1; change <= CHANGES[scale]; change++) {
    signal.throwIfAborted();
    progress(`${count} watches, change ${change} of ${CHANGES[scale]}`);
    delays.push(
      ...(await hearAll(watchers, count, () => client.create(ConfigMap, aWorkloadConfigMap(`map-${change}`)))),
    );
  }
  const spread = spreadOf(delays);
  return [
    {
      workload: `memory of each of ${count} idle watches, HTTP/2`,
      figure: held / count / BYTES_PER_KB,
      unit: 'kB',
      targets: [{ of: 'figure', keep: 'at most', limit: KB_LIMIT }],
    },
    {
      workload: `a change reaches ${count} watchers`,
      figure: spread.p99,
      unit: 'ms (p99)',
      spread,
      targets: [{ of: 'p99', keep: 'at most', limit: P99_LIMIT_MS }],
    },
  ];
}

/** Milliseconds from before the change until each watcher had it. */
async function hearAll(
  watchers: Child<ToWatchers, FromWatchers>,
  count: number,
  change: () => Promise<unknown>,
): Promise<readonly number[]> {
  await watchers.ask({ listen: count });
  const heard = watchers.next();
  const startMs = performance.timeOrigin + performance.now();
  await change();
  const answer = await heard;
  if (!('heardMs' in answer)) throw new TypeError('Cannot read the times: the watchers said something else');
  return answer.heardMs.map((ms) => ms - startMs);
}

/** What nobody holds any more says nothing of what a watch needs. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

async function settledBytes(signal: AbortSignal): Promise<number> {
  await sleep(SETTLE_MS, undefined, { signal });
  collectGarbage();
  return process.memoryUsage.rss();
}
