/** A runtime that runs nothing: pods live in memory, take their time and use what they are said to use. Needs no privileges. */
import { onAbort } from '#base/abort';
import type { World } from '#base/world';
import { RuntimeError } from '../runtime-error.ts';
import type { Runtime, RuntimeEvent, SandboxStats } from '../runtime.ts';
import { hollowContainers } from './hollow-containers.ts';
import { hollowImages } from './hollow-images.ts';
import { USUAL_PROFILE, type HollowProfile, type HollowUsage } from './hollow-profile.ts';
import { hollowSandboxes } from './hollow-sandboxes.ts';
import { HollowState, type HollowContainer } from './hollow-state.ts';

export type HollowRuntimeOptions = {
  /** Its chance decides how long things take and what fails: the same seed, the same life. */
  readonly world: World;
  /** Pods get their addresses from it. */
  readonly podCidr: string;
  readonly profile?: Partial<HollowProfile>;
};

const READY = { ready: true, reason: '', message: '' };

export function createHollowRuntime({ world, podCidr, profile = {} }: HollowRuntimeOptions): Runtime {
  const state = new HollowState(world, { ...USUAL_PROFILE, ...profile }, podCidr);
  return {
    simulated: true,
    version: async () => ({ name: 'hollow', version: '1.0.0' }),
    status: async () => ({ runtime: READY, network: READY }),
    ...hollowSandboxes(state),
    ...hollowContainers(state),
    ...hollowImages(state),
    execSync: async () => ({ exitCode: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }),
    openExec: () => refuse('exec into'),
    openAttach: () => refuse('attach to'),
    openPort: () => refuse('forward a port to'),
    events: (signal) => events(state, signal),
    stats: async () => stats(state),
  };
}

async function refuse(what: string): Promise<never> {
  throw new RuntimeError('Failed', `Cannot ${what} a simulated container: nothing runs in it`);
}

function events(state: HollowState, signal: AbortSignal): AsyncIterable<RuntimeEvent> {
  const queue = state.listen();
  onAbort(signal, () => state.leave(queue));
  return queue;
}

function stats(state: HollowState): readonly SandboxStats[] {
  const atMs = state.world.clock.now();
  const running = Map.groupBy(
    state.containers.values().filter(({ status }) => status.state === 'Running'),
    ({ status }) => status.sandboxId,
  );
  return [...state.sandboxes.values()].map(({ status }) => {
    const containers = (running.get(status.id) ?? []).map((each) =>
      containerStats(each, usageOf(each, status.metadata, state), atMs),
    );
    const sum = (read: (each: (typeof containers)[number]) => number): number =>
      containers.reduce((total, each) => total + read(each), 0);
    return {
      id: status.id,
      metadata: status.metadata,
      atMs,
      cpuMicros: sum(({ cpuMicros }) => cpuMicros),
      memoryUsageBytes: sum(({ memoryUsageBytes }) => memoryUsageBytes),
      memoryWorkingSetBytes: sum(({ memoryWorkingSetBytes }) => memoryWorkingSetBytes),
      containers,
    };
  });
}

function usageOf(
  { behaviour }: HollowContainer,
  pod: { readonly namespace: string; readonly name: string },
  { profile }: HollowState,
): HollowUsage {
  const { cpuNanoCores = profile.cpuNanoCores, memoryBytes = profile.memoryBytes } = behaviour;
  return profile.usageOf(pod) ?? { cpuNanoCores, memoryBytes };
}

/** What it uses may change at any time: the time since the last look counts at what it uses now. */
function containerStats(
  container: HollowContainer,
  { cpuNanoCores, memoryBytes }: HollowUsage,
  atMs: number,
): SandboxStats['containers'][number] {
  const { status, used = { cpuMicros: 0, atMs: status.startedAtMs ?? atMs } } = container;
  const cpuMicros = used.cpuMicros + (cpuNanoCores / 1_000_000) * (atMs - used.atMs);
  container.used = { cpuMicros, atMs };
  return {
    id: status.id,
    name: status.metadata.name,
    atMs,
    cpuMicros: Math.round(cpuMicros),
    memoryUsageBytes: memoryBytes,
    memoryWorkingSetBytes: memoryBytes,
    memoryRssBytes: memoryBytes,
    rate: { cpuNanoCores, runningMs: atMs - (status.startedAtMs ?? atMs) },
  };
}
