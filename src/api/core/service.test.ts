import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '#base/deep-freeze';
import { create, newMeta, texts, updateErrors } from '#test/builders/kinds';
import type { ServiceSpec, ServiceStatus } from '../types/core-v1.ts';
import { Service } from './service.ts';

const SPEC: ServiceSpec = { selector: { app: 'web' }, ports: [{ port: 80 }] };

const aService = (spec: ServiceSpec = {}, status?: ServiceStatus): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: newMeta('web'),
  spec: { ...SPEC, ...spec },
  ...(status === undefined ? {} : { status }),
});

const DEFAULTED: ServiceSpec = {
  selector: { app: 'web' },
  ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
  sessionAffinity: 'None',
};

const DEFAULTS: readonly (readonly [string, ServiceSpec, ServiceSpec])[] = [
  ['no type', {}, { type: 'ClusterIP', internalTrafficPolicy: 'Cluster' }],
  [
    'type NodePort',
    { type: 'NodePort' },
    { type: 'NodePort', internalTrafficPolicy: 'Cluster', externalTrafficPolicy: 'Cluster' },
  ],
  [
    'type LoadBalancer',
    { type: 'LoadBalancer' },
    {
      type: 'LoadBalancer',
      internalTrafficPolicy: 'Cluster',
      externalTrafficPolicy: 'Cluster',
      allocateLoadBalancerNodePorts: true,
    },
  ],
  [
    'type ExternalName',
    { type: 'ExternalName', externalName: 'example.com.' },
    { type: 'ExternalName', externalName: 'example.com.' },
  ],
  [
    'affinity to clients',
    { sessionAffinity: 'ClientIP' },
    {
      type: 'ClusterIP',
      internalTrafficPolicy: 'Cluster',
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } },
    },
  ],
  [
    'a port by name',
    { ports: [{ port: 53, protocol: 'UDP', targetPort: 'dns' }] },
    {
      type: 'ClusterIP',
      internalTrafficPolicy: 'Cluster',
      ports: [{ port: 53, protocol: 'UDP', targetPort: 'dns' }],
    },
  ],
];

for (const [what, sent, expected] of DEFAULTS) {
  test(`[KIN61] a service with ${what} gets what its author left open`, () => {
    const { object, errors } = create(Service, aService(sent));
    assert.deepEqual(errors, []);
    assert.deepEqual(object.spec, { ...DEFAULTED, ...expected });
    assert.deepEqual(Service.applyDefaults(object), object);
  });
}

test('[KIN61] a new service has no load balancer yet, whatever status was sent', () => {
  const sent = aService({}, { loadBalancer: { ingress: [{ ip: '198.18.0.1' }] } });
  assert.deepEqual(create(Service, sent).object.status, { loadBalancer: {} });
});

