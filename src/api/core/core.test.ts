import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '#base/deep-freeze';
import { create, newMeta, texts, updateErrors } from '#test/builders/kinds';
import type { ApiObject } from '../object.ts';
import type { ResourceDefinition } from '../resource.ts';
import { ConfigMap } from './config-map.ts';
import { encodeBase64 } from './data.ts';
import { Endpoints } from './endpoints.ts';
import { Event } from './event.ts';
import { Namespace } from './namespace.ts';
import { Node } from './node.ts';
import { Secret } from './secret.ts';
import { ServiceAccount } from './service-account.ts';

const NOW_MS = Date.parse('2026-01-01T00:05:00Z');

const rowOf = <T extends ApiObject>(definition: ResourceDefinition<T>, object: T): readonly (readonly unknown[])[] =>
  definition.columns.map(({ name, cell }) => [name, cell(object, NOW_MS)]);

const aConfigMap = (rest: Partial<ConfigMap> = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: newMeta('c'),
  ...rest,
});

const aSecret = (rest: Partial<Secret> = {}): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: newMeta('s'),
  ...rest,
});

const MIB = 1024 * 1024;
const KEY =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

const CONFIG_MAPS: readonly (readonly [string, Partial<ConfigMap>, readonly string[]])[] = [
  ['just a mebibyte', { data: { a: 'x'.repeat(MIB) } }, []],
  [
    'more than a mebibyte',
    { data: { a: 'x'.repeat(MIB) }, binaryData: { b: encodeBase64('x') } },
    ['[]: Too long: may not be more than 1048576 bytes'],
  ],
  ['a bad key', { data: { 'a b': '' } }, [`data[a b]: Invalid value: "a b": ${KEY}`]],
  [
    'a key in both halves',
    { data: { a: '' }, binaryData: { a: '' } },
    ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
  ],
];

for (const [what, rest, errors] of CONFIG_MAPS) {
  test(`[KIN50] a config map with ${what} is ${errors.length === 0 ? 'taken' : 'refused'}`, () => {
    assert.deepEqual(create(ConfigMap, aConfigMap(rest)).errors, errors);
  });
}

const WHY = 'Forbidden: field is immutable when `immutable` is set';

test('[KIN51] what is declared immutable stays, and stays so', () => {
  const stored = aConfigMap({ immutable: true, data: { a: '1' } });
  const next = aConfigMap({ data: { a: '2' } });
  assert.deepEqual(updateErrors(ConfigMap, { stored, next }), [`immutable: ${WHY}`, `data: ${WHY}`]);
  const secret = deepFreeze(create(Secret, aSecret({ immutable: true, data: { a: '' } })).object);
  const other = { ...secret, type: 'mine', immutable: false };
  assert.deepEqual(updateErrors(Secret, { stored: secret, next: other }), [
    'type: Invalid value: "mine": field is immutable',
    `immutable: ${WHY}`,
  ]);
});

test('[KIN52] a secret is opaque unless it says otherwise, and its texts become data', () => {
  const { object, errors } = create(Secret, aSecret({ data: { a: 'MQ==' }, stringData: { a: '2', b: 'ü' } }));
  assert.deepEqual(errors, []);
  assert.deepEqual([object.type, object.data, object.stringData], ['Opaque', { a: 'Mg==', b: 'w7w=' }, undefined]);
});

const SECRETS: readonly (readonly [string, Partial<Secret>, readonly string[]])[] = [
  ['kubernetes.io/tls', {}, ['data[tls.crt]: Required value', 'data[tls.key]: Required value']],
  ['kubernetes.io/basic-auth', {}, ['data[username]: Required value', 'data[password]: Required value']],
  ['kubernetes.io/basic-auth', { data: { username: '' } }, []],
  ['kubernetes.io/ssh-auth', { data: { 'ssh-privatekey': '' } }, ['data[ssh-privatekey]: Required value']],
  ['kubernetes.io/dockerconfigjson', {}, ['data[.dockerconfigjson]: Required value']],
  [
    'kubernetes.io/dockerconfigjson',
    { stringData: { '.dockerconfigjson': 'secret!' } },
    ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": must be valid JSON'],
  ],
  ['kubernetes.io/dockercfg', { stringData: { '.dockercfg': '{}' } }, []],
  [
    'kubernetes.io/service-account-token',
    {},
    ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
  ],
  ['mine', {}, []],
];

