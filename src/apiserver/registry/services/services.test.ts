import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type * as core from '#api/types/core-v1';
import { seededRandom } from '#base/seeded-random';
import { virtualWorld } from '#base/virtual-world';
import { memoryEngine } from '#store/memory/memory-engine';
import { openStore } from '#store/mvcc-store';
import type { Storable } from '#store/store';
import { addressAt, addressToNumber, numberToAddress, parseAddressRange } from './address-range.ts';
import { allocateForServices } from './allocate.ts';
import type { Allocation } from './allocation.ts';
import { keepAllocatedValues } from './keep-allocated.ts';
import { planAllocation } from './plan-allocation.ts';

const RANGE = parseAddressRange('198.18.64.0/24');
const PORTS = { first: 30_000, last: 30_002 };

function aService(spec: core.ServiceSpec, name = 'web'): core.Service {
  const metadata = { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '' };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec };
}

function allocation(taken: { addresses?: string[]; ports?: number[] } = {}): Allocation {
  const { addresses = [], ports = [] } = taken;
  return {
    addresses: [RANGE],
    kept: new Set(['198.18.64.1', '198.18.64.10']),
    ports: PORTS,
    taken: { addresses: new Set(addresses), ports: new Set(ports) },
    random: seededRandom(1),
  };
}

const plan = (spec: core.ServiceSpec, taken = allocation(), stored?: core.Service): core.ServiceSpec =>
  planAllocation(aService(spec), stored, taken).spec ?? {};

const http: core.ServicePort = { name: 'http', port: 80, protocol: 'TCP' };

test('[SIP1] a service gets a free address of the range, in the single-stack form', () => {
  const spec = plan({ type: 'ClusterIP', ports: [http] });
  const position = (addressToNumber(spec.clusterIP ?? '') ?? 0) - RANGE.first;
  assert.ok(position >= 16 && position < 254);
  assert.deepEqual(
    { ...spec, clusterIP: '', clusterIPs: spec.clusterIPs?.length },
    {
      type: 'ClusterIP',
      ports: [http],
      clusterIP: '',
      clusterIPs: 1,
      ipFamilyPolicy: 'SingleStack',
      ipFamilies: ['IPv4'],
    },
  );
});

test('[SIP2] an address that is asked for is given if it is free and in the range', () => {
  assert.equal(plan({ clusterIP: '198.18.64.10', clusterIPs: ['198.18.64.10'] }).clusterIP, '198.18.64.10');
  const ask = (clusterIP: string, taken: string[] = []) =>
    plan({ clusterIP, clusterIPs: [clusterIP] }, allocation({ addresses: taken }));
  assert.throws(() => ask('198.18.64.10', ['198.18.64.10']), {
    reason: 'Invalid',
    message:
      'Service "web" is invalid: spec.clusterIPs: Invalid value: ["198.18.64.10"]: failed to allocate IP 198.18.64.10: provided IP is already allocated',
  });
  assert.throws(() => ask('198.18.65.1'), {
    message:
      'Service "web" is invalid: spec.clusterIPs: Invalid value: ["198.18.65.1"]: failed to allocate IP 198.18.65.1: the provided network does not match the current range',
  });
});

test('[SIP3] the first address and the tenth are only given to those who ask; a full range says so', () => {
  const free = ['198.18.64.1', '198.18.64.10', '198.18.64.15'];
  const all = Array.from({ length: RANGE.size }, (_, index) => addressAt(RANGE, index + 1));
  const addresses = all.filter((address) => !free.includes(address));
  assert.equal(plan({}, allocation({ addresses })).clusterIP, '198.18.64.15');
  assert.throws(() => plan({}, allocation({ addresses: [...addresses, '198.18.64.15'] })), {
    reason: 'InternalError',
    message: 'Internal error occurred: failed to allocate a serviceIP: range is full',
  });
});

test('[SIP4] a headless service has no address, an ExternalName neither address nor families', () => {
  assert.deepEqual(plan({ clusterIP: 'None', selector: { app: 'web' } }), {
    clusterIP: 'None',
    clusterIPs: ['None'],
    selector: { app: 'web' },
    ipFamilyPolicy: 'SingleStack',
    ipFamilies: ['IPv4'],
  });
  assert.deepEqual(plan({ clusterIP: 'None' }), {
    clusterIP: 'None',
    clusterIPs: ['None'],
    ipFamilyPolicy: 'RequireDualStack',
    ipFamilies: ['IPv4', 'IPv6'],
  });
  const external = { type: 'ExternalName', externalName: 'db.example' };
  assert.deepEqual(plan(external), external);
});

