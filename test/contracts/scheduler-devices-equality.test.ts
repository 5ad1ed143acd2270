/** The scheduler gives devices where the reference scheduler, which tries every choice, finds that they can be given. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Node } from '#api/types/core-v1';
import type { Device, DeviceClass, DeviceRequest, ResourceClaim, ResourceSlice } from '#api/types/resource-v1';
import { planNodeDevices } from '#scheduler/devices/plan-devices';
import { PoolIndex } from '#scheduler/devices/pools';
import { requestedBy } from '#scheduler/devices/wishes';
import { maybe } from '../reference-scheduler/arbitrary-pods.ts';
import { giveDevices } from '../reference-scheduler/devices.ts';

const DRIVER = 'gpu.example.com';

/** Expressions with what they say, said twice. */
const EXPRESSIONS: Readonly<Record<string, (device: Device) => boolean>> = {
  'device.driver == "gpu.example.com"': () => true,
  [`device.attributes["${DRIVER}"].index > 0`]: ({ attributes }) => (attributes?.['index']?.int ?? 0) > 0,
  [`device.attributes["${DRIVER}"].model == "large"`]: ({ attributes }) => attributes?.['model']?.string === 'large',
  [`device.attributes["${DRIVER}"].model != "large"`]: ({ attributes }) => attributes?.['model']?.string !== 'large',
  [`device.capacity["${DRIVER}"].memory.compareTo(quantity("10Gi")) >= 0`]: ({ capacity }) =>
    capacity?.['memory']?.value === '20Gi',
};
const selector = fc.constantFrom(...Object.keys(EXPRESSIONS)).map((expression) => ({ cel: { expression } }));

const CLASSES: Readonly<Record<string, readonly { readonly cel: { readonly expression: string } }[]>> = {
  any: [{ cel: { expression: 'device.driver == "gpu.example.com"' } }],
  large: [{ cel: { expression: `device.attributes["${DRIVER}"].model == "large"` } }],
};

const meta = (name: string) => ({ name, uid: `uid-of-${name}`, resourceVersion: '1', creationTimestamp: '' });

const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { ...meta('n1'), labels: { zone: 'a' } },
  spec: {},
  status: {},
} as unknown as Node;

const device = fc
  .record({
    model: fc.constantFrom('large', 'small'),
    numa: fc.constantFrom(0, 1),
    memory: fc.constantFrom('5Gi', '20Gi'),
    hasNuma: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ model, numa, memory, hasNuma }) => (name: string, index: number): Device => ({
    name,
    attributes: {
      index: { int: index },
      model: { string: model },
      ...(hasNuma === 0 ? {} : { 'example.com/numa': { int: numa } }),
    },
    capacity: { memory: { value: memory } },
  }));

const zoneIs = (value: string) => ({
  nodeSelector: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [value] }] }] },
});

const slice = fc
  .record({
    pool: fc.constantFrom('p1', 'p2', 'p3'),
    generation: fc.constantFrom(1, 1, 1, 1, 2),
    count: fc.constantFrom(1, 1, 1, 1, 2),
    devices: fc.array(device, { minLength: 1, maxLength: 4 }),
    where: fc.constantFrom<object>(
      { nodeName: 'n1' },
      { nodeName: 'n1' },
      { nodeName: 'n1' },
      { nodeName: 'n2' },
      zoneIs('a'),
      zoneIs('b'),
      {
        allNodes: true,
      },
    ),
    first: fc.constantFrom(0, 0, 3),
  })
  .map(({ pool, generation, count, devices, where, first }) => (name: string) => {
    const spec = {
      driver: DRIVER,
      pool: { name: pool, generation, resourceSliceCount: count },
      devices: devices.map((make, index) => make(`gpu-${first + index}`, first + index)),
      ...where,
    };
    return { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceSlice', metadata: meta(name), spec } as ResourceSlice;
  });

const wish = fc
  .record({
    deviceClassName: fc.constantFrom('any', 'any', 'large'),
    selectors: maybe(fc.array(selector, { minLength: 1, maxLength: 2 }), 30),
    count: maybe(fc.constantFrom(1, 1, 2, 3)),
    isAll: fc.integer({ min: 0, max: 6 }),
  })
  .map(({ deviceClassName, selectors, count, isAll }) => ({
    deviceClassName,
    ...(selectors === undefined ? {} : { selectors }),
    ...(isAll === 0 ? { allocationMode: 'All' } : count === undefined ? {} : { count }),
  }));

const request = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(wish, fc.integer({ min: 0, max: 9 }))
      .map(([exactly, admin]) => ({ exactly: admin === 0 ? { ...exactly, adminAccess: true } : exactly })),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(wish, { minLength: 1, maxLength: 2 })
      .map((all) => ({ firstAvailable: all.map((each, index) => ({ name: `sub-${index}`, ...each })) })),
  },
);

