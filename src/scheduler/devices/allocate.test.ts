import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  Device,
  DeviceClaim,
  DeviceClass,
  DeviceRequest,
  ResourceClaim,
  ResourceSlice,
  ResourceSliceSpec,
} from '#api/types/resource-v1';
import { aNode } from '#test/builders/nodes';
import { aMeta } from '#test/builders/workloads';
import { chooseDevices } from './allocate.ts';
import { allocationOf } from './allocation-result.ts';
import { gatherPools } from './pools.ts';
import { requestedBy } from './wishes.ts';

const NODE = aNode({ name: 'n1', labels: { zone: 'a' } });
const CONFIG = [{ opaque: { driver: 'gpu.example', parameters: { from: 'class' } } }];

const aClass = (name: string, expression?: string, config?: DeviceClass['spec']['config']): DeviceClass => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'DeviceClass',
  metadata: aMeta(name),
  spec: {
    ...(expression === undefined ? {} : { selectors: [{ cel: { expression } }] }),
    ...(config === undefined ? {} : { config }),
  },
});
const CLASSES = [aClass('gpu', 'device.driver == "gpu.example"', CONFIG), aClass('any')];
const findClass = (name: string): DeviceClass | undefined => CLASSES.find(({ metadata }) => metadata.name === name);

const aClaim = (name: string, devices: DeviceClaim): ResourceClaim => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata: aMeta(name),
  spec: { devices },
});
const exactly = (name: string, rest: Partial<DeviceRequest['exactly']> = {}): DeviceRequest => ({
  name,
  exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1, ...rest },
});
const aGpu = (name: string, memory: string, model = 'a'): Device => ({
  name,
  attributes: { model: { string: model } },
  capacity: { memory: { value: memory } },
});
const aSlice = (name: string, devices: readonly Device[], spec: Partial<ResourceSliceSpec> = {}): ResourceSlice => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceSlice',
  metadata: aMeta(name),
  spec: {
    driver: 'gpu.example',
    pool: { name: 'n1', generation: 1, resourceSliceCount: 1 },
    ...(spec.allNodes === true || spec.nodeSelector !== undefined ? {} : { nodeName: 'n1' }),
    devices,
    ...spec,
  },
});
const selector = (expression: string) => ({ selectors: [{ cel: { expression } }] });

type Setting = { readonly slices: readonly ResourceSlice[]; readonly used?: readonly string[] };

/** By claim, `request=device` of each device; or why there are none. */
function choose(claims: readonly ResourceClaim[], { slices, used = [] }: Setting): string {
  const requested = requestedBy(claims, findClass);
  if (typeof requested === 'string') return requested;
  const offer = { node: NODE, pools: gatherPools(slices), used: new Set(used) };
  const choice = chooseDevices(requested, offer);
  if (typeof choice === 'string') return choice;
  return choice.map(({ claim, request, from }) => `${claim.metadata.name}:${request}=${from.device.name}`).join(' ');
}

const FOUR = [
  aSlice(
    's',
    ['0', '1', '2', '3'].map((index) => aGpu(`gpu-${index}`, `${10 * (Number(index) + 1)}Gi`, index < '2' ? 'a' : 'b')),
  ),
];

test('[DRA30] a request gets as many devices as it asks for, of those its class and its selectors select and nobody uses', () => {
  const claim = aClaim('c', { requests: [exactly('gpu', { count: 2 })] });
  assert.equal(choose([claim], { slices: FOUR }), 'c:gpu=gpu-0 c:gpu=gpu-1');
  assert.equal(choose([claim], { slices: FOUR, used: ['gpu.example/n1/gpu-1'] }), 'c:gpu=gpu-0 c:gpu=gpu-2');
  const large = exactly('gpu', selector('device.capacity["gpu.example"].memory.compareTo(quantity("30Gi")) >= 0'));
  assert.equal(choose([aClaim('c', { requests: [large] })], { slices: FOUR }), 'c:gpu=gpu-2');
  assert.equal(choose([aClaim('c', { requests: [exactly('gpu', { count: 5 })] })], { slices: FOUR }), 'none');
  const other = [aSlice('s', [aGpu('x', '1Gi')], { driver: 'other.example' })];
  assert.equal(choose([claim], { slices: other }), 'none');
});

