/** Gives a living pod more or less CPU and memory, one step at a time. */
import type { Pod } from '#api/core/pod';
import { unitValue } from '#api/meta/quantity-arithmetic';
import { errorMessage } from '#base/errors';
import type { ContainerResources } from '../../runtime/isolation.ts';
import { containerResources, podResources } from '../config/cgroup-resources.ts';
import { qosOf } from '../config/pod-qos.ts';
import { allocatedPod, wantedAllocation } from '../plan/allocation.ts';
import { planResizeRoom, type NoRoom } from '../plan/plan-resize-room.ts';
import type { PodMemory, ResizedContainer, ResizePod } from '../plan/pod-state.ts';
import { findContainer, type OperationInput, type Remember } from './operation.ts';

// Nobody tells when another pod gives something back, or when a process frees memory.
const RETRY_MS = 10_000;

export async function resizePod(input: OperationInput, action: ResizePod): Promise<Remember> {
  switch (action.step) {
    case 'Allocate':
      return (memory) => allocate(input, memory);
    case 'MakeRoom':
      return await makeRoom(input);
    case 'Apply':
      return await apply(input, action.containers);
    case 'Complete':
      return await complete(input);
  }
}

/** Runs in one go with what it remembers: two pods that grow at once must not both get the same room. */
function allocate(input: OperationInput, memory: PodMemory): PodMemory {
  const { agent, wanted, taken } = input;
  const noRoom = planResizeRoom({ pod: wanted, taken: taken(), allocatable: agent.node.allocatable });
  if (noRoom !== undefined) return refuse(input, memory, noRoom);
  report(input, { reason: 'ResizeStarted', text: 'Pod resize started' });
  const { resizePending: _, ...rest } = memory;
  const resizeProgress = { generation: generationOf(wanted), roomMade: false };
  return { ...rest, allocated: wantedAllocation(wanted), resizeProgress };
}

function refuse(input: OperationInput, memory: PodMemory, { reason, message }: NoRoom): PodMemory {
  const generation = generationOf(input.wanted);
  const before = memory.resizePending;
  if (before?.reason !== reason || before.message !== message || before.generation !== generation)
    report(input, { reason: `Resize${reason}`, text: `Pod resize ${reason}`, error: message });
  const retry = reason === 'Deferred' ? { retryAtMs: input.agent.world.clock.now() + RETRY_MS } : {};
  return { ...memory, resizePending: { reason, message, generation, ...retry } };
}

/** What is to come must fit into the pod as a whole, and what is still there too. */
async function makeRoom({ agent, pod, memory }: OperationInput): Promise<Remember> {
  const sandbox = agent.watch.view(pod.metadata.uid).sandboxes.find(({ ready }) => ready);
  if (sandbox !== undefined && memory.resizeProgress !== undefined) {
    const { memoryLimitBytes, cpuQuota, ...rest } = podResources(pod);
    // The final limits come when all containers have theirs.
    await agent.runtime.updatePodResources(sandbox.id, {
      ...rest,
      ...(cpuQuota === undefined ? {} : { cpuQuota: -1 }),
      ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes: -1 }),
    });
  }
  return ({ resizeProgress: progress, ...rest }) =>
    progress === undefined ? rest : { ...rest, resizeProgress: { ...progress, roomMade: true } };
}

async function apply(input: OperationInput, containers: readonly ResizedContainer[]): Promise<Remember> {
  try {
    await refuseBelowUsage(input, containers);
    for (const { id, name } of containers) {
      await input.agent.runtime.updateContainerResources(id, liveResources(input, name), input.signal);
    }
  } catch (error) {
    input.signal.throwIfAborted();
    return failed(input, errorMessage(error));
  }
  const given = containers.map(({ id, name }) => [id, findContainer(input.pod, name).resources ?? {}] as const);
  return ({ resizeProgress: progress, ...memory }) => ({
    ...memory,
    applied: new Map([...memory.applied, ...given]),
    ...(progress === undefined
      ? {}
      : { resizeProgress: { generation: progress.generation, roomMade: progress.roomMade } }),
  });
}

