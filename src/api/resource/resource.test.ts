import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CelError } from '../cel/error.ts';
import type { FieldError } from '../meta/field-error.ts';
import type { Device, DeviceClaim, ResourceClaimStatus, ResourceSliceSpec } from '../types/resource-v1.ts';
import { DeviceClass } from './device-class.ts';
import { selectsDevice } from './device-selector.ts';
import { ResourceClaim } from './resource-claim.ts';
import { ResourceClaimTemplate } from './resource-claim-template.ts';
import { ResourceSlice } from './resource-slice.ts';

const metadata = {
  name: 'one',
  namespace: 'default',
  uid: 'u',
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
};
const nowMs = Date.parse('2026-01-01T00:01:00Z');
const told = (errors: readonly FieldError[]): readonly string[] =>
  errors.map(({ field, message }) => `${field}: ${message}`);

const aClaim = (devices: DeviceClaim, status?: ResourceClaimStatus): ResourceClaim => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata,
  spec: { devices },
  ...(status === undefined ? {} : { status }),
});
const REQUEST = { name: 'gpu', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 } };

test('[DRA1] a request that does not say how many devices is for one', () => {
  const alternative = { name: 'small', deviceClassName: 'gpu' };
  const exactly = { deviceClassName: 'gpu' };
  const all = { deviceClassName: 'gpu', allocationMode: 'All' };
  const requests = [
    { name: 'a', exactly },
    { name: 'b', firstAvailable: [alternative] },
    { name: 'c', exactly: all },
  ];
  const one = { allocationMode: 'ExactCount', count: 1 };
  const { spec } = ResourceClaim.applyDefaults(aClaim({ requests }));
  assert.deepEqual(spec.devices?.requests, [
    { name: 'a', exactly: { ...exactly, ...one } },
    { name: 'b', firstAvailable: [{ ...alternative, ...one }] },
    { name: 'c', exactly: all },
  ]);
  const template = { ...aClaim({}), kind: 'ResourceClaimTemplate', spec: { spec: { devices: { requests } } } };
  assert.deepEqual(ResourceClaimTemplate.applyDefaults(template).spec.spec.devices, spec.devices);
});

test('[DRA2] what belongs to features that are off is dropped, and a status that is sent along', () => {
  const toleration = { operator: 'Exists' };
  const exactly = { ...REQUEST.exactly, tolerations: [toleration], capacity: { requests: { memory: '1Gi' } } };
  const constraint = { matchAttribute: 'a.example/b', distinctAttribute: 'a.example/c' };
  const sent = aClaim({ requests: [{ name: 'gpu', exactly }], constraints: [constraint] }, { reservedFor: [] });
  const kept = ResourceClaim.prepareForCreate(sent);
  assert.deepEqual(kept.spec.devices, { requests: [REQUEST], constraints: [{ matchAttribute: 'a.example/b' }] });
  assert.deepEqual(kept.status, {});
});

test('[DRA3] each wrong part of what is asked for is refused by its name', () => {
  const wrong: DeviceClaim = {
    requests: [
      { name: 'No', exactly: { deviceClassName: '', allocationMode: 'Some' } },
      { name: 'two', exactly: REQUEST.exactly, firstAvailable: [{ name: 'x', deviceClassName: 'gpu' }] },
      { name: 'none' },
      { name: 'all', exactly: { deviceClassName: 'gpu', allocationMode: 'All', count: 1 } },
      { name: 'all', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: -1 } },
    ],
    constraints: [{ requests: ['other'] }, { requests: ['all'], matchAttribute: 'model' }],
    config: [{ requests: ['two/x', 'two/y'] }],
  };
  assert.deepEqual(told(ResourceClaim.validate(aClaim(wrong))), [
    `spec.devices.requests[0].name: Invalid value: "No": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
    'spec.devices.requests[0].exactly.deviceClassName: Required value',
    'spec.devices.requests[0].exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"',
    'spec.devices.requests[1]: Invalid value: null: exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set',
    'spec.devices.requests[2]: Required value: exactly one of `exactly` or `firstAvailable` is required',
    `spec.devices.requests[3].exactly.count: Invalid value: 1: must not be specified when allocationMode is 'All'`,
    'spec.devices.requests[4].exactly.count: Invalid value: -1: must be greater than zero',
    'spec.devices.requests[4]: Duplicate value: "all"',
    `spec.devices.constraints[0].requests[0]: Invalid value: "other": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'`,
    'spec.devices.constraints[0].matchAttribute: Required value',
    'spec.devices.constraints[1].matchAttribute: Invalid value: "model": a fully qualified name must be a domain and a name separated by a slash',
    `spec.devices.config[0].requests[1]: Invalid value: "two/y": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'`,
    'spec.devices.config[0].opaque: Required value',
  ]);
  const many = aClaim({ requests: Array.from({ length: 33 }, (_, index) => ({ ...REQUEST, name: `r${index}` })) });
  assert.deepEqual(told(ResourceClaim.validate(many)), [
    'spec.devices.requests: Too many: 33: must have at most 32 items',
  ]);
});