test('[DRA31] claims get their devices together or not at all, and no device goes to two', () => {
  const one = aClaim('one', { requests: [exactly('a'), exactly('b')] });
  const two = aClaim('two', { requests: [exactly('c', { count: 2 })] });
  assert.equal(choose([one, two], { slices: FOUR }), 'one:a=gpu-0 one:b=gpu-1 two:c=gpu-2 two:c=gpu-3');
  assert.equal(choose([one, two], { slices: FOUR, used: ['gpu.example/n1/gpu-0'] }), 'none');
  // The first takes what suits both, unless that leaves nothing for the second.
  const picky = exactly('picky', selector('device.attributes["gpu.example"].model == "a"'));
  const claim = aClaim('c', { requests: [exactly('any', { count: 3 }), picky] });
  assert.equal(choose([claim], { slices: FOUR }), 'c:any=gpu-0 c:any=gpu-2 c:any=gpu-3 c:picky=gpu-1');
});

test('[DRA32] who asks for all devices gets every one that is selected, or none', () => {
  const all = aClaim('c', { requests: [exactly('gpu', { allocationMode: 'All' })] });
  assert.equal(choose([all], { slices: FOUR }), 'c:gpu=gpu-0 c:gpu=gpu-1 c:gpu=gpu-2 c:gpu=gpu-3');
  assert.equal(choose([all], { slices: FOUR, used: ['gpu.example/n1/gpu-3'] }), 'none');
  assert.equal(choose([all], { slices: [] }), 'none');
});

test('[DRA33] access for administration takes no device away, and is given to devices in use', () => {
  const look = exactly('look', { allocationMode: 'All', adminAccess: true });
  const used = FOUR[0]?.spec.devices?.map(({ name }) => `gpu.example/n1/${name}`) ?? [];
  const claim = aClaim('c', { requests: [look] });
  assert.equal(choose([claim], { slices: FOUR, used }), 'c:look=gpu-0 c:look=gpu-1 c:look=gpu-2 c:look=gpu-3');
  const both = aClaim('c', { requests: [look, exactly('own', { count: 4 })] });
  assert.match(choose([both], { slices: FOUR }), /own=gpu-0 c:own=gpu-1 c:own=gpu-2 c:own=gpu-3$/);
});

test('[DRA34] of alternatives the first counts that can be met', () => {
  const alternative = (name: string, count: number, expression: string) => ({
    name,
    deviceClassName: 'gpu',
    allocationMode: 'ExactCount',
    count,
    ...selector(expression),
  });
  const firstAvailable = [
    alternative('huge', 1, 'device.capacity["gpu.example"].memory.isGreaterThan(quantity("1Ti"))'),
    alternative('large', 1, 'device.capacity["gpu.example"].memory.isGreaterThan(quantity("30Gi"))'),
    alternative('two', 2, 'true'),
  ];
  const claim = aClaim('c', { requests: [{ name: 'gpu', firstAvailable }] });
  assert.equal(choose([claim], { slices: FOUR }), 'c:gpu/large=gpu-3');
  assert.equal(choose([claim], { slices: FOUR, used: ['gpu.example/n1/gpu-3'] }), 'c:gpu/two=gpu-0 c:gpu/two=gpu-1');
});

test('[DRA35] devices agree in the attribute that they must have in common', () => {
  const constraints = [{ requests: ['gpu'], matchAttribute: 'gpu.example/model' }];
  const claim = (count: number): ResourceClaim => aClaim('c', { requests: [exactly('gpu', { count })], constraints });
  assert.equal(choose([claim(2)], { slices: FOUR, used: ['gpu.example/n1/gpu-0'] }), 'c:gpu=gpu-2 c:gpu=gpu-3');
  assert.equal(choose([claim(3)], { slices: FOUR }), 'none');
  const absent = aClaim('c', { requests: [exactly('gpu')], constraints: [{ matchAttribute: 'gpu.example/rack' }] });
  assert.equal(choose([absent], { slices: FOUR }), 'none');
});

