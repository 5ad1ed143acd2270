import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemWorld } from '#base/world';
import { virtualWorld } from '#base/virtual-world';
import { aContainer, aSandbox } from '#test/builders/runtime';
import { runtimeContract } from '#test/contracts/runtime.contract';
import { AddressPool } from './address-pool.ts';
import { createHollowRuntime } from './hollow-runtime.ts';
import type { HollowProfile } from './hollow-profile.ts';

const PLACE = { logDirectory: '/logs', cgroup: '/test' };
const AT_ONCE: Partial<HollowProfile> = {
  sandboxMs: [0, 0],
  createMs: [0, 0],
  startMs: [0, 0],
  stopMs: [0, 0],
  pullMs: [0, 0],
};

runtimeContract('hollow', async () => {
  const runtime = createHollowRuntime({ world: systemWorld(), podCidr: '198.18.1.0/24', profile: AT_ONCE });
  await runtime.pullImage({ image: 'busybox:latest' });
  return { runtime, image: 'busybox:latest', place: PLACE, [Symbol.asyncDispose]: async () => undefined };
});

async function aRunningContainer(annotations: Record<string, string>, profile: Partial<HollowProfile> = {}) {
  const world = virtualWorld();
  const runtime = createHollowRuntime({ world, podCidr: '198.18.1.0/24', profile: { ...AT_ONCE, ...profile } });
  const sandbox = aSandbox('pod', PLACE, { annotations });
  const sandboxId = runtime.runPodSandbox(sandbox);
  await world.advance(100);
  const created = runtime.createContainer({ sandboxId: await sandboxId, container: aContainer('web', 'x'), sandbox });
  await world.advance(100);
  const id = await created;
  const started = runtime.startContainer(id).then(
    () => 'started',
    (error: Error) => error.message,
  );
  await world.advance(100);
  return { world, runtime, id, started: await started };
}

test('[NOD80] a simulated container runs for as long as its pod says, and ends as it says', async () => {
  const annotations = { 'hollow.tutti.io/run-seconds': '60', 'hollow.tutti.io/exit-code': '3' };
  const { world, runtime, id } = await aRunningContainer(annotations);
  await world.advance(59_000);
  assert.equal((await runtime.containerStatus(id)).state, 'Running');
  await world.advance(1_000);
  const { state, exitCode } = await runtime.containerStatus(id);
  assert.deepEqual([state, exitCode], ['Exited', 3]);
  assert.equal(world.pendingTimers(), 0);
});

test('[NOD81] a simulated container uses what its pod says', async () => {
  const annotations = { 'hollow.tutti.io/cpu-millicores': '500', 'hollow.tutti.io/memory-bytes': '1000' };
  const { world, runtime } = await aRunningContainer(annotations);
  const before = (await runtime.stats())[0]?.containers[0];
  await world.advance(10_000);
  const after = (await runtime.stats())[0]?.containers[0];
  assert.deepEqual(
    [(after?.cpuMicros ?? 0) - (before?.cpuMicros ?? 0), after?.memoryWorkingSetBytes],
    [5_000_000, 1000],
  );
});

test('[NOD81] what a simulated container uses may change as it runs, and its counter only grows', async () => {
  let cpuNanoCores = 1_000_000_000;
  const { world, runtime } = await aRunningContainer({}, { usageOf: () => ({ cpuNanoCores, memoryBytes: 5 }) });
  const read = async () => (await runtime.stats())[0]?.containers[0];
  const first = (await read())?.cpuMicros ?? 0;
  await world.advance(10_000);
  const second = (await read())?.cpuMicros ?? 0;
  cpuNanoCores = 100_000_000;
  await world.advance(10_000);
  const third = await read();
  assert.deepEqual(
    [second - first, (third?.cpuMicros ?? 0) - second, third?.memoryWorkingSetBytes],
    [10_000_000, 1_000_000, 5],
  );
});

test('[NOD82] simulated containers crash as often and as soon as the profile says', async () => {
  const { world, runtime, id } = await aRunningContainer({}, { crashes: 1, crashMs: [5_000, 5_000] });
  await world.advance(4_800);
  assert.equal((await runtime.containerStatus(id)).state, 'Running');
  await world.advance(200);
  const { state, exitCode, reason } = await runtime.containerStatus(id);
  assert.deepEqual([state, exitCode, reason], ['Exited', 1, 'Error']);
});

test('[NOD82] simulated failures look like those of a real runtime', async () => {
  const { runtime, id, started } = await aRunningContainer({}, { startFailures: 1 });
  assert.match(started, /failed to create containerd task/);
  const { state, exitCode, reason } = await runtime.containerStatus(id);
  assert.deepEqual([state, exitCode, reason], ['Exited', 128, 'StartError']);
  const missing = createHollowRuntime({
    world: systemWorld(),
    podCidr: '198.18.1.0/24',
    profile: { ...AT_ONCE, isMissing: () => true },
  });
  await assert.rejects(missing.pullImage({ image: 'none:1' }), { reason: 'ImageNotFound' });
});

test('[NOD83] addresses are those of the range, each to one pod at a time', () => {
  const pool = new AddressPool('198.18.1.0/29');
  const all = [1, 2, 3, 4, 5].map(() => pool.take());
  assert.deepEqual(all, ['198.18.1.2', '198.18.1.3', '198.18.1.4', '198.18.1.5', '198.18.1.6']);
  assert.equal(pool.take(), undefined);
  pool.free('198.18.1.4');
  assert.equal(pool.take(), '198.18.1.4');
});