const CASES: readonly (readonly [string, ServiceSpec, readonly string[]])[] = [
  ['no ports', { ports: [] }, ['spec.ports: Required value']],
  ['no ports and no address', { ports: [], clusterIP: 'None', clusterIPs: ['None'] }, []],
  [
    'an unknown type',
    { type: 'Global' },
    [
      'spec.type: Unsupported value: "Global": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
  ],
  [
    'two nameless ports',
    { ports: [{ port: 80 }, { port: 81 }] },
    ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
  ],
  [
    'one port twice',
    {
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 80 },
      ],
    },
    [
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
    ],
  ],
  [
    'a port out of range',
    { ports: [{ port: 0, targetPort: 80 }] },
    ['spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive'],
  ],
  [
    'a node port it has no use for',
    { ports: [{ port: 80, nodePort: 30_000 }] },
    ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
  ],
  [
    'one node port twice',
    {
      type: 'NodePort',
      ports: [
        { name: 'a', port: 80, nodePort: 30_000 },
        { name: 'b', port: 81, nodePort: 30_000 },
      ],
    },
    ['spec.ports[1].nodePort: Duplicate value: 30000'],
  ],
  [
    'a broken address',
    { clusterIP: 'x', clusterIPs: ['x'] },
    ['spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
  ],
  [
    'addresses that contradict each other',
    { clusterIP: '198.18.0.1', clusterIPs: ['198.18.0.2'] },
    ['spec.clusterIPs: Invalid value: ["198.18.0.2"]: first value must match `clusterIP`'],
  ],
  [
    'an address of another family',
    { clusterIP: '198.18.0.1', clusterIPs: ['198.18.0.1'], ipFamilies: ['IPv6'] },
    ['spec.clusterIPs[0]: Invalid value: "198.18.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`'],
  ],
  [
    'a balancer without address',
    { type: 'LoadBalancer', clusterIP: 'None', clusterIPs: ['None'] },
    [`spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for LoadBalancer services`],
  ],
  ['another name and none', { type: 'ExternalName' }, ['spec.externalName: Required value']],
  [
    'affinity for too long',
    { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 90_000 } } },
    [
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 90000: must be greater than 0 and less than 86400',
    ],
  ],
  [
    'an external address of one machine',
    { externalIPs: ['127.0.0.1'] },
    ['spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ],
  [
    'an external policy and no outside',
    { externalTrafficPolicy: 'Local' },
    ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
  ],
  [
    'a health check port and no check',
    { type: 'LoadBalancer', healthCheckNodePort: 30_000 },
    [
      "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    ],
  ],
  ['a balancer with health checks', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }, []],
  [
    'a balancer’s settings and none',
    { allocateLoadBalancerNodePorts: true, loadBalancerSourceRanges: ['198.18.0.0/33'] },
    [
      "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
      'spec.LoadBalancerSourceRanges[0]: Invalid value: "198.18.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
  ],
  [
    'an unknown distribution',
    { trafficDistribution: 'Far' },
    [
      'spec.trafficDistribution: Unsupported value: "Far": supported values: "PreferClose", "PreferSameNode", "PreferSameZone"',
    ],
  ],
];

for (const [what, spec, errors] of CASES) {
  test(`[KIN62] a service with ${what} is ${errors.length === 0 ? 'taken' : 'refused'}`, () => {
    assert.deepEqual(create(Service, aService(spec)).errors, errors);
  });
}

test('[KIN62] a service name starts with a letter, for it becomes part of variable names', () => {
  assert.deepEqual(Service.validateName('1web'), [
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
  ]);
});

const stored = (spec: ServiceSpec): Service => deepFreeze(create(Service, aService(spec)).object);
const ADDRESS = { clusterIP: '198.18.0.1', clusterIPs: ['198.18.0.1'], ipFamilies: ['IPv4'] };

test('[KIN63] the address of a service stays', () => {
  const before = stored(ADDRESS);
  const next = { ...before, spec: { ...before.spec, clusterIP: '198.18.0.2', clusterIPs: ['198.18.0.2'] } };
  assert.deepEqual(updateErrors(Service, { stored: before, next }), [
    'spec.clusterIPs[0]: Invalid value: ["198.18.0.2"]: may not change once set',
  ]);
});

test('[KIN63] a second address can be added, and released by policy only', () => {
  const single = stored({ ...ADDRESS, ipFamilyPolicy: 'PreferDualStack' });
  const both = {
    clusterIPs: ['198.18.0.1', 'fd00::1'],
    ipFamilies: ['IPv4', 'IPv6'],
  };
  const dual = { ...single, spec: { ...single.spec, ...both } };
  assert.deepEqual(updateErrors(Service, { stored: single, next: dual }), []);
  assert.deepEqual(updateErrors(Service, { stored: dual, next: single }), [
    `spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to 'SingleStack' when releasing the secondary clusterIP`,
    `spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to 'SingleStack' when releasing the secondary ipFamily`,
  ]);
});

test('[KIN63] a service that stops being a load balancer loses what only load balancers have', () => {
  const before = stored({ type: 'LoadBalancer' });
  const next = { ...before, spec: { ...before.spec, type: 'ClusterIP' } };
  assert.deepEqual(updateErrors(Service, { stored: before, next }), []);
  const { allocateLoadBalancerNodePorts, externalTrafficPolicy } = Service.prepareForUpdate(next, before).spec;
  assert.deepEqual([allocateLoadBalancerNodePorts, externalTrafficPolicy], [undefined, undefined]);
});

test('[KIN64] a load balancer’s address is one, and virtual unless it says otherwise', () => {
  const service = {
    ...stored({ type: 'LoadBalancer' }),
    status: { loadBalancer: { ingress: [{ ip: '198.18.0.9' }] } },
  };
  const reported = Service.applyDefaults(service);
  assert.deepEqual(reported.status?.loadBalancer?.ingress, [{ ip: '198.18.0.9', ipMode: 'VIP' }]);
  assert.deepEqual(texts(Service.validateStatusUpdate(reported, service)), []);
  const named = { ...service, status: { loadBalancer: { ingress: [{ hostname: '198.18.0.9' }] } } };
  assert.deepEqual(texts(Service.validateStatusUpdate(named, service)), [
    'status.loadBalancer.ingress[0].hostname: Invalid value: "198.18.0.9": must be a DNS name, not an IP address',
  ]);
});

const BALANCED: ServiceStatus = { loadBalancer: { ingress: [{ ip: '198.18.0.9' }] } };
const ROWS: readonly (readonly [ServiceSpec, ServiceStatus, readonly string[]])[] = [
  [{ ...ADDRESS }, {}, ['ClusterIP', '198.18.0.1', '<none>', '80/TCP']],
  [{ clusterIP: 'None', clusterIPs: ['None'] }, {}, ['ClusterIP', 'None', '<none>', '80/TCP']],
  [
    { ...ADDRESS, type: 'LoadBalancer', ports: [{ port: 80, nodePort: 30_001 }] },
    {},
    ['LoadBalancer', '198.18.0.1', '<pending>', '80:30001/TCP'],
  ],
  [{ ...ADDRESS, type: 'LoadBalancer' }, BALANCED, ['LoadBalancer', '198.18.0.1', '198.18.0.9', '80/TCP']],
  [
    { type: 'ExternalName', externalName: 'example.com', ports: [] },
    {},
    ['ExternalName', '<none>', 'example.com', '<none>'],
  ],
];

for (const [spec, status, row] of ROWS) {
  test(`[KIN65] the table of services shows ${row.join(' ')}`, () => {
    const service = { ...stored(spec), status };
    assert.deepEqual(
      Service.columns.slice(1, 5).map(({ cell }) => cell(service, 0)),
      row,
    );
  });
}

test('[KIN66] a service warns of what its type ignores', () => {
  const sent = aService({ externalName: 'a.b', sessionAffinity: 'ClientIP', clusterIP: 'None', clusterIPs: ['None'] });
  assert.deepEqual(create(Service, sent).warnings, [
    'spec.externalName is ignored when spec.type is not "ExternalName"',
    'spec.SessionAffinity is ignored for headless services',
  ]);
});
