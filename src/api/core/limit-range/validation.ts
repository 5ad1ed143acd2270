/** Validates a limit range: each kind of thing is bounded once, and its bounds agree with each other. */
import type { FieldError } from '../../meta/field-error.ts';
import { duplicate, forbidden, invalid, required } from '../../meta/field-error.ts';
import { checkQualifiedName } from '../../meta/names.ts';
import { compareQuantities } from '../../meta/quantity-arithmetic.ts';
import { formatQuantity, milliUnits, type Quantity } from '../../meta/quantity.ts';
import { validateName } from '../../meta/validate-labels.ts';
import type { LimitRange, LimitRangeItem } from '../../types/core-v1.ts';
import { readQuantity, validateContainerResourceName, validateResourceNameForm } from '../pod/resources.ts';
import { mayOvercommit } from '../resource-names.ts';

const STANDARD_TYPES: readonly string[] = ['Pod', 'Container', 'PersistentVolumeClaim'];

export function* validateLimitRange({ spec }: LimitRange): Generator<FieldError> {
  const seen = new Set<string>();
  for (const [index, item] of spec.limits.entries()) {
    const field = `spec.limits[${index}]`;
    yield* validateType(item.type, `${field}.type`);
    if (seen.has(item.type)) yield duplicate(`${field}.type`, item.type);
    seen.add(item.type);
    yield* validateItem(item, field);
  }
}

function* validateType(type: string, field: string): Generator<FieldError> {
  yield* validateName(type, checkQualifiedName, field);
  if (checkQualifiedName(type).length > 0 || type.includes('/') || STANDARD_TYPES.includes(type)) return;
  yield invalid(field, type, 'must be a standard limit type or fully qualified');
}

type Bound = 'min' | 'max' | 'default' | 'defaultRequest' | 'maxLimitRequestRatio';
type Bounds = Partial<Record<Bound, Quantity>>;

function* validateItem(item: LimitRangeItem, field: string): Generator<FieldError> {
  const byName = new Map<string, Bounds>();
  for (const bound of ['max', 'min'] as const) yield* readBound(item, bound, { field, byName });
  if (item.type === 'Pod') yield* refuseDefaults(item, field);
  else for (const bound of ['default', 'defaultRequest'] as const) yield* readBound(item, bound, { field, byName });
  if (item.type === 'PersistentVolumeClaim' && !item.min?.['storage'] && !item.max?.['storage']) {
    yield required(`${field}.limits`, 'either minimum or maximum storage value is required, but neither was provided');
  }
  yield* readBound(item, 'maxLimitRequestRatio', { field, byName });
  for (const [name, bounds] of byName) {
    yield* validateOrder(bounds, name, field);
    yield* validateRatio(bounds, `${field}.maxLimitRequestRatio[${name}]`);
    yield* validateOvercommit(bounds, name, field);
  }
}

function* refuseDefaults(item: LimitRangeItem, field: string): Generator<FieldError> {
  for (const bound of ['default', 'defaultRequest'] as const) {
    if (Object.keys(item[bound] ?? {}).length === 0) continue;
    yield forbidden(`${field}.${bound}`, "may not be specified when `type` is 'Pod'");
  }
}

type Reading = { readonly field: string; readonly byName: Map<string, Bounds> };

function* readBound(item: LimitRangeItem, bound: Bound, { field, byName }: Reading): Generator<FieldError> {
  const isOfPods = item.type === 'Pod' || item.type === 'Container';
  for (const [name, text] of Object.entries(item[bound] ?? {})) {
    const path = `${field}.${bound}[${name}]`;
    if (isOfPods) yield* validateContainerResourceName(name, path);
    else yield* validateResourceNameForm(name, path);
    const quantity = yield* readQuantity(text, path);
    if (quantity !== undefined) byName.set(name, { ...byName.get(name), [bound]: quantity });
  }
}

type Order = {
  readonly low: Bound;
  readonly high: Bound;
  /** Whose field is at fault, and whose value is shown there. */
  readonly field: Bound;
  readonly shown: Bound;
  readonly words: readonly [low: string, high: string];
};

const ORDERS: readonly Order[] = [
  { low: 'min', high: 'max', field: 'min', shown: 'min', words: ['min', 'max'] },
  {
    low: 'min',
    high: 'defaultRequest',
    field: 'defaultRequest',
    shown: 'defaultRequest',
    words: ['min', 'default request'],
  },
  {
    low: 'defaultRequest',
    high: 'max',
    field: 'defaultRequest',
    shown: 'defaultRequest',
    words: ['default request', 'max'],
  },
  {
    low: 'defaultRequest',
    high: 'default',
    field: 'defaultRequest',
    shown: 'defaultRequest',
    words: ['default request', 'default limit'],
  },
  { low: 'min', high: 'default', field: 'default', shown: 'min', words: ['min', 'default'] },
  { low: 'default', high: 'max', field: 'default', shown: 'max', words: ['default', 'max'] },
];

function* validateOrder(bounds: Bounds, name: string, field: string): Generator<FieldError> {
  for (const { low, high, field: at, shown, words } of ORDERS) {
    const [smaller, greater, value] = [bounds[low], bounds[high], bounds[shown]];
    if (smaller === undefined || greater === undefined || value === undefined) continue;
    if (compareQuantities(smaller, greater) <= 0) continue;
    const [lowWord, highWord] = words;
    const why = `${lowWord} value ${formatQuantity(smaller)} is greater than ${highWord} value ${formatQuantity(greater)}`;
    yield invalid(`${field}.${at}[${name}]`, formatQuantity(value), why);
  }
}

const ONE_IN_MILLI = 1000;

function* validateRatio({ maxLimitRequestRatio: ratio, min, max }: Bounds, field: string): Generator<FieldError> {
  if (ratio === undefined) return;
  const text = formatQuantity(ratio);
  if (milliUnits(ratio) < ONE_IN_MILLI) yield invalid(field, text, `ratio ${text} is less than 1`);
  if (min === undefined || max === undefined) return;
  const most = milliUnits(max) / milliUnits(min);
  if (milliUnits(ratio) / ONE_IN_MILLI > most) {
    yield invalid(field, text, `ratio ${text} is greater than max/min = ${most.toFixed(6)}`);
  }
}

/** What cannot be promised twice is asked for as much as it is limited to. */
function* validateOvercommit(bounds: Bounds, name: string, field: string): Generator<FieldError> {
  const { default: limit, defaultRequest: request } = bounds;
  if (limit === undefined || request === undefined || mayOvercommit(name)) return;
  if (compareQuantities(limit, request) === 0) return;
  const [limitText, requestText] = [formatQuantity(limit), formatQuantity(request)];
  const why = `default value ${limitText} must equal to defaultRequest value ${requestText} in ${name}`;
  yield invalid(`${field}.defaultRequest[${name}]`, requestText, why);
}