for (const [type, rest, errors] of SECRETS) {
  test(`[KIN53] a secret of type ${type} with ${JSON.stringify(rest)} gives ${errors.length} errors`, () => {
    assert.deepEqual(create(Secret, aSecret({ type, ...rest })).errors, errors);
  });
}

test('[KIN54] tables of config maps, secrets and accounts count what they hold', () => {
  assert.deepEqual(rowOf(ConfigMap, aConfigMap({ data: { a: '' }, binaryData: { b: '' } })), [
    ['Name', 'c'],
    ['Data', 2],
    ['Age', '5m'],
  ]);
  assert.deepEqual(rowOf(Secret, create(Secret, aSecret({ data: { a: '' } })).object), [
    ['Name', 's'],
    ['Type', 'Opaque'],
    ['Data', 1],
    ['Age', '5m'],
  ]);
  const account: ServiceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: newMeta('a') };
  assert.deepEqual(rowOf(ServiceAccount, account), [
    ['Name', 'a'],
    ['Secrets', 0],
    ['Age', '5m'],
  ]);
});

const aNamespace = (rest: Partial<Namespace> = {}): Namespace => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: newMeta('team'),
  spec: {},
  ...rest,
});

test('[KIN55] a new namespace is active, names itself in a label and is emptied before it goes', () => {
  const { object, errors } = create(Namespace, aNamespace({ status: { phase: 'Terminating' } }));
  assert.deepEqual(errors, []);
  assert.deepEqual(object.metadata.labels, { 'kubernetes.io/metadata.name': 'team' });
  assert.deepEqual([object.spec, object.status], [{ finalizers: ['kubernetes'] }, { phase: 'Active' }]);
  assert.deepEqual(rowOf(Namespace, object), [
    ['Name', 'team'],
    ['Status', 'Active'],
    ['Age', '5m'],
  ]);
});

test('[KIN55] an update leaves finalizers of a namespace alone', () => {
  const stored = deepFreeze(create(Namespace, aNamespace()).object);
  assert.deepEqual(Namespace.prepareForUpdate({ ...stored, spec: { finalizers: [] } }, stored).spec, stored.spec);
});

test('[KIN55] a namespace ends only when it is asked to', () => {
  const stored = create(Namespace, aNamespace()).object;
  assert.deepEqual(texts(Namespace.validateStatusUpdate({ ...stored, status: { phase: 'Terminating' } }, stored)), [
    `status.Phase: Invalid value: "Terminating": may only be 'Active' if \`deletionTimestamp\` is empty`,
  ]);
});

const aNode = (rest: Partial<Node> = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: newMeta('n1'),
  spec: {},
  ...rest,
});

test('[KIN56] a node offers all it has unless it says otherwise, and keeps its first pod range', () => {
  const { object, errors } = create(
    Node,
    aNode({ spec: { podCIDR: '198.18.0.0/24' }, status: { capacity: { cpu: '2' } } }),
  );
  assert.deepEqual(errors, []);
  assert.deepEqual(object.status?.allocatable, { cpu: '2' });
  assert.deepEqual(object.spec, { podCIDR: '198.18.0.0/24', podCIDRs: ['198.18.0.0/24'] });
  const differing = create(Node, aNode({ spec: { podCIDR: '198.18.1.0/24', podCIDRs: ['198.18.0.0/24'] } }));
  assert.deepEqual(differing.object.spec, { podCIDR: '198.18.1.0/24', podCIDRs: ['198.18.1.0/24'] });
  const next = { ...object, spec: { podCIDR: '198.18.1.0/24', podCIDRs: ['198.18.1.0/24'] } };
  assert.deepEqual(updateErrors(Node, { stored: deepFreeze(object), next }), [
    'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
  ]);
});

test('[KIN56] taints of a node are well-formed and single', () => {
  const taint = { key: 'a', effect: 'NoSchedule' };
  assert.deepEqual(
    create(Node, aNode({ spec: { taints: [taint, { ...taint, value: 'b' }, { key: 'c', effect: '' }] } })).errors,
    [
      'metadata.taints[1]: Duplicate value: {"key":"a","effect":"NoSchedule","value":"b"}: taints must be unique by key and effect pair',
      'metadata.taints[2].effect: Required value',
    ],
  );
});