const constraint = fc.constantFrom(
  { matchAttribute: 'example.com/numa' },
  { matchAttribute: 'example.com/numa', requests: ['r0'] },
  { matchAttribute: `${DRIVER}/model`, requests: ['r0', 'r1'] },
);

const claims = fc
  .array(
    fc.record({
      requests: fc.array(request, { minLength: 1, maxLength: 2 }),
      constraints: maybe(fc.array(constraint, { minLength: 1, maxLength: 1 }), 40),
    }),
    { minLength: 1, maxLength: 2 },
  )
  .map((all) =>
    all.map(({ requests, constraints = [] }, index) => ({
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceClaim',
      metadata: { ...meta(`claim-${index}`), namespace: 'default' },
      spec: {
        devices: {
          requests: requests.map((each, at): DeviceRequest => ({ name: `r${at}`, ...each })),
          constraints,
        },
      },
    })),
  ) as unknown as fc.Arbitrary<readonly ResourceClaim[]>;

type Given = {
  readonly slices: readonly ResourceSlice[];
  readonly used: ReadonlySet<string>;
  readonly claims: readonly ResourceClaim[];
};

const given: fc.Arbitrary<Given> = fc
  .record({
    slices: fc.array(slice, { minLength: 1, maxLength: 3 }),
    used: fc.subarray(['p1/gpu-0', 'p1/gpu-1', 'p2/gpu-0', 'p2/gpu-3'], { maxLength: 2 }),
    claims,
  })
  .map(({ slices, used, claims: all }) => ({
    slices: slices.map((make, index) => make(`slice-${index}`)),
    used: new Set(used.map((each) => `${DRIVER}/${each}`)),
    claims: all,
  }));

const deviceClass = (name: string): DeviceClass | undefined => {
  const selectors = CLASSES[name];
  if (selectors === undefined) return undefined;
  return { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata: meta(name), spec: { selectors } };
};

function agreement(forget: 'nothing' | 'what is used'): fc.IProperty<[Given]> {
  return fc.property(given, ({ slices, used, claims: all }) => {
    const requested = requestedBy(all, deviceClass);
    assert.ok(typeof requested !== 'string');
    const offer = {
      node: NODE,
      pools: new PoolIndex(slices).on(NODE),
      used: forget === 'nothing' ? used : new Set<string>(),
    };
    const chosen = planNodeDevices({ allocated: [], open: all, requested }, offer);
    const selects = (expression: string, each: Device): boolean => EXPRESSIONS[expression]?.(each) === true;
    const expected = giveDevices({ slices, classes: CLASSES, used, selects }, all, NODE);
    assert.equal(
      typeof chosen === 'string' ? chosen : 'given',
      expected === undefined ? 'cannot allocate all claims' : 'given',
    );
    if (typeof chosen === 'string') return;
    const own = chosen.filter(({ isAdmin }) => !isAdmin).map(({ from }) => from.id);
    assert.equal(new Set(own).size, own.length, 'a device goes to two');
    assert.ok(!own.some((id) => used.has(id)), 'a device is in use');
    assert.equal(chosen.length > 0, (expected ?? []).length > 0);
  });
}

// More of them, now and then: EQUALITY_RUNS=20000.
const RUNS = Number(process.env['EQUALITY_RUNS'] ?? 400);

test('[EQU5] devices are given where every choice tried finds that they can be', () => {
  fc.assert(agreement('nothing'), { numRuns: RUNS });
});

test('[EQU3] devices that are forgotten to be in use are missed', () => {
  assert.ok(fc.check(agreement('what is used'), { numRuns: 2000 }).failed);
});