const selecting = (expression: string) =>
  aClaim({
    requests: [{ name: 'gpu', exactly: { ...REQUEST.exactly, selectors: [{ cel: { expression } }] } }],
  });

const WRONG_SELECTORS: Readonly<Record<string, string>> = {
  'device.name == "a"': "compilation failed: ERROR: <input>:1:7: undefined field 'name'",
  'device.driver > 1': "found no matching overload for '_>_' applied to '(string, int)'",
  'device.capacity["d.example"].memory > quantity("1Gi")':
    "found no matching overload for '_>_' applied to '(kubernetes.Quantity, kubernetes.Quantity)'",
  'device.attributes': 'must evaluate to bool or the unknown type, not map(string, map(string, any))',
  'dyn(true)': 'must evaluate to bool or the unknown type, not dyn',
};

test('[DRA4] a selector is an expression that may be true', () => {
  const field = 'spec.devices.requests[0].exactly.selectors[0].cel.expression';
  assert.deepEqual(told(ResourceClaim.validate(selecting('device.driver == "gpu.example.com"'))), []);
  assert.deepEqual(told(ResourceClaim.validate(selecting('"text"'))), [
    `${field}: Invalid value: "\\"text\\"": must evaluate to bool or the unknown type, not string`,
  ]);
  for (const [expression, problem] of Object.entries(WRONG_SELECTORS)) {
    const [said = ''] = told(ResourceClaim.validate(selecting(expression)));
    assert.ok(said.includes(problem), `${expression}\n${said}`);
  }
  assert.deepEqual(told(ResourceClaim.validate(selecting('device.attributes["d.example"].fast'))), []);
  assert.deepEqual(told(ResourceClaim.validate(selecting('pod.name'))), [
    `${field}: Invalid value: "pod.name": compilation failed: ERROR: <input>:1:1: undeclared reference to 'pod' (in container '')\n | pod.name\n | ^`
      .replaceAll('\n', '\\n')
      .replaceAll('\\n', '\n'),
  ]);
  assert.deepEqual(told(ResourceClaim.validate(selecting('x'.repeat(10_241)))), [
    `${field}: Too long: may not be more than 10240 bytes`,
  ]);
  const empty = {
    ...aClaim({}),
    kind: 'DeviceClass',
    spec: { selectors: [{}], config: [{ opaque: { driver: 'd.example', parameters: {} } }] },
  };
  assert.deepEqual(told(DeviceClass.validate(empty)), ['spec.selectors[0].cel: Required value']);
});