test('[KIN56] the table of nodes shows readiness, roles, addresses and versions', () => {
  const node = aNode({
    metadata: { ...newMeta('n1'), labels: { 'node-role.kubernetes.io/worker': '', 'kubernetes.io/role': 'edge' } },
    spec: { unschedulable: true },
    status: {
      conditions: [{ type: 'Ready', status: 'Unknown' }],
      addresses: [{ type: 'InternalIP', address: '198.18.0.1' }],
    },
  });
  assert.deepEqual(rowOf(Node, node), [
    ['Name', 'n1'],
    ['Status', 'NotReady,SchedulingDisabled'],
    ['Roles', 'edge,worker'],
    ['Age', '5m'],
    ['Version', ''],
    ['Internal-IP', '198.18.0.1'],
    ['External-IP', '<none>'],
    ['OS-Image', '<unknown>'],
    ['Kernel-Version', '<unknown>'],
    ['Container-Runtime', '<unknown>'],
  ]);
});

const anEvent = (rest: Partial<Event> = {}): Event => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: newMeta('e'),
  involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' },
  ...rest,
});

const EVENTS: readonly (readonly [string, Partial<Event>, readonly string[]])[] = [
  ['beside its object', {}, []],
  [
    'elsewhere than its object',
    { involvedObject: { namespace: 'other' } },
    ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
  ],
  ['about a node', { involvedObject: { kind: 'Node', name: 'n1' } }, []],
  [
    'of the newer form without reporter',
    {
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingComponent: 'example.com/a',
      reportingInstance: 'i',
      action: 'a',
    },
    ['reason: Required value'],
  ],
];

for (const [what, rest, errors] of EVENTS) {
  test(`[KIN57] an event ${what} is ${errors.length === 0 ? 'taken' : 'refused'}`, () => {
    assert.deepEqual(create(Event, anEvent(rest)).errors, errors);
  });
}

test('[KIN57] the table of events shows when, what and to what', () => {
  const event = anEvent({
    type: 'Warning',
    reason: 'BackOff',
    message: 'Back-off restarting\n',
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:04:00Z',
    count: 4,
    source: { component: 'kubelet', host: 'n1' },
  });
  assert.deepEqual(rowOf(Event, event), [
    ['Last Seen', '60s'],
    ['Type', 'Warning'],
    ['Reason', 'BackOff'],
    ['Object', 'pod/web'],
    ['Subobject', ''],
    ['Source', 'kubelet, n1'],
    ['Message', 'Back-off restarting'],
    ['First Seen', '5m'],
    ['Count', 4],
    ['Name', 'e'],
  ]);
  assert.deepEqual(Event.selectableFields['source']?.(anEvent({ reportingComponent: 'scheduler' })), 'scheduler');
});

const someEndpoints = (subsets: NonNullable<Endpoints['subsets']>): Endpoints => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: newMeta('web'),
  subsets,
});

test('[KIN58] endpoints have addresses that others can reach, and ports by name if there are several', () => {
  const ports = [{ port: 80 }, { port: 81 }];
  assert.deepEqual(create(Endpoints, someEndpoints([{ addresses: [{ ip: '127.0.0.1' }], ports }, {}])).errors, [
    'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    'subsets[0].ports[0].name: Required value',
    'subsets[0].ports[1].name: Required value',
    'subsets[1]: Required value: must specify `addresses` or `notReadyAddresses`',
  ]);
});

test('[KIN58] who writes or reads Endpoints is told to use slices', () => {
  assert.equal(Endpoints.deprecation, 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice');
});

test('[KIN58] the table of endpoints shows the first three', () => {
  const addresses = [1, 2, 3, 4].map((last) => ({ ip: `198.18.0.${last}` }));
  assert.deepEqual(rowOf(Endpoints, someEndpoints([{ addresses, ports: [{ port: 80 }] }]))[1], [
    'Endpoints',
    '198.18.0.1:80,198.18.0.2:80,198.18.0.3:80 + 1 more...',
  ]);
  assert.deepEqual(rowOf(Endpoints, someEndpoints([]))[1], ['Endpoints', '<none>']);
});

test('[KIN58] no subset of Endpoints at all is left out, however it was written', () => {
  assert.equal('subsets' in Endpoints.applyDefaults(someEndpoints([])), false);
});
