import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '#base/deep-freeze';
import { create, newMeta, texts, updateErrors } from '#test/builders/kinds';
import type { ApiObject } from '../object.ts';
import type { ResourceDefinition } from '../resource.ts';
import type { HTTPIngressPath, IngressBackend, IngressStatus } from '../types/networking-v1.ts';
import { IngressClass } from './ingress-class.ts';
import { Ingress } from './ingress.ts';
import { NetworkPolicy } from './network-policy.ts';

const NOW_MS = Date.parse('2026-01-01T00:05:00Z');

const rowOf = <T extends ApiObject>(definition: ResourceDefinition<T>, object: T): readonly (readonly unknown[])[] =>
  definition.columns.map(({ name, cell }) => [name, cell(object, NOW_MS)]);

const aPolicy = (spec: NetworkPolicy['spec'] = {}): NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: newMeta('web'),
  spec,
});

test('[NKD1] a policy is about what pods accept, and about what they send if it says so', () => {
  const { object } = create(NetworkPolicy, aPolicy());
  assert.deepEqual(object.spec, { podSelector: {}, policyTypes: ['Ingress'] });
  const both = create(NetworkPolicy, aPolicy({ egress: [{ ports: [{ port: 53 }, { port: 53, protocol: 'UDP' }] }] }));
  assert.deepEqual(both.object.spec, {
    podSelector: {},
    egress: [
      {
        ports: [
          { port: 53, protocol: 'TCP' },
          { port: 53, protocol: 'UDP' },
        ],
      },
    ],
    policyTypes: ['Ingress', 'Egress'],
  });
  assert.deepEqual(NetworkPolicy.applyDefaults(both.object), both.object);
  const own = create(NetworkPolicy, aPolicy({ egress: [{}], policyTypes: ['Egress'] }));
  assert.deepEqual(own.object.spec.policyTypes, ['Egress']);
});

const POLICIES: readonly (readonly [string, NetworkPolicy['spec'], readonly string[]])[] = [
  [
    'a protocol of another kind',
    { ingress: [{ ports: [{ protocol: 'ICMP' }] }] },
    ['spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"'],
  ],
  [
    'a port out of range',
    { ingress: [{ ports: [{ port: 0 }] }] },
    ['spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive'],
  ],
  [
    'a range of ports that ends before it begins',
    { egress: [{ ports: [{ port: 80, endPort: 79 }] }] },
    ['spec.egress[0].ports[0].endPort: Invalid value: 79: must be greater than or equal to `port`'],
  ],
  [
    'an end without a beginning',
    { egress: [{ ports: [{ endPort: 79 }, { port: 'web', endPort: 80 }] }] },
    [
      'spec.egress[0].ports[0].endPort: Invalid value: 79: may not be specified when `port` is not specified',
      'spec.egress[0].ports[1].endPort: Invalid value: 80: may not be specified when `port` is non-numeric',
    ],
  ],
  [
    'a peer that is nobody',
    { ingress: [{ from: [{}] }] },
    ['spec.ingress[0].from[0]: Required value: must specify a peer'],
  ],
  [
    'a range and pods at once',
    { egress: [{ to: [{ ipBlock: { cidr: '198.18.0.0/16' }, podSelector: {} }] }] },
    ['spec.egress[0].to[0]: Forbidden: may not specify both ipBlock and another peer'],
  ],
  [
    'an exception that is no part',
    {
      egress: [
        { to: [{ ipBlock: { cidr: '198.18.0.0/16', except: ['198.18.0.0/16', '198.19.0.0/24', '198.18.4.0/22'] } }] },
      ],
    },
    [
      'spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "198.18.0.0/16": must be a strict subset of `cidr`',
      'spec.egress[0].to[0].ipBlock.except[1]: Invalid value: "198.19.0.0/24": must be a strict subset of `cidr`',
    ],
  ],
  [
    'no range',
    { ingress: [{ from: [{ ipBlock: { cidr: '' } }] }] },
    ['spec.ingress[0].from[0].ipBlock.cidr: Required value'],
  ],
  [
    'an unknown direction',
    { policyTypes: ['Sideways'] },
    ['spec.policyTypes[0]: Unsupported value: "Sideways": supported values: "Ingress", "Egress"'],
  ],
  [
    'three directions',
    { policyTypes: ['Ingress', 'Egress', 'Ingress'] },
    ['spec.policyTypes: Invalid value: ["Ingress","Egress","Ingress"]: may not specify more than two policyTypes'],
  ],
  [
    'a selector without values',
    { podSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
    [
      "spec.podSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ],
  ],
];

for (const [what, spec, expected] of POLICIES)
  test(`[NKD2] a policy with ${what} is refused`, () => {
    assert.deepEqual(create(NetworkPolicy, aPolicy(spec)).errors, expected);
  });

test('[NKD3] the table of policies shows which pods they are about', () => {
  const selected = aPolicy({ podSelector: { matchLabels: { app: 'web' } } });
  assert.deepEqual(rowOf(NetworkPolicy, selected), [
    ['Name', 'web'],
    ['Pod-Selector', 'app=web'],
    ['Age', '5m'],
  ]);
  assert.equal(rowOf(NetworkPolicy, create(NetworkPolicy, aPolicy()).object)[1]?.[1], '<none>');
  assert.equal(NetworkPolicy.generations, 'always');
});

const BACKEND: IngressBackend = { service: { name: 'web', port: { number: 80 } } };

const anIngress = (spec: Ingress['spec'] = { defaultBackend: BACKEND }, annotation?: string): Ingress => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    ...newMeta('web'),
    ...(annotation === undefined ? {} : { annotations: { 'kubernetes.io/ingress.class': annotation } }),
  },
  spec,
});

