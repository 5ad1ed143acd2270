/** Requests and limits as the kernel knows them: shares, quotas, limits, out-of-memory order. */
import { milliValue, unitValue } from '#api/meta/quantity-arithmetic';
import type { Pod } from '#api/core/pod';
import { podLimits, podRequests } from '#api/core/pod-resources';
import type { QosClass } from '#api/core/qos';
import type { Container, ResourceRequirements } from '#api/types/core-v1';
import type { ContainerResources, PodResources } from '../../runtime/isolation.ts';

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
  const made: Growing<ContainerResources> = { cpuShares: sharesOf(milliOf(requests['cpu'] ?? limits['cpu']) ?? 0) };
  limit(made, { milliCores: milliOf(limits['cpu']), bytes: bytesOf(limits['memory']) });
  made.oomScoreAdj = oomScore(qos, requests['memory'] ?? limits['memory'], nodeMemoryBytes);
  return made;
}

/** The pod as a whole; a limit only where every container has one, or the pod itself. */
export function podResources(pod: Pick<Pod, 'spec'>): PodResources {
  const made: Growing<PodResources> = { cpuShares: sharesOf(podRequests(pod)['cpu'] ?? 0) };
  limit(made, { milliCores: limitOf(pod, 'cpu'), bytes: limitOf(pod, 'memory') });
  return made;
}

type Growing<T> = { -readonly [K in keyof T]: T[K] };

/** CPU in thousandths, memory in bytes. */
function limitOf({ spec }: Pick<Pod, 'spec'>, name: 'cpu' | 'memory'): number | undefined {
  const limits = (containers: readonly Container[] = []): boolean =>
    containers.every(({ resources }) => resources?.limits?.[name]);
  if (spec.resources?.limits?.[name] === undefined && !(limits(spec.containers) && limits(spec.initContainers)))
    return undefined;
  return podLimits({ spec })[name];
}

const milliOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : milliValue(text));
const bytesOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : unitValue(text));

function sharesOf(milliCores: number): number {
  return Math.min(MOST_SHARES, Math.max(LEAST_SHARES, Math.floor((milliCores * SHARES_PER_CPU) / 1000)));
}

type Limits = { readonly milliCores: number | undefined; readonly bytes: number | undefined };

function limit(made: Growing<PodResources>, { milliCores = 0, bytes = 0 }: Limits): void {
  const quota = (milliCores * PERIOD_MICROS) / 1000;
  if (quota > 0) {
    made.cpuPeriod = PERIOD_MICROS;
    made.cpuQuota = Math.max(LEAST_QUOTA_MICROS, Math.floor(quota));
  }
  if (bytes > 0) made.memoryLimitBytes = bytes;
}

/** The more of the node's memory a pod asked for, the later it is killed; between the guaranteed and those that asked for nothing. */
function oomScore(qos: QosClass, memoryRequest: string | undefined, nodeMemoryBytes: number): number {
  if (qos === 'Guaranteed') return GUARANTEED_SCORE;
  if (qos === 'BestEffort') return BEST_EFFORT_SCORE;
  const share = nodeMemoryBytes > 0 ? unitValue(memoryRequest ?? '0') / nodeMemoryBytes : 0;
  const score = Math.floor(1000 - 1000 * share);
  return Math.min(BEST_EFFORT_SCORE - 1, Math.max(1000 + GUARANTEED_SCORE, score));
}
