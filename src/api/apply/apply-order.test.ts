import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isJsonObject, type JsonObject } from '../meta/json-value.ts';
import { schemaFor } from '../schema/schema.ts';
import { structType } from './apply-type.ts';
import { zeroObject } from './created-fields.ts';
import { type Managers, NO_MANAGERS } from './ownership.ts';
import { planApply } from './plan-apply.ts';
import type { Versions } from './versions.ts';

const SCHEMA = schemaFor({ group: 'apps', version: 'v1', kind: 'Deployment' })!;
const TYPE = structType(SCHEMA);
const VERSIONS: Versions = { typeIn: () => TYPE, inVersion: (object) => object };

type State = { readonly object: JsonObject; readonly managers: Managers };
const NEW: State = {
  object: { apiVersion: 'apps/v1', kind: 'Deployment', ...zeroObject(SCHEMA) },
  managers: NO_MANAGERS,
};

const container = (name: string, rest: JsonObject): JsonObject => ({
  spec: { template: { spec: { containers: [{ name, ...rest }] } } },
});

/** Fields that different managers may set; several are of one container, whose name is the same for all. */
const FIELDS: readonly JsonObject[] = [
  { spec: { replicas: 3 } },
  { spec: { paused: true } },
  { spec: { strategy: { type: 'RollingUpdate' } } },
  { spec: { strategy: { rollingUpdate: { maxSurge: '25%' } } } },
  { metadata: { labels: { a: '1' } } },
  { metadata: { labels: { __proto__x: '2' } } },
  { metadata: { annotations: { note: 'x' } } },
  { metadata: { finalizers: ['x.io/one'] } },
  { metadata: { finalizers: ['x.io/two'] } },
  container('main', { image: 'web:1' }),
  container('main', { args: ['a', 'b'] }),
  container('main', { ports: [{ containerPort: 80 }] }),
  container('main', { ports: [{ containerPort: 81, protocol: 'UDP' }] }),
  container('main', { env: [{ name: 'A', value: '1' }] }),
  container('side', { image: 'side:1' }),
  container('side', { resources: { limits: { cpu: '1' } } }),
  { spec: { template: { spec: { nodeSelector: { disk: 'ssd' } } } } },
  { spec: { template: { metadata: { labels: { app: 'web' } } } } },
];

function merge(left: unknown, right: unknown): unknown {
  if (Array.isArray(left) && Array.isArray(right)) return mergeItems(left, right);
  if (!isJsonObject(left) || !isJsonObject(right)) return right;
  const shared = Object.keys(left).filter((key) => key in right);
  return { ...left, ...right, ...Object.fromEntries(shared.map((key) => [key, merge(left[key], right[key])])) };
}

/** Of the same container; all else in lists is different. */
function mergeItems(left: readonly unknown[], right: readonly unknown[]): readonly unknown[] {
  const nameOf = (item: unknown): unknown => (isJsonObject(item) ? item['name'] : undefined);
  const isSame = (one: unknown, other: unknown): boolean => nameOf(one) !== undefined && nameOf(one) === nameOf(other);
  const merged = left.map((item) => right.filter((other) => isSame(item, other)).reduce(merge, item));
  return [...merged, ...right.filter((item) => !left.some((other) => isSame(item, other)))];
}

type Manifest = { readonly manager: string; readonly configuration: JsonObject };

const IDENTITY = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } };

/** Three managers, between whom all chosen fields are divided, in two orders. */
const manifests = fc
  .array(fc.constantFrom('a', 'b', 'c', undefined), { minLength: FIELDS.length, maxLength: FIELDS.length })
  .map((owners) =>
    ['a', 'b', 'c'].map((manager): Manifest => {
      const own = FIELDS.filter((_, index) => owners[index] === manager);
      return { manager, configuration: own.reduce(merge, IDENTITY) as JsonObject };
    }),
  );
const orders = fc.tuple(manifests, fc.shuffledSubarray([0, 1, 2], { minLength: 3 }));

function apply({ object: live, managers }: State, { manager, configuration }: Manifest): State {
  const writer = {
    manager,
    apiVersion: 'apps/v1',
    subresource: '',
    part: 'spec',
    time: '2026-01-01T00:00:00Z',
  } as const;
  const plan = planApply({ live, configuration, managers, versions: VERSIONS, writer, onConflict: 'refuse' });
  assert.ok('object' in plan);
  return plan;
}

/** Lists whose items have names are the same in any order. */
function unordered(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(unordered).toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, unordered(value[key])]),
  );
}

test('[APL18] managers of different fields make the same object in any order', () => {
  fc.assert(
    fc.property(orders, ([all, order]) => {
      const one = all.reduce(apply, NEW);
      const other = order.map((index) => all[index]!).reduce(apply, NEW);
      assert.deepEqual(unordered(other.object), unordered(one.object));
      assert.deepEqual(Object.fromEntries(other.managers), Object.fromEntries(one.managers));
    }),
  );
});

test('[APL10] managers who apply again what they applied change nothing', () => {
  fc.assert(
    fc.property(manifests, (all) => {
      const state = all.reduce(apply, NEW);
      const again = structuredClone(all).reduce(apply, state);
      assert.equal(again.object, state.object);
      assert.deepEqual(again.managers, state.managers);
    }),
  );
});

test('[APL6] a manager who applies nothing any more leaves what the others made', () => {
  fc.assert(
    fc.property(manifests, ([first, second, third]) => {
      const all = [first!, second!, third!].reduce(apply, NEW);
      const left = apply(all, { manager: 'b', configuration: IDENTITY });
      const never = [first!, third!].reduce(apply, NEW);
      assert.deepEqual(withoutEmpty(unordered(left.object)), withoutEmpty(unordered(never.object)));
    }),
  );
});

/** What holds nothing is as good as absent. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, part]) => [key, withoutEmpty(part)] as const);
  return Object.fromEntries(
    entries.filter(([, part]) => !(typeof part === 'object' && part !== null && Object.keys(part).length === 0)),
  );
}
