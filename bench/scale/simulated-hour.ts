/** An hour in the life of a cluster of a thousand nodes, on virtual time: how long it takes to simulate. */
import { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import { silentLogger } from '#base/log';
import { virtualWorld } from '#base/virtual-world';
import type { Client } from '#client/client';
import { controlPlaneHealth, runControlPlane } from '#main/control-plane';
import { SimulatedNodes } from '#main/simulated-nodes';
import { openVirtualCluster } from '#main/virtual-cluster';
import type { BenchContext, Measurement, Scale, Suite } from '../suite.ts';

type Size = { readonly nodes: number; readonly seconds: number };

const SIZES: Readonly<Record<Scale, Size>> = {
  full: { nodes: 1_000, seconds: 3_600 },
  quick: { nodes: 200, seconds: 120 },
};
// A pod that is made, placed, started, stopped and taken away is about as many changes of objects, heartbeats apart.
const CHANGES_OF_A_POD = 10;
const CHANGES_PER_SECOND = 20;
const BUSY_PODS_PER_SECOND = 10;
const BUSY_SHARE = 0.05;
// As many are there at a time: one is made, and the oldest goes.
const PODS = 2_000;
const LIMIT_SECONDS = 60;
const GIBIBYTE = 1024 ** 3;
const NODE = { milliCores: 8_000, memoryBytes: 32 * GIBIBYTE, pods: 110, labels: {} };
const NAMESPACE = 'default';
const TELL_EVERY_SECONDS = 60;

export const simulationSuite: Suite = {
  name: 'simulation',
  description: 'an hour of a thousand nodes on virtual time: agents with heartbeats, scheduler, controllers',
  needs: 'nothing',
  async run(context) {
    const usual = await simulatedHour(context, CHANGES_PER_SECOND / CHANGES_OF_A_POD);
    // Told for an hour, measured for a part of it.
    const busy = await simulatedHour(context, BUSY_PODS_PER_SECOND, BUSY_SHARE);
    const targets = context.scale === 'full' ? [{ of: 'figure', keep: 'at most', limit: LIMIT_SECONDS } as const] : [];
    return [{ ...usual, targets }, busy];
  },
};

async function simulatedHour(
  { scale, progress, signal }: BenchContext,
  podsPerSecond: number,
  share = 1,
): Promise<Measurement> {
  const { nodes, seconds: whole } = SIZES[scale];
  const seconds = Math.ceil(whole * share);
  const world = virtualWorld({ seed: 1, effects: 'promises' });
  await using cluster = await openVirtualCluster({ world, events: 'dropped' });
  const ending = new AbortController();
  const surroundings = { world, logger: silentLogger(), signal: ending.signal };
  const all = new SimulatedNodes(cluster, surroundings, () => undefined);
  for (let index = 0; index < nodes; index++) await all.add({ name: `node-${index}`, ...NODE });
  const parts = { ...cluster, authority: '', signCertificate: () => '', health: controlPlaneHealth() };
  const running = runControlPlane(parts, surroundings);
  running.catch(() => undefined); // heard at the end
  await world.advance(5_000);
  for (let index = 0; index < PODS; index++) await create(cluster.admin, index);
  await world.advance(60_000);
  const firstRevision = cluster.store.revision;
  const startMs = performance.now();
  for (let second = 0; second < seconds; second++) {
    signal.throwIfAborted();
    if (second % TELL_EVERY_SECONDS === 0) progress(`simulated hour, minute ${second / 60} of ${seconds / 60}`);
    for (let turn = 0; turn < podsPerSecond; turn++) {
      const number = second * podsPerSecond + turn;
      await create(cluster.admin, PODS + number);
      await remove(cluster.admin, number);
      await world.advance(1_000 / podsPerSecond);
    }
  }
  const writes = (cluster.store.revision - firstRevision) / seconds;
  const took = (performance.now() - startMs) / 1_000;
  const { items } = await cluster.admin.list(Pod);
  const alive = items.filter(({ status }) => status?.phase === 'Running').length;
  if (alive < PODS * 0.9) throw new Error(`Only ${alive} of ${PODS} pods run at the end`);
  ending.abort();
  all.stop();
  await world.settle();
  await running;
  return {
    workload: `an hour of ${nodes} nodes, ${podsPerSecond} pods made and deleted a second (${Math.round(writes)} writes)`,
    figure: (took * 3_600) / seconds,
    unit: 's',
  };
}

async function create(client: Client, number: number): Promise<void> {
  await client.create(Pod, {
    metadata: { namespace: NAMESPACE, name: `pod-${number}` },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: 'app:1', resources: { requests: { cpu: '100m', memory: '64Mi' } } }],
    },
  });
}

async function remove(client: Client, number: number): Promise<void> {
  try {
    await client.delete(Pod, { namespace: NAMESPACE, name: `pod-${number}` });
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
  }
}
