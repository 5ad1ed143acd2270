/** An hour in the life of a cluster of a thousand nodes, on virtual time: how long it takes to simulate. */
import { Pod } from '#api/core/pod';
import { isApiError } from '#api/errors';
import { silentLogger } from '#base/log';
import { virtualWorld } from '#base/virtual-world';
import type { Client } from '#client/client';
import { controlPlaneHealth, runControlPlane } from '#main/control-plane';
import { SimulatedNodes } from '#main/simulated-nodes';
import { openVirtualCluster } from '#main/virtual-cluster';

export type Hour = {
  readonly nodes: number;
  /** Of virtual time, which may be less than an hour. */
  readonly seconds: number;
  /** So many are made, and so many deleted, each second. */
  readonly pods: number;
};

export type Lived = { readonly tookSeconds: number; readonly cpuSeconds: number; readonly writesPerSecond: number };

// As many are there at a time: one is made, and the oldest goes.
const PODS = 2_000;
const GIBIBYTE = 1024 ** 3;
const NODE = { milliCores: 8_000, memoryBytes: 32 * GIBIBYTE, pods: 110, labels: {} };
const NAMESPACE = 'default';
const TELL_EVERY_SECONDS = 60;

export async function liveHour({ nodes, seconds, pods }: Hour, progress: (text: string) => void): Promise<Lived> {
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
  const startCpu = process.cpuUsage();
  for (let second = 0; second < seconds; second++) {
    if (second % TELL_EVERY_SECONDS === 0) progress(`minute ${second / 60} of ${seconds / 60}`);
    for (let turn = 0; turn < pods; turn++) {
      const number = second * pods + turn;
      await create(cluster.admin, PODS + number);
      await remove(cluster.admin, number);
      await world.advance(1_000 / pods);
    }
  }
  const tookSeconds = (performance.now() - startMs) / 1_000;
  const { user, system } = process.cpuUsage(startCpu);
  const writesPerSecond = (cluster.store.revision - firstRevision) / seconds;
  const { items } = await cluster.admin.list(Pod);
  const alive = items.filter(({ status }) => status?.phase === 'Running').length;
  if (alive < PODS * 0.9) throw new Error(`Only ${alive} of ${PODS} pods run at the end`);
  ending.abort();
  all.stop();
  await world.settle();
  await running;
  return { tookSeconds, cpuSeconds: (user + system) / 1e6, writesPerSecond };
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