test('[SIP5] families that the cluster does not have are refused', () => {
  assert.throws(() => plan({ ipFamilyPolicy: 'RequireDualStack' }), {
    message:
      'Service "web" is invalid: spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
  });
  assert.throws(() => plan({ ipFamilies: ['IPv6'] }), {
    message: 'Service "web" is invalid: spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
  });
  assert.deepEqual(plan({ ipFamilyPolicy: 'PreferDualStack' }).ipFamilies, ['IPv4']);
});

test('[SIP6] NodePort and LoadBalancer get node ports; TCP and UDP of one number share one', () => {
  const ports = [http, { name: 'dns', port: 53, protocol: 'TCP' }, { name: 'dns-udp', port: 53, protocol: 'UDP' }];
  const given = plan({ type: 'NodePort', ports }).ports?.map(({ nodePort }) => nodePort) ?? [];
  assert.equal(given[1], given[2]);
  assert.notEqual(given[0], given[1]);
  assert.ok(given.every((port = 0) => port >= PORTS.first && port <= PORTS.last));
  assert.deepEqual(plan({ type: 'ClusterIP', ports: [http] }).ports, [http]);
  assert.deepEqual(plan({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [http] }).ports, [http]);
});

test('[SIP7] a node port that is asked for is given if it is free and in the range', () => {
  const ask = (nodePort: number, taken: number[] = []) =>
    plan({ type: 'NodePort', ports: [{ ...http, nodePort }] }, allocation({ ports: taken }));
  assert.equal(ask(30_001).ports?.[0]?.nodePort, 30_001);
  assert.throws(() => ask(30_001, [30_001]), {
    message:
      'Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated',
  });
  assert.throws(() => ask(80), {
    message:
      'Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-30002',
  });
  assert.throws(() => plan({ type: 'NodePort', ports: [http] }, allocation({ ports: [30_000, 30_001, 30_002] })), {
    reason: 'InternalError',
    message: 'Internal error occurred: failed to allocate a nodePort: range is full',
  });
});

test('[SIP8] a load balancer with a local traffic policy gets a health check port', () => {
  const spec = plan({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [http] });
  assert.ok(spec.healthCheckNodePort);
  assert.notEqual(spec.healthCheckNodePort, spec.ports?.[0]?.nodePort);
  const again = plan(spec, allocation({ ports: [] }), aService(spec));
  assert.deepEqual(again, spec);
});

test('[SIP9] an update that does not mention what was allocated keeps it', () => {
  const stored = aService({
    type: 'NodePort',
    clusterIP: '198.18.64.20',
    clusterIPs: ['198.18.64.20'],
    ports: [{ ...http, nodePort: 30_001 }],
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
  });
  const kept = keepAllocatedValues(aService({ type: 'NodePort', ports: [http] }), stored);
  assert.deepEqual(kept.spec, stored.spec);
});

test('[SIP10] a service that changes its type gives back what it no longer needs', () => {
  const stored = aService({
    type: 'NodePort',
    clusterIP: '198.18.64.20',
    clusterIPs: ['198.18.64.20'],
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    ports: [{ ...http, nodePort: 30_001 }],
  });
  const toClusterIp = keepAllocatedValues(aService({ ...stored.spec, type: 'ClusterIP' }), stored);
  assert.deepEqual([toClusterIp.spec?.ports, toClusterIp.spec?.clusterIP], [[http], '198.18.64.20']);
  const external = { ...stored.spec, type: 'ExternalName', externalName: 'db.example' };
  const { spec } = keepAllocatedValues(aService(external), stored);
  assert.deepEqual(spec, { type: 'ExternalName', externalName: 'db.example', ports: [http] });
  const { clusterIP: _ip, clusterIPs: _ips, ...cleared } = external;
  assert.deepEqual(keepAllocatedValues(aService(cleared), stored).spec, spec);
  const meant = keepAllocatedValues(aService({ ...external, ipFamilies: ['IPv6'] }), stored);
  assert.deepEqual(meant.spec, { ...spec, ipFamilies: ['IPv6'] });
});