/** The order of out-of-memory killing is set once, at the start. */
function liveResources({ agent, pod }: OperationInput, name: string): ContainerResources {
  const { resources } = findContainer(pod, name);
  const { oomScoreAdj: _, ...live } = containerResources(resources, qosOf(pod), agent.node.memoryBytes);
  // Memory and swap are limited together, or the kernel would take one limit before the other.
  return live.memoryLimitBytes === undefined ? live : { ...live, memorySwapLimitBytes: live.memoryLimitBytes };
}

/** A limit below what is in use would kill the container. */
async function refuseBelowUsage(input: OperationInput, containers: readonly ResizedContainer[]): Promise<void> {
  const shrinking = containers.flatMap(({ id, name, from }) => {
    const limit = unitValue(findContainer(input.pod, name).resources?.limits?.['memory'] ?? '0');
    const before = unitValue(from.limits?.['memory'] ?? '0');
    return limit > 0 && (before === 0 || limit < before) ? [{ id, name, limit }] : [];
  });
  if (shrinking.length === 0) return;
  const used = new Map(
    (await input.agent.runtime.stats(input.signal))
      .flatMap((sandbox) => sandbox.containers)
      .map(({ id, memoryWorkingSetBytes }) => [id, memoryWorkingSetBytes]),
  );
  const problems = shrinking.flatMap(({ id, name, limit }) => {
    const usage = used.get(id) ?? 0;
    const what = `attempting to set container ${JSON.stringify(name)} memory limit (${limit})`;
    return usage <= limit ? [] : [`${what} below current usage (${usage})`];
  });
  if (problems.length === 0) return;
  const [first = ''] = problems;
  throw new Error(`cannot decrease memory limits: ${problems.length === 1 ? first : `[${problems.join(', ')}]`}`);
}

function failed(input: OperationInput, error: string): Remember {
  const { agent, wanted } = input;
  const retryAtMs = agent.world.clock.now() + RETRY_MS;
  return (memory) => {
    const progress = memory.resizeProgress ?? { generation: generationOf(wanted), roomMade: true };
    if (progress.error !== error) report(input, { reason: 'ResizeError', text: 'Pod resize error', error });
    return { ...memory, resizeProgress: { ...progress, error, retryAtMs } };
  };
}

async function complete(input: OperationInput): Promise<Remember> {
  const { agent, pod, memory } = input;
  const sandbox = agent.watch.view(pod.metadata.uid).sandboxes.find(({ ready }) => ready);
  if (memory.resizeProgress !== undefined) {
    if (sandbox !== undefined) await agent.runtime.updatePodResources(sandbox.id, podResources(pod));
    report(input, { reason: 'ResizeCompleted', text: 'Pod resize completed' });
  }
  return ({ resizeProgress: _progress, resizePending, allocated, ...rest }) => {
    const isAsWanted = allocatedPod(input.wanted, allocated) === input.wanted;
    return {
      ...rest,
      // From now on the status tells what runs with what.
      applied: new Map(),
      ...(isAsWanted || allocated === undefined ? {} : { allocated }),
      ...(isAsWanted || resizePending === undefined ? {} : { resizePending }),
    };
  };
}

const generationOf = ({ metadata }: Pod): number => metadata.generation ?? 0;

type Told = { readonly reason: string; readonly text: string; readonly error?: string };

/** The event says which resources it is about, as upstream has it. */
function report({ agent, wanted }: OperationInput, { reason, text, error }: Told): void {
  const { containers, initContainers = [] } = wanted.spec;
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const amounts = (list: typeof containers): readonly object[] =>
    list.map(({ name, resources = {} }) => {
      const { limits, requests } = resources;
      const told = { ...(limits === undefined ? {} : { limits }), ...(requests === undefined ? {} : { requests }) };
      return { name, resources: told };
    });
  const summary = {
    ...(sidecars.length === 0 ? {} : { initContainers: amounts(sidecars) }),
    containers: amounts(containers),
    generation: generationOf(wanted),
    ...(error === undefined ? {} : { error }),
  };
  const type = error === undefined ? 'Normal' : 'Warning';
  agent.events.report(wanted, { type, reason, message: `${text}: ${JSON.stringify(summary)}` });
}
