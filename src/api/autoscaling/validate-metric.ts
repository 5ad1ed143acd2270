/** Validates what an autoscaler looks at: one source, with a target that suits it. */
import { readQuantity, validateContainerResourceName } from '../core/pod/resources.ts';
import type { FieldError } from '../meta/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../meta/field-error.ts';
import { checkDnsLabel, checkPathSegment } from '../meta/names.ts';
import { validateName } from '../meta/validate-labels.ts';
import type {
  ContainerResourceMetricSource,
  ExternalMetricSource,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
  ObjectMetricSource,
  PodsMetricSource,
  ResourceMetricSource,
} from '../types/autoscaling-v2.ts';
import { validateReference, validateVersion } from './reference.ts';

type Source = Exclude<keyof MetricSpec, 'type'>;

/** Under which field each type has its source, in the order in which the first of several counts. */
const SOURCES: readonly (readonly [type: string, source: Source])[] = [
  ['Object', 'object'],
  ['External', 'external'],
  ['Pods', 'pods'],
  ['Resource', 'resource'],
  ['ContainerResource', 'containerResource'],
];
const TYPES = SOURCES.map(([type]) => type).toSorted();

export function* validateMetric(metric: MetricSpec, field: string): Generator<FieldError> {
  if (metric.type === '') yield required(`${field}.type`, 'must specify a metric source type');
  if (!TYPES.includes(metric.type)) yield notSupported(`${field}.type`, metric.type, TYPES);
  const present = SOURCES.map(([, source]) => source).filter((source) => metric[source] !== undefined);
  const [first] = present;
  if (first !== undefined) yield* validateSource({ type: metric.type, [first]: metric[first] }, `${field}.${first}`);
  const expected = SOURCES.find(([type]) => type === metric.type)?.[1];
  if (expected !== undefined && metric[expected] === undefined)
    yield required(`${field}.${expected}`, 'must populate information for the given metric source');
  if (present.length > 1)
    for (const source of present)
      if (source !== expected) yield forbidden(`${field}.${source}`, 'must populate the given metric source only');
}

function* validateSource(
  { object, external, pods, resource, containerResource }: MetricSpec,
  field: string,
): Generator<FieldError> {
  if (object !== undefined) yield* validateObject(object, field);
  if (external !== undefined) yield* validateExternal(external, field);
  if (pods !== undefined) yield* validatePods(pods, field);
  if (resource !== undefined) yield* validateResource(resource, field);
  if (containerResource !== undefined) yield* validateContainerResource(containerResource, field);
}

function* validateObject(
  { describedObject, metric, target }: ObjectMetricSource,
  field: string,
): Generator<FieldError> {
  yield* validateReference(describedObject, `${field}.describedObject`);
  yield* validateVersion(describedObject.apiVersion ?? '', `${field}.describedObject`);
  yield* validateIdentifier(metric, `${field}.metric`);
  yield* validateTarget(target, `${field}.target`);
  if (target.value === undefined && target.averageValue === undefined)
    yield required(`${field}.target.averageValue`, 'must set either a target value or averageValue');
}

function* validateExternal({ metric, target }: ExternalMetricSource, field: string): Generator<FieldError> {
  yield* validateIdentifier(metric, `${field}.metric`);
  yield* validateTarget(target, `${field}.target`);
  if (target.value === undefined && target.averageValue === undefined)
    yield required(`${field}.target.averageValue`, 'must set either a target value for metric or a per-pod target');
  if (target.value !== undefined && target.averageValue !== undefined)
    yield forbidden(`${field}.target.value`, 'may not set both a target value for metric and a per-pod target');
}

function* validatePods({ metric, target }: PodsMetricSource, field: string): Generator<FieldError> {
  yield* validateIdentifier(metric, `${field}.metric`);
  yield* validateTarget(target, `${field}.target`);
  if (target.averageValue === undefined)
    yield required(`${field}.target.averageValue`, 'must specify a positive target averageValue');
}

function* validateResource({ name, target }: ResourceMetricSource, field: string): Generator<FieldError> {
  if (name === '') yield required(`${field}.name`, 'must specify a resource name');
  yield* validateResourceTarget(target, `${field}.target`);
}

function* validateContainerResource(source: ContainerResourceMetricSource, field: string): Generator<FieldError> {
  const { name, container, target } = source;
  if (name === '') yield required(`${field}.name`, 'must specify a resource name');
  else yield* validateContainerResourceName(name, `${field}.name`);
  if (container === '') yield required(`${field}.container`, 'must specify a container');
  else yield* validateName(container, checkDnsLabel, `${field}.container`);
  yield* validateResourceTarget(target, `${field}.target`);
}

/** Use of a resource is measured against what was requested, or against an amount: one of the two. */
function* validateResourceTarget(target: MetricTarget, field: string): Generator<FieldError> {
  yield* validateTarget(target, field);
  const { averageUtilization, averageValue } = target;
  if (averageUtilization === undefined && averageValue === undefined)
    yield required(`${field}.averageUtilization`, 'must set either a target raw value or a target utilization');
  if (averageUtilization !== undefined && averageValue !== undefined)
    yield forbidden(`${field}.averageValue`, 'may not set both a target raw value and a target utilization');
}

const TARGET_TYPES: readonly string[] = ['Utilization', 'Value', 'AverageValue'];

function* validateTarget(target: MetricTarget, field: string): Generator<FieldError> {
  const { type, value, averageValue, averageUtilization } = target;
  if (type === '') yield required(`${field}.type`, 'must specify a metric target type');
  if (!TARGET_TYPES.includes(type))
    yield invalid(`${field}.type`, type, 'must be either Utilization, Value, or AverageValue');
  yield* validatePositive(value, `${field}.value`);
  yield* validatePositive(averageValue, `${field}.averageValue`);
  if (averageUtilization !== undefined && averageUtilization < 1)
    yield invalid(`${field}.averageUtilization`, averageUtilization, 'must be greater than 0');
}

function* validatePositive(text: string | undefined, field: string): Generator<FieldError> {
  if (text === undefined) return;
  const quantity = yield* readQuantity(text, field);
  if (quantity !== undefined && quantity.nanos <= 0n) yield invalid(field, text, 'must be positive');
}

function* validateIdentifier({ name }: MetricIdentifier, field: string): Generator<FieldError> {
  if (name === '') yield required(`${field}.name`, 'must specify a metric name');
  else yield* validateName(name, checkPathSegment, `${field}.name`);
}