test('[DRA5] a selector looks at driver, attributes and capacity of a device', () => {
  const device: Device = {
    name: 'gpu-0',
    attributes: {
      model: { string: 'a100' },
      index: { int: 3 },
      'other.example/fast': { bool: true },
      driverVersion: { version: '1.10.0' },
    },
    capacity: { memory: { value: '40Gi' } },
  };
  const driver = 'gpu.example.com';
  const cases: Readonly<Record<string, boolean>> = {
    'device.driver == "gpu.example.com"': true,
    'device.attributes["gpu.example.com"].model == "a100"': true,
    'device.attributes["gpu.example.com"].index < 3': false,
    'device.attributes["other.example"].fast': true,
    'device.attributes["gpu.example.com"].driverVersion.compareTo(semver("1.9.0")) > 0': true,
    'device.capacity["gpu.example.com"].memory.isGreaterThan(quantity("32Gi"))': true,
    'has(device.attributes["absent.example"].model)': false,
    '"absent.example" in device.attributes': false,
    'device.attributes["absent.example"].?model.orValue("none") == "none"': true,
  };
  for (const [expression, expected] of Object.entries(cases))
    assert.equal(selectsDevice(expression, driver, device), expected, expression);
  assert.throws(
    () => selectsDevice('device.attributes["absent.example"].model == "x"', driver, device),
    new CelError('no such key: model'),
  );
  assert.throws(() => selectsDevice('device.driver', driver, device), CelError);
});

test('[DRA6] what a claim asks for never changes', () => {
  const claim = aClaim({ requests: [REQUEST] });
  assert.deepEqual(told(ResourceClaim.validateUpdate(claim, claim)), []);
  const [error] = ResourceClaim.validateUpdate(aClaim({}), claim);
  assert.match(error?.message ?? '', /: field is immutable$/);
  assert.equal(error?.field, 'spec');
});

const ALLOCATION = {
  devices: { results: [{ request: 'gpu', driver: 'd.example', pool: 'node-1', device: 'gpu-0' }] },
};
const POD = { resource: 'pods', name: 'web', uid: 'u1' };
const statusErrors = (
  next: ResourceClaimStatus,
  before: ResourceClaimStatus = {},
  ending = false,
): readonly string[] => {
  const claim = aClaim({ requests: [REQUEST] }, next);
  const object = ending
    ? { ...claim, metadata: { ...metadata, deletionTimestamp: metadata.creationTimestamp } }
    : claim;
  return told(ResourceClaim.validateStatusUpdate(object, aClaim({ requests: [REQUEST] }, before)));
};

