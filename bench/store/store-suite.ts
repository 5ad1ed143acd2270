/** Suite `store`: durable writes of the store beside the bare engine, and the store alone in memory. */
import { join } from 'node:path';
import { systemWorld } from '#base/world';
import type { Engine } from '#store/engine';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import { sqliteEngine } from '#store/sqlite/sqlite-engine';
import type { Storable } from '#store/store';
import { bestOf, type Load, type Round, runLoad } from '../closed-loop.ts';
import { openSqliteFloor } from '../floor/sqlite-floor.ts';
import { aWorkloadPod } from '../objects/workload-objects.ts';
import type { BenchContext, Measurement, Scale, Suite } from '../suite.ts';

type Workload = { readonly clients: number; readonly operations: Readonly<Record<Scale, number>> };

const WORKLOADS: readonly Workload[] = [
  { clients: 1, operations: { full: 1000, quick: 300 } },
  { clients: 64, operations: { full: 15_000, quick: 4000 } },
  { clients: 512, operations: { full: 20_000, quick: 8000 } },
];
// Many short rounds rather than few long ones: on a machine with other work, some of them are left alone.
const ROUNDS: Readonly<Record<Scale, number>> = { full: 10, quick: 2 };

export const storeSuite: Suite = {
  name: 'store',
  description: 'writes of 1.5 KB objects, each awaited by its writer',
  needs: 'nothing',
  async run(context) {
    const measurements: Measurement[] = [];
    for (const workload of WORKLOADS) measurements.push(...(await measure(context, workload)));
    return measurements;
  },
};

async function measure(context: BenchContext, { clients, operations }: Workload): Promise<readonly Measurement[]> {
  const { scale, folder, progress, signal } = context;
  const load: Load = { clients, operations: operations[scale] };
  const rounds = { floor: [] as Round[], sqlite: [] as Round[], memory: [] as Round[] };
  for (let round = 1; round <= ROUNDS[scale]; round++) {
    signal.throwIfAborted();
    progress(`${writers(clients)}, round ${round} of ${ROUNDS[scale]}`);
    const path = (name: string): string => join(folder, `${name}-${clients}-${round}.db`);
    rounds.floor.push(await floorRound(load, path('floor')));
    rounds.sqlite.push(await storeRound(load, sqliteEngine({ path: path('store') })));
    rounds.memory.push(await storeRound(load, memoryEngine()));
  }
  const [floor, sqlite, memory] = [bestOf(rounds.floor), bestOf(rounds.sqlite), bestOf(rounds.memory)];
  const row = (name: string, { perSecond, spread }: Round): Measurement => ({
    workload: `${name}, ${writers(clients)}`,
    figure: perSecond,
    unit: 'writes/s',
    spread,
  });
  return [
    row('bare node:sqlite', floor),
    { ...row('store on sqlite', sqlite), reference: { name: 'bare node:sqlite', figure: floor.perSecond } },
    { ...row('store in memory', memory), reference: { name: 'bare node:sqlite', figure: floor.perSecond } },
  ];
}

const writers = (clients: number): string => (clients === 1 ? '1 writer' : `${clients} writers`);

export async function floorRound(load: Load, path: string): Promise<Round> {
  await using floor = openSqliteFloor(path);
  const value = Buffer.from(JSON.stringify(aWorkloadPod('web-app-7d9c6b5f4-abcde')));
  await floor.write('/warm-up', value);
  return await runLoad(load, (index) => floor.write(keyOf(index), value));
}

async function storeRound(load: Load, engine: Engine): Promise<Round> {
  await using store = await openStore({ engine, world: systemWorld() });
  const put = (index: number): Promise<Storable> => {
    const object = aWorkloadPod(`web-app-${index}`) as Storable;
    return store.write((tx) => tx.put(keyOf(index), object));
  };
  await put(-1);
  return await runLoad(load, put);
}

const keyOf = (index: number): string => `/core/pods/default/web-app-${index}`;
