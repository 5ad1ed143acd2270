/** Reads the measured load of a target's pods and works out what each metric of an autoscaler asks for. */
import type { HorizontalPodAutoscaler } from '#api/autoscaling/horizontal-pod-autoscaler';
import type { Pod } from '#api/core/pod';
import { aggregatedQuantities } from '#api/core/pod-resources';
import { PodMetrics } from '#api/metrics/metrics';
import { parseGoDuration } from '#api/meta/go-duration';
import { formatQuantity, fromMilliUnits, milliUnits, parseQuantity } from '#api/meta/quantity';
import { parseTime } from '#api/meta/time';
import type {
  ContainerResourceMetricSource,
  MetricSpec,
  MetricStatus,
  ResourceMetricSource,
} from '#api/types/autoscaling-v2';
import { errorMessage } from '#base/errors';
import type { Client } from '#client/client';
import type { MetricOutcome } from './plan.ts';
import { type MetricProposal, type MetricTarget, planMetricReplicas, type Tolerances } from './plan-metric.ts';
import { planReadings, type Reading } from './plan-readings.ts';

/** The pods an autoscaler is responsible for, at one moment. */
export type Target = {
  readonly autoscaler: HorizontalPodAutoscaler;
  readonly pods: readonly Pod[];
  /** The label selector of the target, as its scale subresource gives it. */
  readonly selector: string;
  readonly currentReplicas: number;
  readonly nowMs: number;
};

// Upstream's --horizontal-pod-autoscaler-tolerance.
const DEFAULT_TOLERANCE = 0.1;

/** One outcome for each metric of the spec, in its order. */
export async function readMetrics(client: Client, target: Target): Promise<readonly MetricOutcome[]> {
  const { namespace } = target.autoscaler.metadata;
  let load: readonly PodMetrics[];
  try {
    ({ items: load } = await client.list(PodMetrics, {
      ...(namespace && { namespace }),
      labelSelector: target.selector,
    }));
  } catch (error) {
    load = [];
    const why = `unable to fetch metrics from resource metrics API: ${errorMessage(error)}`;
    return metricsOf(target).map((spec) => failure(spec, why));
  }
  const byPod = new Map(load.map((each) => [each.metadata.name, each]));
  return metricsOf(target).map((spec) => outcomeOf(spec, { ...target, byPod }));
}

const metricsOf = ({ autoscaler }: Target): readonly MetricSpec[] => autoscaler.spec.metrics ?? [];

type Measured = Target & { readonly byPod: ReadonlyMap<string, PodMetrics> };

function outcomeOf(spec: MetricSpec, measured: Measured): MetricOutcome {
  const source = spec.resource ?? spec.containerResource;
  if (source === undefined) {
    const message = `metric source type "${spec.type}" is not available: only Resource and ContainerResource are`;
    return { known: false, reason: 'InvalidMetricSourceType', message };
  }
  try {
    return measure(spec, source, measured);
  } catch (error) {
    return failure(spec, errorMessage(error));
  }
}

function measure(
  spec: MetricSpec,
  source: ResourceMetricSource | ContainerResourceMetricSource,
  measured: Measured,
): MetricOutcome {
  const container = 'container' in source ? source.container : undefined;
  const wanted: Wanted = { resource: source.name, container };
  const readings = planReadings({
    ...measured,
    resource: source.name,
    readingOf: (pod) => readingOf(pod, wanted, measured),
  });
  if (measured.byPod.size === 0)
    return failure(
      spec,
      `unable to get metrics for resource ${source.name}: no metrics returned from resource metrics API`,
    );
  const proposal = planMetricReplicas({
    currentReplicas: measured.currentReplicas,
    readings,
    target: targetOf(source, wanted),
    tolerances: tolerancesOf(measured.autoscaler),
  });
  if (proposal === undefined) return failure(spec, 'did not receive metrics for targeted pods (pods might be unready)');
  const what = `${source.name} ${container === undefined ? '' : 'container '}resource`;
  const description = source.target.type === 'Utilization' ? `${what} utilization (percentage of request)` : what;
  return { known: true, replicas: proposal.replicas, description, status: statusOf(spec, source, proposal) };
}

type Wanted = { readonly resource: string; readonly container: string | undefined };

function readingOf(pod: Pod, { resource, container }: Wanted, { byPod }: Measured): Reading | undefined {
  const measured = byPod.get(pod.metadata.name);
  if (measured === undefined) return undefined;
  const usages = measured.containers
    .filter(({ name }) => container === undefined || name === container)
    .map(({ usage }) => usage[resource]);
  if (usages.length === 0 || usages.includes(undefined)) return undefined;
  const value = usages.reduce((sum, text = '0') => sum + milliUnits(parseQuantity(text)), 0);
  return {
    value,
    atMs: parseTime(measured.timestamp),
    windowMs: Number(parseGoDuration(measured.window) / 1_000_000n),
  };
}

/** All amounts are thousandths, as upstream counts every resource here. */
function targetOf({ name, target }: ResourceMetricSource, { resource, container }: Wanted): MetricTarget {
  if (target.type !== 'Utilization')
    return { type: 'AverageValue', value: milliUnits(parseQuantity(target.averageValue ?? '0')) };
  return {
    type: 'Utilization',
    percent: target.averageUtilization ?? 0,
    requestOf: (pod) => requestOf(pod, { resource: name || resource, container }),
  };
}

function requestOf(pod: Pod, { resource, container }: Wanted): number {
  const counted =
    container === undefined ? pod.spec.containers : pod.spec.containers.filter(({ name }) => name === container);
  const silent = counted.find(({ resources }) => resources?.requests?.[resource] === undefined);
  if (silent !== undefined) {
    throw new Error(`missing request for ${resource} in container ${silent.name} of Pod ${pod.metadata.name}`);
  }
  const requested = aggregatedQuantities({ containers: counted }, 'requests')[resource] ?? '0';
  return milliUnits(parseQuantity(requested));
}

function tolerancesOf({ spec }: HorizontalPodAutoscaler): Tolerances {
  const read = (text: string | undefined): number =>
    text === undefined ? DEFAULT_TOLERANCE : milliUnits(parseQuantity(text)) / 1000;
  return { up: read(spec.behavior?.scaleUp?.tolerance), down: read(spec.behavior?.scaleDown?.tolerance) };
}

function statusOf(
  spec: MetricSpec,
  source: ResourceMetricSource | ContainerResourceMetricSource,
  proposal: MetricProposal,
): MetricStatus {
  const { averageValue, averageUtilization } = proposal;
  const current = {
    averageValue: formatQuantity(fromMilliUnits(averageValue, 'DecimalSI')),
    ...(averageUtilization === undefined ? {} : { averageUtilization }),
  };
  if ('container' in source) {
    return { type: spec.type, containerResource: { name: source.name, container: source.container, current } };
  }
  return { type: spec.type, resource: { name: source.name, current } };
}

function failure(spec: MetricSpec, why: string): MetricOutcome {
  const source = spec.resource ?? spec.containerResource;
  const utilization = source?.target.type === 'Utilization' ? ' utilization' : ' resource metric value';
  const reason = spec.type === 'ContainerResource' ? 'FailedGetContainerResourceMetric' : 'FailedGetResourceMetric';
  return { known: false, reason, message: `failed to get ${source?.name ?? spec.type}${utilization}: ${why}` };
}