test('[DRA7] what is reported of a claim is sound: allocated for good, reserved only when allocated', () => {
  assert.deepEqual(statusErrors({ allocation: ALLOCATION, reservedFor: [POD] }), []);
  assert.deepEqual(statusErrors({ reservedFor: [POD, { ...POD, name: '' }] }), [
    'status.reservedFor[1].name: Required value',
    'status.reservedFor[1]: Duplicate value: "u1"',
    'status.reservedFor: Forbidden: may not be specified when `allocated` is not set',
  ]);
  assert.deepEqual(statusErrors({ allocation: ALLOCATION, reservedFor: [POD] }, { allocation: ALLOCATION }, true), [
    'status.reservedFor: Forbidden: new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set',
  ]);
  const [changed] = statusErrors({ allocation: { devices: {} } }, { allocation: ALLOCATION });
  assert.match(changed ?? '', /^status\.allocation: Invalid value: .*: field is immutable$/);
  assert.deepEqual(statusErrors({}, { allocation: ALLOCATION }), []);
  const result = { request: 'other', driver: '', pool: '', device: 'gpu-0' };
  const config = [{ source: 'Else', opaque: { driver: 'd.example', parameters: {} } }];
  assert.deepEqual(statusErrors({ allocation: { devices: { results: [result], config } } }), [
    `status.allocation.devices.results[0].request: Invalid value: "other": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'`,
    'status.allocation.devices.results[0].driver: Required value',
    `status.allocation.devices.results[0].driver: Invalid value: "": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    'status.allocation.devices.results[0].pool: Required value',
    'status.allocation.devices.config[0].source: Unsupported value: "Else": supported values: "FromClaim", "FromClass"',
  ]);
  const devices = [{ driver: 'd.example', pool: 'node-1', device: 'gpu-9' }];
  assert.deepEqual(statusErrors({ allocation: ALLOCATION, devices }), [
    'status.devices[0]: Invalid value: "d.example/node-1/gpu-9": must be an allocated device in the claim',
  ]);
});

const aSlice = (spec: Partial<ResourceSliceSpec>): ResourceSlice => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceSlice',
  metadata,
  spec: { driver: 'd.example', pool: { name: 'node-1', generation: 1, resourceSliceCount: 1 }, ...spec },
});

test('[DRA8] a slice is of one driver and pool, in one place, and its devices are well described', () => {
  assert.deepEqual(told(ResourceSlice.validate(aSlice({ nodeName: 'node-1', devices: [{ name: 'gpu-0' }] }))), []);
  const wrong = aSlice({
    pool: { name: '', generation: -1, resourceSliceCount: 0 },
    nodeName: 'node-1',
    allNodes: true,
    devices: [
      { name: 'gpu-0', attributes: { 'a/b/c': { int: 1 }, '1': {}, v: { version: '1.2' } } },
      { name: 'gpu-0', capacity: { memory: { value: 'x' } } },
    ],
  });
  assert.deepEqual(
    told(ResourceSlice.validate(wrong)).map((text) => text.replace(/a valid C identifier.*/, 'no identifier')),
    [
      'spec.pool.name: Required value',
      'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
      'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero',
      'spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set',
      'spec.devices[0].attributes: Invalid value: "1": no identifier',
      'spec.devices[0].attributes[1]: Invalid value: "": exactly one value must be specified',
      'spec.devices[0].attributes: Invalid value: "a/b/c": must not contain more than one slash',
      'spec.devices[0].attributes[v].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0',
      "spec.devices[1].capacity[memory].value: Invalid value: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
      'spec.devices[1]: Duplicate value: "gpu-0"',
    ],
  );
  assert.deepEqual(told(ResourceSlice.validate(aSlice({}))), [
    'spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required',
  ]);
  assert.deepEqual(
    told(ResourceSlice.validateUpdate(aSlice({ driver: 'e.example' }), aSlice({ nodeName: 'node-1' }))),
    [
      'spec.driver: Invalid value: "e.example": field is immutable',
      'spec.nodeName: Invalid value: "": field is immutable',
    ],
  );
});

test('[DRA9] devices keep names, attributes of one value and capacity; what belongs to features that are off is dropped', () => {
  const capacity = { memory: { value: '1Gi', requestPolicy: { default: '1Gi' } } };
  const device = { name: 'gpu-0', attributes: { a: { int: 1, ints: [1] } }, capacity, taints: [], allNodes: true };
  const sent = aSlice({ allNodes: true, devices: [device], sharedCounters: [] });
  assert.deepEqual(ResourceSlice.prepareForCreate(sent).spec, {
    driver: 'd.example',
    pool: sent.spec.pool,
    allNodes: true,
    devices: [{ name: 'gpu-0', attributes: { a: { int: 1 } }, capacity: { memory: { value: '1Gi' } } }],
  });
});

test('[DRA10] tables show the state of claims, and where slices are', () => {
  const cells = (status: ResourceClaimStatus, ending = false): readonly unknown[] => {
    const object = aClaim({}, status);
    const meta = ending ? { ...metadata, deletionTimestamp: metadata.creationTimestamp } : metadata;
    return ResourceClaim.columns.map(({ cell }) => cell({ ...object, metadata: meta }, nowMs));
  };
  assert.deepEqual(cells({}), ['one', 'pending', '60s']);
  assert.deepEqual(cells({ allocation: {} })[1], 'allocated');
  assert.deepEqual(cells({ allocation: {}, reservedFor: [POD] }, true)[1], 'deleted,allocated,reserved');
  assert.deepEqual(cells({}, true)[1], 'deleted');
  const slice = aSlice({ nodeName: 'node-1' });
  assert.deepEqual(
    ResourceSlice.columns.map(({ name, cell }) => [name, cell(slice, nowMs)]),
    [
      ['Name', 'one'],
      ['Node', 'node-1'],
      ['Driver', 'd.example'],
      ['Pool', 'node-1'],
      ['Age', '60s'],
    ],
  );
  assert.equal(ResourceSlice.selectableFields['spec.driver']?.(slice), 'd.example');
});
