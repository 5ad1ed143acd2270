/** Requests and limits as the kernel knows them: shares, quotas, limits, out-of-memory order. */
import { milliValue, unitValue } from '#api/meta/quantity-arithmetic';
import type { Pod } from '#api/core/pod';
import { podLimits, podRequests } from '#api/core/pod-resources';
import type { QosClass } from '#api/core/qos';
import type { Container, ResourceRequirements } from '#api/types/core-v1';
import type { ContainerResources, PodResources } from '../../runtime/isolation.ts';
import { present } from '../plan/present.ts';

const LEAST_SHARES = 2;
const MOST_SHARES = 262_144;
const SHARES_PER_CPU = 1024;
const PERIOD_MICROS = 100_000;
const LEAST_QUOTA_MICROS = 1_000;

const GUARANTEED_SCORE = -997;
const BEST_EFFORT_SCORE = 1000;

export function containerResources(
  resources: ResourceRequirements = {},
  qos: QosClass,
  nodeMemoryBytes: number,
): ContainerResources {
  const { requests = {}, limits = {} } = resources;
  return {
    ...cpu(requests['cpu'] ?? limits['cpu'], limits['cpu']),
    ...memory(limits['memory']),
    oomScoreAdj: oomScore(qos, requests['memory'] ?? limits['memory'], nodeMemoryBytes),
  };
}

/** The pod as a whole; a limit only where every container has one, or the pod itself. */
export function podResources(pod: Pick<Pod, 'spec'>): PodResources {
  const request = podRequests(pod)['cpu'] ?? 0;
  return { ...cpu(`${request}m`, limitOf(pod, 'cpu')), ...memory(limitOf(pod, 'memory')) };
}

function limitOf({ spec }: Pick<Pod, 'spec'>, name: 'cpu' | 'memory'): string | undefined {
  const limits = (containers: readonly Container[] = []): boolean =>
    containers.every(({ resources }) => resources?.limits?.[name]);
  if (spec.resources?.limits?.[name] === undefined && !(limits(spec.containers) && limits(spec.initContainers)))
    return undefined;
  const limit = podLimits({ spec })[name];
  if (limit === undefined) return undefined;
  return name === 'cpu' ? `${limit}m` : String(limit);
}

function cpu(request: string | undefined, limit: string | undefined): PodResources {
  const shares = Math.floor((milliValue(request ?? '0') * SHARES_PER_CPU) / 1000);
  const quota = limit === undefined ? 0 : (milliValue(limit) * PERIOD_MICROS) / 1000;
  return {
    cpuShares: Math.min(MOST_SHARES, Math.max(LEAST_SHARES, shares)),
    ...(quota > 0 ? { cpuPeriod: PERIOD_MICROS, cpuQuota: Math.max(LEAST_QUOTA_MICROS, Math.floor(quota)) } : {}),
  };
}

function memory(limit: string | undefined): Pick<PodResources, 'memoryLimitBytes'> {
  const bytes = limit === undefined ? 0 : unitValue(limit);
  return present({ memoryLimitBytes: bytes > 0 ? bytes : undefined });
}

/** The more of the node's memory a pod asked for, the later it is killed; between the guaranteed and those that asked for nothing. */
function oomScore(qos: QosClass, memoryRequest: string | undefined, nodeMemoryBytes: number): number {
  if (qos === 'Guaranteed') return GUARANTEED_SCORE;
  if (qos === 'BestEffort') return BEST_EFFORT_SCORE;
  const share = nodeMemoryBytes > 0 ? unitValue(memoryRequest ?? '0') / nodeMemoryBytes : 0;
  const score = Math.floor(1000 - 1000 * share);
  return Math.min(BEST_EFFORT_SCORE - 1, Math.max(1000 + GUARANTEED_SCORE, score));
}