test('[DRA36] of a pool only the newest generation counts, and only when all of its slices are there', () => {
  const pool = (generation: number, resourceSliceCount: number) => ({ name: 'n1', generation, resourceSliceCount });
  const old = aSlice('old', [aGpu('old', '1Gi')], { pool: pool(1, 1) });
  const half = aSlice('half', [aGpu('new-1', '1Gi')], { pool: pool(2, 2) });
  const rest = aSlice('rest', [aGpu('new-2', '1Gi')], { pool: pool(2, 2) });
  const claim = aClaim('c', { requests: [exactly('gpu')] });
  assert.equal(choose([claim], { slices: [old] }), 'c:gpu=old');
  assert.equal(choose([claim], { slices: [old, half] }), 'none');
  assert.equal(choose([claim], { slices: [old, half, rest] }), 'c:gpu=new-1');
  const twice = aSlice('rest', [aGpu('new-1', '1Gi')], { pool: pool(2, 2) });
  assert.equal(choose([claim], { slices: [half, twice] }), 'none');
});

test('[DRA37] devices are within reach of their node, of nodes that a selector selects, or of all', () => {
  const claim = aClaim('c', { requests: [exactly('gpu')] });
  const of = (spec: Partial<ResourceSliceSpec>): string =>
    choose([claim], { slices: [aSlice('s', [aGpu('x', '1Gi')], spec)] });
  const zone = (value: string) => ({
    nodeSelector: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [value] }] }] },
  });
  assert.deepEqual(
    [of({ nodeName: 'n1' }), of({ nodeName: 'n2' }), of({ allNodes: true }), of(zone('a')), of(zone('b'))],
    ['c:gpu=x', 'none', 'c:gpu=x', 'c:gpu=x', 'none'],
  );
});

test('[DRA38] a claim carries its devices, what is set up for them, and the nodes that they can be used on', () => {
  const config = [
    { requests: ['gpu'], opaque: { driver: 'gpu.example', parameters: { from: 'claim' } } },
    { requests: ['other'], opaque: { driver: 'gpu.example', parameters: { from: 'nobody' } } },
  ];
  const claim = aClaim('c', { requests: [exactly('gpu', { adminAccess: true })], config });
  const resultOn = (slice: ResourceSlice): unknown => {
    const requested = requestedBy([claim], findClass);
    assert.ok(typeof requested !== 'string');
    const chosen = chooseDevices(requested, { node: NODE, pools: gatherPools([slice]), used: new Set() });
    assert.ok(typeof chosen !== 'string');
    return allocationOf(claim, chosen, { requested, node: NODE });
  };
  const devices = {
    results: [{ request: 'gpu', driver: 'gpu.example', pool: 'n1', device: 'gpu-0', adminAccess: true }],
    config: [
      { source: 'FromClass', requests: ['gpu'], ...CONFIG[0] },
      { source: 'FromClaim', ...config[0] },
    ],
  };
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['n1'] }];
  const gpus = [aGpu('gpu-0', '1Gi')];
  assert.deepEqual(resultOn(aSlice('s', gpus)), { devices, nodeSelector: { nodeSelectorTerms: [{ matchFields }] } });
  assert.deepEqual(resultOn(aSlice('s', gpus, { allNodes: true })), { devices });
  const nodeSelector = { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'Exists' }] }] };
  assert.deepEqual(resultOn(aSlice('s', gpus, { nodeSelector })), { devices, nodeSelector });
});

test('[DRA39] a class that is missing is named, a selector that fails is an error, and the search is given up in time', () => {
  const missing = aClaim('c', { requests: [exactly('gpu', { deviceClassName: 'fpga' })] });
  assert.equal(choose([missing], { slices: FOUR }), 'request gpu: device class fpga does not exist');
  const failing = exactly('gpu', selector('device.attributes["x.example"].y == 1'));
  assert.throws(() => choose([aClaim('c', { requests: [failing] })], { slices: FOUR }), /no such key: y/);
  const many = [
    aSlice(
      's',
      Array.from({ length: 40 }, (_, index) => aGpu(`gpu-${index}`, '1Gi', String(index))),
    ),
  ];
  const constraints = [{ requests: ['last'], matchAttribute: 'gpu.example/rack' }];
  const hard = aClaim('c', { requests: [exactly('gpu', { count: 16 }), exactly('last')], constraints });
  assert.equal(choose([hard], { slices: many }), 'gave up');
});
