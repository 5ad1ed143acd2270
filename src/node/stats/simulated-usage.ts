/** What a simulated node uses: its runtime knows all rates, so nothing is read before somebody asks. */
import type { ContainerStats, Runtime } from '../runtime/runtime.ts';
import { type ContainerUsage, type NodeUsage, type PodUsage, WINDOW_MS } from './usage.ts';

export async function simulatedUsage({ stats }: Pick<Runtime, 'stats'>, nowMs: number): Promise<NodeUsage> {
  const pods = (await stats()).flatMap(({ metadata: { namespace, name, uid }, containers }): readonly PodUsage[] => {
    const used = containers.flatMap(containerUsage);
    return used.length === 0 ? [] : [{ namespace, name, uid, containers: used }];
  });
  const node = { timestampMs: nowMs, windowMs: WINDOW_MS, cpuNanoCores: 0, memoryWorkingSetBytes: 0 };
  for (const { containers } of pods) {
    for (const used of containers) {
      node.cpuNanoCores += used.cpuNanoCores;
      node.memoryWorkingSetBytes += used.memoryWorkingSetBytes;
    }
  }
  return { node, pods };
}

/** Nothing of one that has only just begun: a rate needs a time. */
function containerUsage({ name, atMs, memoryWorkingSetBytes, rate }: ContainerStats): readonly ContainerUsage[] {
  if (rate === undefined || rate.runningMs <= 0) return [];
  const { cpuNanoCores, runningMs } = rate;
  return [{ name, timestampMs: atMs, windowMs: Math.min(WINDOW_MS, runningMs), cpuNanoCores, memoryWorkingSetBytes }];
}
