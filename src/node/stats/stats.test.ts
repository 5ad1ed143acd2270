import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '#base/log';
import { virtualWorld } from '#base/virtual-world';
import { createHollowRuntime } from '../runtime/hollow/hollow-runtime.ts';
import type { SandboxStats } from '../runtime/runtime.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { aContainer, aSandbox } from '#test/builders/runtime';
import { busyTicks } from './read-node-usage.ts';
import { simulatedUsage } from './simulated-usage.ts';
import { UsageSampler } from './usage-sampler.ts';
import { UsageSeries } from './usage-series.ts';

test('[NOD120] the rate is that between the first and the last reading of the window', () => {
  const series = new UsageSeries();
  series.add({ atMs: 0, cpuMicros: 0, memoryWorkingSetBytes: 1 });
  assert.equal(series.usage(), undefined);
  series.add({ atMs: 1_000, cpuMicros: 500_000, memoryWorkingSetBytes: 2 });
  assert.deepEqual(series.usage(), {
    timestampMs: 1_000,
    windowMs: 1_000,
    cpuNanoCores: 500_000_000,
    memoryWorkingSetBytes: 2,
  });
  for (let second = 2; second <= 30; second++)
    series.add({ atMs: second * 1_000, cpuMicros: 500_000, memoryWorkingSetBytes: 3 });
  assert.deepEqual(series.usage(), {
    timestampMs: 30_000,
    windowMs: 15_000,
    cpuNanoCores: 0,
    memoryWorkingSetBytes: 3,
  });
});

test('[NOD121] a counter that went back begins a new row', () => {
  const series = new UsageSeries();
  series.add({ atMs: 0, cpuMicros: 900, memoryWorkingSetBytes: 1 });
  series.add({ atMs: 1_000, cpuMicros: 100, memoryWorkingSetBytes: 1 });
  assert.equal(series.usage(), undefined);
});

test('[NOD120] readings that are far apart still make a rate', () => {
  const series = new UsageSeries();
  series.add({ atMs: 0, cpuMicros: 0, memoryWorkingSetBytes: 1 });
  series.add({ atMs: 40_000, cpuMicros: 4_000_000, memoryWorkingSetBytes: 1 });
  assert.deepEqual([series.usage()?.windowMs, series.usage()?.cpuNanoCores], [40_000, 100_000_000]);
});

test('[NOD122] usage is told by pod and container, and read often only while somebody asks', async () => {
  const world = virtualWorld();
  let reads = 0;
  const stats = async (): Promise<readonly SandboxStats[]> => {
    reads++;
    const usage = {
      atMs: world.clock.now(),
      cpuMicros: world.clock.now() * 250,
      memoryUsageBytes: 10,
      memoryWorkingSetBytes: 8,
      memoryRssBytes: 5,
    };
    const metadata = { name: 'web-1', namespace: 'default', uid: 'u', attempt: 0 };
    return [{ id: 's', metadata, ...usage, containers: [{ id: 'c', name: 'web', ...usage }] }];
  };
  const runtime = { ...createHollowRuntime({ world, podCidr: '198.18.1.0/24' }), stats };
  const readNode = (atMs: number) => ({ atMs, cpuMicros: atMs * 250, memoryWorkingSetBytes: 8 });
  const sampler = new UsageSampler({ runtime, world, logger: silentLogger(), readNode });
  const ending = new AbortController();
  const running = sampler.run(ending.signal);
  await world.advance(60_000);
  assert.ok(reads <= 7, `read ${reads} times although nobody asked`);
  sampler.usage();
  await world.advance(10_000);
  reads = 0;
  await world.advance(10_000);
  assert.equal(reads, 10);
  const { pods, node } = sampler.usage();
  assert.deepEqual(
    pods.map(({ name, containers }) => [
      name,
      containers[0]?.name,
      containers[0]?.cpuNanoCores,
      containers[0]?.memoryWorkingSetBytes,
    ]),
    [['web-1', 'web', 250_000_000, 8]],
  );
  assert.equal(node?.cpuNanoCores, 250_000_000);
  ending.abort();
  await running;
  assert.equal(world.pendingTimers(), 0);
});

test('[NOD122b] a simulated node tells what it uses when asked, of what has run for a moment', async () => {
  const world = virtualWorld();
  const profile = { usageOf: () => ({ cpuNanoCores: 300, memoryBytes: 5 }) };
  const runtime = createHollowRuntime({ world, podCidr: '198.18.1.0/24', profile });
  const before = await simulatedUsage(runtime, world.clock.now());
  const starting = startOne(runtime);
  await world.advance(1_000);
  await starting;
  await world.advance(60_000);
  const { node, pods } = await simulatedUsage(runtime, world.clock.now());
  const timestampMs = world.clock.now();
  const used = { timestampMs, windowMs: 15_000, cpuNanoCores: 300, memoryWorkingSetBytes: 5 };
  assert.deepEqual([before.node?.cpuNanoCores, before.pods], [0, []]);
  assert.deepEqual(node, used);
  assert.deepEqual(pods[0]?.containers, [{ name: 'web', ...used }]);
});

test('[NOD123] a machine is busy while it does not idle or wait for disks', () => {
  assert.equal(busyTicks('cpu  10 20 30 400 50 6 7 8 9 10\ncpu0 1 1 1 1\n'), 81);
});

async function startOne(runtime: Runtime): Promise<void> {
  const sandbox = aSandbox('pod', { logDirectory: '/logs', cgroup: '/test' });
  const sandboxId = await runtime.runPodSandbox(sandbox);
  await runtime.startContainer(
    await runtime.createContainer({ sandboxId, container: aContainer('web', 'x'), sandbox }),
  );
}