test('[SIP11] what is taken is read off the stored services and those being written', async () => {
  const world = virtualWorld();
  await using store = await openStore({ engine: memoryEngine(), world });
  const addresses = parseAddressRange('198.18.64.0/29');
  const hook = allocateForServices({ store, world }, { addresses, ports: PORTS });
  const key = (name: string): string => `/core/services/default/${name}`;
  const write = async (name: string): Promise<string | undefined> => {
    const { object, release } = hook(aService({}, name), undefined);
    await store.write((tx) => tx.put(key(name), object));
    release();
    return (object as core.Service).spec?.clusterIP;
  };
  const first = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(write));
  assert.equal(new Set(first).size, 5);
  await assert.rejects(write('f'), { reason: 'InternalError' });
  await store.write((tx) => void tx.delete(key('c')));
  assert.equal(await write('f'), first[2]);
});

test('[SIP12] no two services ever share an address or a node port', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom('ClusterIP', 'NodePort'), fc.boolean()), { maxLength: 40 }),
      async (steps) => {
        const world = virtualWorld();
        await using store = await openStore({ engine: memoryEngine(), world });
        const ports = { first: 30_000, last: 30_100 };
        const hook = allocateForServices({ store, world }, { addresses: RANGE, ports });
        const writes = steps.map(async ([type, first], index) => {
          if (!first) await Promise.resolve();
          const { object, release } = hook(aService({ type, ports: [http] }, `s${index}`), undefined);
          await store.write((tx) => tx.put(`/core/services/default/s${index}`, object));
          release();
          return (object as core.Service).spec;
        });
        const specs = await Promise.all(writes);
        const given = specs.map((spec) => spec?.clusterIP);
        const nodePorts = specs.flatMap((spec) => spec?.ports?.[0]?.nodePort ?? []);
        assert.equal(new Set(given).size, given.length);
        assert.equal(new Set(nodePorts).size, nodePorts.length);
      },
    ),
    { numRuns: 30, seed: 7 },
  );
});

const aCidr = (name: string, cidrs: readonly string[], rest: object = {}): Storable =>
  ({ metadata: { name, uid: name, resourceVersion: '' }, spec: { cidrs }, ...rest }) as unknown as Storable;

const notReady = { status: { conditions: [{ type: 'Ready', status: 'False' }] } };

test('[SIP14] addresses come from every range that is ready, the cluster’s own first', async () => {
  const world = virtualWorld();
  await using store = await openStore({ engine: memoryEngine(), world });
  const own = parseAddressRange('198.18.64.0/29');
  const hook = allocateForServices({ store, world }, { addresses: own, ports: PORTS });
  const write = (key: string, object: Storable): Promise<unknown> => store.write((tx) => void tx.put(key, object));
  const add = (cidr: Storable): Promise<unknown> =>
    write(`/networking.k8s.io/servicecidrs/${cidr.metadata.name}`, cidr);
  const make = async (name: string, clusterIP = ''): Promise<string> => {
    const { object, release } = hook(aService({ clusterIP, clusterIPs: [clusterIP] }, name), undefined);
    await write(`/core/services/default/${name}`, object);
    release();
    return (object as core.Service).spec?.clusterIP ?? '';
  };
  await add(aCidr('kubernetes', ['198.18.64.0/29']));
  for (const name of ['a', 'b', 'c', 'd', 'e']) assert.match(await make(name), /^198\.18\.64\./);
  await assert.rejects(make('f'), { reason: 'InternalError' });
  await add(
    aCidr('going', ['198.18.65.0/29'], { metadata: { ...aCidr('going', []).metadata, deletionTimestamp: 'x' } }),
  );
  await add(aCidr('held', ['198.18.66.0/29'], notReady));
  await add(aCidr('odd', ['2001:db8::/64', '0.0.0.0/0', '198.18.66.0/31']));
  await assert.rejects(make('f'), { reason: 'InternalError' });
  await add(aCidr('more', ['198.18.67.0/24']));
  assert.match(await make('f'), /^198\.18\.67\./);
  assert.equal(await make('g', '198.18.67.10'), '198.18.67.10');
  await assert.rejects(make('h', '198.18.66.2'), /the provided network does not match the current range/);
  await add(aCidr('kubernetes', ['198.18.64.0/29'], notReady));
  await store.write((tx) => void tx.delete('/core/services/default/a'));
  assert.match(await make('h'), /^198\.18\.67\./);
});

test('[SIP13] a range is an IPv4 network of a sensible size', () => {
  assert.equal(numberToAddress(addressToNumber('198.18.64.255') ?? 0), '198.18.64.255');
  for (const cidr of ['198.18.64.1/24', '198.18.64.0', '198.18.64.0/31', '198.18.64.0/x', 'fd00::/108', '1.2.3/24']) {
    assert.throws(() => parseAddressRange(cidr), RangeError);
  }
});