const withPath = (path: Partial<HTTPIngressPath>): Ingress['spec'] => ({
  rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend: BACKEND, ...path }] } }],
});
const ofPath = (rest: string): string => `spec.rules[0].http.paths[0].${rest}`;
const withService = (service: IngressBackend['service']): Ingress['spec'] => ({
  defaultBackend: service === undefined ? {} : { service },
});

const INGRESSES: readonly (readonly [string, Ingress['spec'], readonly string[]])[] = [
  ['nothing', {}, ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified']],
  ['no paths', { rules: [{ http: { paths: [] } }] }, ['spec.rules[0].http.paths: Required value']],
  ['no path type', withPath({ pathType: '' }), [ofPath('pathType: Required value: pathType must be specified')]],
  [
    'an unknown path type',
    withPath({ pathType: 'Regex' }),
    [ofPath('pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"')],
  ],
  [
    'a path to nowhere',
    withPath({ path: 'a//b/..' }),
    [
      ofPath('path: Invalid value: "a//b/..": must be an absolute path'),
      ofPath(`path: Invalid value: "a//b/..": must not contain '//'`),
      ofPath(`path: Invalid value: "a//b/..": cannot end with '/..'`),
    ],
  ],
  [
    'an own path that is relative',
    withPath({ pathType: 'ImplementationSpecific', path: 'a//b' }),
    [ofPath('path: Invalid value: "a//b": must be an absolute path')],
  ],
  [
    'an address for a host',
    { rules: [{ host: '198.18.0.1' }] },
    ['spec.rules[0].host: Invalid value: "198.18.0.1": must be a DNS name, not an IP address'],
  ],
  [
    'no backend',
    withService(undefined),
    ['spec.defaultBackend: Invalid value: "": resource or service backend is required'],
  ],
  [
    'two backends',
    { defaultBackend: { ...BACKEND, resource: { kind: 'Bucket', name: 'b' } } },
    ['spec.defaultBackend: Invalid value: "": cannot set both resource and service backends'],
  ],
  [
    'a service without a name',
    withService({ name: '', port: { number: 80 } }),
    ['spec.defaultBackend.service.name: Required value'],
  ],
  [
    'a service without a port',
    withService({ name: 'web' }),
    ['spec.defaultBackend: Required value: port name or number is required'],
  ],
  [
    'a service with two ports',
    withService({ name: 'web', port: { name: 'http', number: 80 } }),
    ['spec.defaultBackend: Invalid value: "": cannot set both port name & port number'],
  ],
  [
    'an object without a name',
    { defaultBackend: { resource: { kind: '', name: '' } } },
    ['spec.defaultBackend.resource.kind: Required value', 'spec.defaultBackend.resource.name: Required value'],
  ],
];

for (const [what, spec, expected] of INGRESSES)
  test(`[NKD4] an ingress with ${what} is refused`, () => {
    assert.deepEqual(create(Ingress, anIngress(spec)).errors, expected);
  });

test('[NKD4] hosts may stand for all names of a domain', () => {
  const hosts = (host: string): readonly string[] =>
    create(Ingress, anIngress({ rules: [{ host }], tls: [{ hosts: [host], secretName: 'tls' }] })).errors;
  assert.deepEqual(hosts('*.example.com'), []);
  const [first, second] = hosts('*.*.com');
  assert.match(
    first ?? '',
    /^spec\.rules\[0\]\.host: Invalid value: "\*\.\*\.com": a wildcard DNS-1123 subdomain must start/,
  );
  assert.match(second ?? '', /^spec\.tls\[0\]\.hosts\[0\]: Invalid value/);
});

test('[NKD5] a new ingress has no address, and a reported one is an address', () => {
  const sent: Ingress = { ...anIngress(), status: { loadBalancer: { ingress: [{ ip: '198.18.0.1' }] } } };
  const { object, errors } = create(Ingress, sent);
  assert.deepEqual([errors, object.status], [[], { loadBalancer: {} }]);
  const report = (ingress: NonNullable<IngressStatus['loadBalancer']>['ingress'] = []): readonly string[] =>
    texts(Ingress.validateStatusUpdate({ ...object, status: { loadBalancer: { ingress } } }, object));
  assert.deepEqual(report([{ ip: 'x' }]), [
    'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ]);
  assert.deepEqual(report([{ hostname: '198.18.0.1' }]), [
    'status.loadBalancer.ingress[0].hostname: Invalid value: "198.18.0.1": must be a DNS name, not an IP address',
  ]);
});

test('[NKD6] the table of ingresses shows class, hosts, addresses and ports', () => {
  const hosts = ['a.example', 'b.example', 'c.example', 'd.example'];
  const rules = hosts.map((host) => ({ host }));
  const ingress = [{ ip: '198.18.0.2' }, { hostname: 'lb.example' }, { ip: '198.18.0.1' }];
  const full: Ingress = {
    ...anIngress({ rules, ingressClassName: 'nginx', tls: [{}] }),
    status: { loadBalancer: { ingress } },
  };
  assert.deepEqual(rowOf(Ingress, full), [
    ['Name', 'web'],
    ['Class', 'nginx'],
    ['Hosts', 'a.example,b.example,c.example + 1 more...'],
    ['Address', '198.18.0.1,198.18.0.2,lb.example'],
    ['Ports', '80, 443'],
    ['Age', '5m'],
  ]);
  const plain = rowOf(Ingress, anIngress()).map(([, cell]) => cell);
  assert.deepEqual(plain, ['web', '<none>', '*', '', '80', '5m']);
  assert.equal(rowOf(Ingress, anIngress(undefined, 'old'))[1]?.[1], 'old');
});

test('[NKD7] who names the class by annotation is told, and who names two is refused', () => {
  const spec = { defaultBackend: BACKEND, ingressClassName: 'nginx' };
  const twice = create(Ingress, anIngress(spec, 'traefik'));
  assert.deepEqual(twice.errors, [
    'annotations.kubernetes.io/ingress.class: Invalid value: "traefik": must match `ingressClassName` when both are specified',
  ]);
  assert.deepEqual(twice.warnings, [
    `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`,
  ]);
  const stored = deepFreeze(create(Ingress, anIngress(spec, 'nginx')).object);
  const next = {
    ...anIngress(spec, 'traefik'),
    metadata: { ...anIngress(spec, 'traefik').metadata, resourceVersion: '1' },
  };
  assert.deepEqual(updateErrors(Ingress, { stored, next }), []);
});

const aClass = (spec: IngressClass['spec'] = { controller: 'example.com/ingress' }): IngressClass => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: newMeta('nginx'),
  spec,
});

const PARAMETERS = { kind: 'Config', name: 'fast' };
const withParameters = (parameters: IngressClass['spec']['parameters']): IngressClass['spec'] => ({
  controller: 'example.com/ingress',
  ...(parameters === undefined ? {} : { parameters }),
});

const CLASSES: readonly (readonly [string, IngressClass['spec'], readonly string[]])[] = [
  ['no controller', {}, ['spec.controller: Required value']],
  [
    'a controller without a domain',
    { controller: 'nginx' },
    ['spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")'],
  ],
  [
    'a controller with blanks',
    { controller: 'example.com/a b' },
    [
      `spec.controller: Invalid value: "a b": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')`,
    ],
  ],
  [
    'a controller that is too long',
    { controller: `example.com/${'a'.repeat(250)}` },
    ['spec.controller: Too long: may not be more than 250 bytes'],
  ],
  [
    'parameters in no namespace',
    withParameters({ ...PARAMETERS, scope: 'Namespace' }),
    ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
  ],
  [
    'cluster-wide parameters in a namespace',
    withParameters({ ...PARAMETERS, namespace: 'a' }),
    ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
  ],
  [
    'parameters of another scope',
    withParameters({ ...PARAMETERS, scope: 'World' }),
    ['spec.parameters.scope: Unsupported value: "World": supported values: "Cluster", "Namespace"'],
  ],
];

for (const [what, spec, expected] of CLASSES)
  test(`[NKD8] a class with ${what} is refused`, () => {
    assert.deepEqual(create(IngressClass, aClass(spec)).errors, expected);
  });

test('[NKD8] a class keeps its controller, and parameters are cluster-wide', () => {
  const stored = deepFreeze(create(IngressClass, aClass(withParameters(PARAMETERS))).object);
  assert.equal(stored.spec.parameters?.scope, 'Cluster');
  assert.deepEqual(updateErrors(IngressClass, { stored, next: aClass({ controller: 'example.com/other' }) }), [
    'spec.controller: Invalid value: "example.com/other": field is immutable',
  ]);
});

test('[NKD9] the table of classes shows controller and parameters', () => {
  assert.deepEqual(rowOf(IngressClass, aClass()), [
    ['Name', 'nginx'],
    ['Controller', 'example.com/ingress'],
    ['Parameters', '<none>'],
    ['Age', '5m'],
  ]);
  const apiGroup = 'example.com';
  const parameters = (rest: object): unknown =>
    rowOf(IngressClass, aClass(withParameters({ ...PARAMETERS, ...rest })))[2]?.[1];
  assert.deepEqual([parameters({}), parameters({ apiGroup })], ['Config/fast', 'Config.example.com/fast']);
});
