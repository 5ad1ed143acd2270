import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointSlice } from '#api/discovery/endpoint-slice';
import { aService, anEndpoint, aSlice } from '#test/builders/network';
import { parseRange } from '../../plan/ipv4.ts';
import { planAnswer, type DnsAnswer } from './answer.ts';
import type { DnsRecord } from './record.ts';
import type { DnsSnapshot } from './snapshot.ts';

const HEADLESS = { clusterIP: 'None', clusterIPs: ['None'] };
const SERVICES = [
  aService({ spec: { ports: [{ name: 'http', port: 80, protocol: 'TCP' }] } }),
  aService({ name: 'db', spec: HEADLESS }),
  aService({ name: 'empty', spec: HEADLESS }),
  aService({
    name: 'docs',
    spec: { type: 'ExternalName', externalName: 'Docs.Example.org.', clusterIP: '', clusterIPs: [] },
  }),
];
const DB_ENDPOINTS = [
  anEndpoint('198.18.0.2', { hostname: 'db-0' }),
  anEndpoint('198.18.0.3'),
  anEndpoint('198.18.0.4', { hostname: 'db-2', conditions: { ready: false } }),
];
const SLICES: readonly EndpointSlice[] = [
  aSlice({ service: 'db', endpoints: DB_ENDPOINTS, ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }] }),
];

const SNAPSHOT: DnsSnapshot = {
  domain: 'cluster.local',
  dnsIp: '198.19.0.10',
  ranges: [parseRange('198.18.0.0/20'), parseRange('198.19.0.0/20')],
  hasNamespace: (name) => name === 'default',
  service: (namespace, name) =>
    SERVICES.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
  slicesOf: (_namespace, name) =>
    SLICES.filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name),
  servicesAt: (address) => SERVICES.filter(({ spec }) => spec?.clusterIP === address),
  slicesWith: (address) =>
    SLICES.filter(({ endpoints = [] }) => endpoints.some(({ addresses }) => addresses.includes(address))),
};

const plan = (name: string, type = 'A'): DnsAnswer => planAnswer({ name, type }, SNAPSHOT);

/** What was found, or what the answer is otherwise. */
function found(name: string, type = 'A'): readonly unknown[] | string {
  const answer = plan(name, type);
  return answer.outcome === 'found' ? answer.answers.map(({ data }) => data) : answer.outcome;
}

const data = (records: readonly DnsRecord[]): readonly unknown[] => records.map((record) => [record.name, record.data]);

test('[DNS1] a service has its cluster address', () => {
  assert.deepEqual(plan('web.default.svc.cluster.local'), {
    outcome: 'found',
    answers: [{ name: 'web.default.svc.cluster.local', type: 'A', ttl: 5, data: '198.19.0.20' }],
    additionals: [],
  });
});

test('[DNS2] a headless service has its ready endpoints, each with a name of its own', () => {
  assert.deepEqual(found('db.default.svc.cluster.local'), ['198.18.0.2', '198.18.0.3']);
  assert.deepEqual(found('db-0.db.default.svc.cluster.local'), ['198.18.0.2']);
  assert.deepEqual(found('198-18-0-3.db.default.svc.cluster.local'), ['198.18.0.3']);
  assert.equal(found('db-2.db.default.svc.cluster.local'), 'missing');
  assert.equal(found('empty.default.svc.cluster.local'), 'empty');
});

test('[DNS3] named ports have locations with the addresses of their targets', () => {
  const ofService = plan('_http._tcp.web.default.svc.cluster.local', 'SRV');
  assert.ok(ofService.outcome === 'found');
  assert.deepEqual(data(ofService.answers), [
    [
      '_http._tcp.web.default.svc.cluster.local',
      { priority: 0, weight: 100, port: 80, target: 'web.default.svc.cluster.local' },
    ],
  ]);
  assert.deepEqual(data(ofService.additionals), [['web.default.svc.cluster.local', '198.19.0.20']]);

  const headless = plan('_sql._tcp.db.default.svc.cluster.local', 'SRV');
  assert.ok(headless.outcome === 'found');
  assert.deepEqual(
    headless.answers.map((record) => record.data),
    [
      { priority: 0, weight: 50, port: 5432, target: 'db-0.db.default.svc.cluster.local' },
      { priority: 0, weight: 50, port: 5432, target: '198-18-0-3.db.default.svc.cluster.local' },
    ],
  );
  assert.deepEqual(data(headless.additionals), [
    ['db-0.db.default.svc.cluster.local', '198.18.0.2'],
    ['198-18-0-3.db.default.svc.cluster.local', '198.18.0.3'],
  ]);
  assert.equal(found('_sql._udp.db.default.svc.cluster.local', 'SRV'), 'missing');
  assert.equal(found('_tcp.db.default.svc.cluster.local', 'SRV'), 'empty');
});

test('[DNS4] a pod’s name is its address', () => {
  assert.deepEqual(found('198-18-0-9.default.pod.cluster.local'), ['198.18.0.9']);
  assert.equal(found('198-18-0-9.nowhere.pod.cluster.local'), 'missing');
  assert.equal(found('198-18-0.default.pod.cluster.local'), 'missing');
});

test('[DNS5] addresses of services and endpoints point back, others in the ranges are nobody’s', () => {
  assert.deepEqual(found('20.0.19.198.in-addr.arpa', 'PTR'), ['web.default.svc.cluster.local']);
  assert.deepEqual(found('2.0.18.198.in-addr.arpa', 'PTR'), ['db-0.db.default.svc.cluster.local']);
  assert.equal(found('77.0.18.198.in-addr.arpa', 'PTR'), 'missing');
  assert.equal(found('2.2.0.192.in-addr.arpa', 'PTR'), 'foreign');
});

test('[DNS6] an external name is an alias', () => {
  const alias = { name: 'docs.default.svc.cluster.local', type: 'CNAME', ttl: 5, data: 'docs.example.org' };
  assert.deepEqual(plan('docs.default.svc.cluster.local'), { outcome: 'alias', alias, target: 'docs.example.org' });
  assert.deepEqual(found('docs.default.svc.cluster.local', 'CNAME'), ['docs.example.org']);
});

test('[DNS7] names without the type are empty, other names of the zone are missing, with its authority', () => {
  const names = [
    'cluster.local',
    'svc.cluster.local',
    'default.svc.cluster.local',
    'web.default.svc.cluster.local',
    'pod.cluster.local',
  ];
  assert.deepEqual(
    names.map((name) => found(name, 'AAAA')),
    names.map(() => 'empty'),
  );
  const absent = [
    'none.default.svc.cluster.local',
    'nowhere.svc.cluster.local',
    'a.b.web.default.svc.cluster.local',
    'other.cluster.local',
  ];
  assert.deepEqual(
    absent.map((name) => found(name)),
    absent.map(() => 'missing'),
  );
  const answer = plan(absent[0]!);
  assert.ok(answer.outcome === 'missing');
  assert.deepEqual([answer.authority.name, answer.authority.type, answer.authority.ttl], ['cluster.local', 'SOA', 5]);
});

test('[DNS9] names outside the zone are others’ to answer', () => {
  for (const name of ['example.org', 'notcluster.local', 'local', 'cluster.local.example.org'])
    assert.equal(found(name), 'foreign');
});
