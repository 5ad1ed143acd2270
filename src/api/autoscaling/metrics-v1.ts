/** Metrics of autoscalers between version 2 of their API, which nests what belongs together, and the flat version 1. */
import type * as v1 from '../types/autoscaling-v1.ts';
import type * as v2 from '../types/autoscaling-v2.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Where version 2 has what version 1 has under a name: on top, or in a part. */
type Place = {
  readonly part: string;
  readonly name?: string;
  /** An amount that version 1 always has. */
  readonly always?: boolean;
};
type Places = Readonly<Record<string, Place>>;

/** A spec measures against a `target`, a status says what is `current`; all else they have in common. */
type Measure = 'target' | 'current';

function placesOf(measure: Measure): Readonly<Record<string, Places>> {
  const isStatus = measure === 'current';
  const value = (always: boolean): Places => ({ [`${measure}Value`]: { part: measure, name: 'value', always } });
  const average = (always: boolean): Places => ({
    [`${measure}AverageValue`]: { part: measure, name: 'averageValue', always },
  });
  const metricName: Place = { part: 'metric', name: 'name' };
  const selector: Place = { part: 'metric', name: 'selector' };
  const resource: Places = {
    name: { part: 'name' },
    [`${measure}AverageUtilization`]: { part: measure, name: 'averageUtilization' },
    ...average(isStatus),
  };
  return {
    object: {
      target: { part: 'describedObject' },
      metricName,
      selector,
      ...value(true),
      averageValue: { part: measure, name: 'averageValue' },
    },
    pods: { metricName, selector, ...average(true) },
    resource,
    containerResource: { ...resource, container: { part: 'container' } },
    external: { metricName, metricSelector: selector, ...value(isStatus), ...average(false) },
  };
}

const PLACES = { target: placesOf('target'), current: placesOf('current') } as const;

export const metricToV1 = (metric: v2.MetricSpec): v1.MetricSpec => toV1(metric, 'target') as v1.MetricSpec;

export const metricStatusToV1 = (status: v2.MetricStatus): v1.MetricStatus =>
  toV1(status, 'current') as v1.MetricStatus;

export const metricFromV1 = (metric: v1.MetricSpec): v2.MetricSpec => fromV1(metric, 'target') as v2.MetricSpec;

export const metricStatusFromV1 = (status: v1.MetricStatus): v2.MetricStatus =>
  fromV1(status, 'current') as v2.MetricStatus;

const ZERO = '0';

function toV1(metric: Fields, measure: Measure): Fields {
  const mapped: Record<string, unknown> = { ...metric };
  for (const [source, places] of Object.entries(PLACES[measure]))
    if (metric[source] !== undefined) mapped[source] = flatten(metric[source] as Fields, places);
  return mapped;
}

function flatten(nested: Fields, places: Places): Fields {
  const flat: Record<string, unknown> = {};
  for (const [name, place] of Object.entries(places)) {
    const part = nested[place.part];
    const value = place.name === undefined ? part : (part as Fields)[place.name];
    if (value !== undefined || place.always) flat[name] = value ?? ZERO;
  }
  return flat;
}

function fromV1(metric: Fields, measure: Measure): Fields {
  const mapped: Record<string, unknown> = { ...metric };
  for (const [source, places] of Object.entries(PLACES[measure])) {
    if (metric[source] === undefined) continue;
    const nested = nest(metric[source] as Fields, places);
    const measured = (nested[measure] ?? {}) as Fields;
    mapped[source] = { ...nested, [measure]: measure === 'target' ? withType(measured) : measured };
  }
  return mapped;
}

function nest(flat: Fields, places: Places): Fields {
  const nested: Record<string, unknown> = {};
  for (const [name, { part, name: inner }] of Object.entries(places)) {
    if (inner === undefined) nested[part] = flat[name];
    else if (flat[name] !== undefined) nested[part] = { ...(nested[part] as Fields | undefined), [inner]: flat[name] };
  }
  return nested;
}

/** Version 1 leaves open what kind of amount it means: its names tell. A zero beside an average is no amount. */
function withType({ value, ...averages }: Fields): Fields {
  if (averages['averageUtilization'] !== undefined) return { type: 'Utilization', ...averages };
  if (averages['averageValue'] === undefined && value !== undefined) return { type: 'Value', value };
  return { type: 'AverageValue', ...(value === undefined || value === ZERO ? {} : { value }), ...averages };
}
