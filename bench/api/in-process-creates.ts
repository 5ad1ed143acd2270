/** Creates through the pipeline by reference, as the controllers make them: authorization, admission and validation, no HTTP. */
import { KINDS } from '#api/kinds';
import type { RequestHandler, UserInfo } from '#api/request';
import { createPipeline } from '#apiserver/pipeline';
import { systemWorld } from '#base/world';
import { inProcessClient } from '#client/in-process';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import type { Storable, Store } from '#store/store';
import { bestOf, type Load, type Round, runLoad } from '../closed-loop.ts';
import type { BenchContext, Measurement, Scale } from '../suite.ts';
import { CREATED_KINDS, type CreatedKind, TEMPLATE_PODS } from './created-kinds.ts';

const LOAD: Readonly<Record<Scale, Load>> = {
  full: { clients: 64, operations: 10_000 },
  quick: { clients: 64, operations: 5000 },
};
// Many short rounds rather than few long ones: on a machine with other work, some of them are left alone.
const ROUNDS: Readonly<Record<Scale, number>> = { full: 12, quick: 3 };
const CREATES_PER_SECOND = 20_000;

export const ADMIN: UserInfo = { name: 'bench', groups: ['system:masters', 'system:authenticated'] };

export async function measureInProcess({ scale, progress, signal }: BenchContext): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = [];
  for (const kind of [...CREATED_KINDS, TEMPLATE_PODS]) {
    const rounds = { floor: [] as Round[], pipeline: [] as Round[] };
    for (let round = 1; round <= ROUNDS[scale]; round++) {
      signal.throwIfAborted();
      progress(`${kind.plural} in process, round ${round} of ${ROUNDS[scale]}`);
      rounds.floor.push(await withStore((store) => writeRound(store, kind, LOAD[scale])));
      rounds.pipeline.push(await withStore((store) => createRound(store, kind, LOAD[scale])));
    }
    const { perSecond, spread } = bestOf(rounds.pipeline);
    measurements.push({
      workload: `create ${kind.plural} in process`,
      figure: perSecond,
      unit: 'creates/s',
      spread,
      reference: { name: 'bare store in memory', figure: bestOf(rounds.floor).perSecond },
      targets: [{ of: 'figure', keep: 'at least', limit: CREATES_PER_SECOND }],
    });
  }
  return measurements;
}

async function withStore<R>(use: (store: Store) => Promise<R>): Promise<R> {
  await using store = await openStore({ engine: memoryEngine(), world: systemWorld() });
  return await use(store);
}

function writeRound(store: Store, { objectNamed }: CreatedKind, load: Load): Promise<Round> {
  return runLoad(load, (index) => {
    const object = objectNamed(`web-app-${index}`) as Storable;
    return store.write((tx) => tx.put(`/core/bench/default/web-app-${index}`, object));
  });
}

async function createRound(store: Store, { type, objectNamed }: CreatedKind, load: Load): Promise<Round> {
  const handle = await pipelineOn(store);
  const client = inProcessClient(handle, ADMIN);
  return await runLoad(load, (index) => client.create(type, objectNamed(`web-app-${index}`)));
}

/** A pipeline over `store`, in which the namespace `default` exists and pods can run in it. */
export async function pipelineOn(store: Store): Promise<RequestHandler> {
  const { handle } = createPipeline({ store, world: systemWorld(), kinds: KINDS, serviceCidr: '198.19.0.0/20' });
  const namespace = { group: '', version: 'v1', plural: 'namespaces', user: ADMIN, options: {} };
  const { signal } = new AbortController();
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' }, spec: {} };
  await handle({ ...namespace, verb: 'create', body, signal });
  await createAccount(handle);
  return handle;
}

/** What pods run as; on a cluster a controller makes it. */
export async function createAccount(handle: RequestHandler): Promise<void> {
  const { signal } = new AbortController();
  const accounts = { group: '', version: 'v1', plural: 'serviceaccounts', namespace: 'default' };
  await handle({
    ...accounts,
    verb: 'create',
    body: { metadata: { name: 'default' } },
    user: ADMIN,
    options: {},
    signal,
  });
}
