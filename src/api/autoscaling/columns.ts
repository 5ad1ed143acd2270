/** The table of autoscalers: what each metric is, and what it is to be. */
import { AGE_COLUMN, column, NAME_COLUMN, NONE } from '../meta/columns.ts';
import type { Column } from '../resource.ts';
import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
  ResourceMetricSource,
  ResourceMetricStatus,
} from '../types/autoscaling-v2.ts';

const UNKNOWN = '<unknown>';
const SHOWN = 2;

export const AUTOSCALER_COLUMNS: readonly Column<HorizontalPodAutoscaler>[] = [
  NAME_COLUMN,
  column('Reference', 'What it scales.', ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`),
  column('Targets', 'What each metric is, and what it is to be.', ({ spec, status }) =>
    formatTargets(spec.metrics ?? [], status?.currentMetrics ?? []),
  ),
  column('MinPods', 'The fewest replicas.', ({ spec }) =>
    spec.minReplicas === undefined ? '<unset>' : String(spec.minReplicas),
  ),
  column('MaxPods', 'The most replicas.', ({ spec }) => spec.maxReplicas),
  column('Replicas', 'How many replicas there are.', ({ status }) => status?.currentReplicas ?? 0),
  AGE_COLUMN,
];

function formatTargets(specs: readonly MetricSpec[], statuses: readonly MetricStatus[]): string {
  if (specs.length === 0) return NONE;
  const texts = specs.map((spec, index) => formatTarget(spec, statuses[index]));
  const shown = texts.slice(0, SHOWN).join(', ');
  return texts.length > SHOWN ? `${shown} + ${texts.length - SHOWN} more...` : shown;
}

type Format = (spec: MetricSpec, status: MetricStatus | undefined) => string;

const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['Resource', ({ resource }, status) => ofResource(resource, status?.resource)],
  ['ContainerResource', ({ containerResource }, status) => ofResource(containerResource, status?.containerResource)],
  ['Pods', ({ pods }, status) => `${status?.pods?.current.averageValue || UNKNOWN}/${pods?.target.averageValue}`],
  ['Object', ({ object }, status) => ofValue(object?.target, status?.object?.current)],
  ['External', ({ external }, status) => ofValue(external?.target, status?.external?.current)],
]);

function formatTarget(spec: MetricSpec, status: MetricStatus | undefined): string {
  return FORMATS.get(spec.type)?.(spec, status) ?? '<unknown type>';
}

function ofResource(source: ResourceMetricSource | undefined, status: ResourceMetricStatus | undefined): string {
  if (source === undefined) return UNKNOWN;
  const { name, target } = source;
  const current = status?.current;
  return target.averageValue === undefined
    ? `${name}: ${percent(current?.averageUtilization, UNKNOWN)}/${percent(target.averageUtilization, '<auto>')}`
    : `${name}: ${current?.averageValue || UNKNOWN}/${target.averageValue}`;
}

const percent = (utilization: number | undefined, otherwise: string): string =>
  utilization === undefined ? otherwise : `${utilization}%`;

function ofValue(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  return target?.averageValue === undefined
    ? `${current?.value || UNKNOWN}/${target?.value}`
    : `${current?.averageValue || UNKNOWN}/${target.averageValue} (avg)`;
}
