/** Real packets through the rules, routes and names of a node's network, between network namespaces the test makes. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { ApiObject } from '#api/object';
import type { ServiceSpec } from '#api/types/core-v1';
import type { Endpoint } from '#api/types/discovery-v1';
import { aService, aSlice, anEndpoint } from '../builders/network.ts';
import { aMeta, aPod } from '../builders/workloads.ts';
import { Rig, type TestNode, type TestPod } from './network/network-fixture.ts';

const VIP = '198.19.0.20:80';
const UDP_VIP = '198.19.0.20:53';
const DNS = '198.19.0.10';
const NOBODY_HERE = 'ECONNREFUSED';

let rig: Rig;
let node: TestNode;
let pods: readonly TestPod[];
let stateBefore: string;

before(async () => {
  rig = await Rig.start();
  await rig.exec(rig.node.name, 'sysctl', '-qw', 'net.ipv4.ip_forward=0');
  stateBefore = await networkState();
  node = await rig.startNode();
  pods = [await node.startPod('pod-a'), await node.startPod('pod-b'), await node.startPod('pod-c')];
  await put({ apiVersion: 'v1', kind: 'Namespace', metadata: aMeta('default') });
});

after(async () => {
  await rig[Symbol.asyncDispose]();
});

test('[NET10, NET11] a cluster address leads from the node and from pods to every ready endpoint and no other', async () => {
  const [a, b, c] = pods.map(({ address }) => address);
  await serve({}, [anEndpoint(a!), anEndpoint(b!), anEndpoint(c!, { conditions: { ready: false } })]);
  for (const from of [rig.node.name, pods[0]!.host, pods[2]!.host]) {
    assert.deepEqual(servers(await rig.dial(from, VIP, { count: 40 })), ['pod-a', 'pod-b'], from);
  }
});

test('[NET16] a pod reaches itself through its service', async () => {
  await serve({}, [anEndpoint(pods[0]!.address)]);
  assert.deepEqual(servers(await rig.dial(pods[0]!.host, VIP, { count: 5 })), ['pod-a']);
});

test('[NET15] a service without endpoints refuses at once, and so does an address of no service', async () => {
  await serve({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] }, []);
  for (const from of [rig.node.name, pods[0]!.host]) {
    assert.deepEqual(await rig.dial(from, VIP), [NOBODY_HERE], from);
    assert.deepEqual(await rig.dial(from, '198.19.0.99:80'), [NOBODY_HERE], from);
    assert.deepEqual(await rig.dial(from, `${DNS}:22`), [NOBODY_HERE], from);
  }
  assert.deepEqual(await rig.dial(rig.client.name, `${rig.node.address}:30080`), [NOBODY_HERE]);
});

test('[NET12] a node port leads from outside, from the node and from pods to the endpoints, and shows the client', async () => {
  await serve({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] }, endpointsOf(pods));
  const port = `${rig.node.address}:30080`;
  for (const from of [rig.node.name, pods[0]!.host, rig.client.name]) {
    assert.deepEqual(servers(await rig.dial(from, port, { count: 40 })), ['pod-a', 'pod-b', 'pod-c'], from);
  }
  assert.deepEqual(clients(await rig.dial(rig.client.name, port, { count: 5 })), [rig.client.address]);
});

test('[NET13] the load balancer address and external addresses lead to the endpoints', async () => {
  const spec: Partial<ServiceSpec> = { type: 'LoadBalancer', externalIPs: ['198.19.251.7'] };
  await serve(spec, endpointsOf(pods), { loadBalancer: { ingress: [{ ip: rig.node.address }] } });
  for (const address of [rig.node.address, '198.19.251.7']) {
    assert.deepEqual(servers(await rig.dial(rig.client.name, `${address}:80`, { count: 40 })), [
      'pod-a',
      'pod-b',
      'pod-c',
    ]);
  }
});

test('[NET28] no connection fails while endpoints come and go', async () => {
  await serve({}, endpointsOf(pods));
  const dialling = rig.dial(pods[2]!.host, VIP, { count: 2_000 });
  let isDialling = true;
  const ended = dialling.finally(() => {
    isDialling = false;
  });
  for (let turn = 0; isDialling; turn++) await serve({}, endpointsOf(pods.filter((_pod, index) => index !== turn % 4)));
  assert.deepEqual(servers(await ended), ['pod-a', 'pod-b', 'pod-c']);
});

test('[NET27] a load balancer that lets in some sources drops the others', async () => {
  const spec = { type: 'LoadBalancer', loadBalancerSourceRanges: ['198.18.0.0/20', '198.18.0.0/24', '203.0.113.0/24'] };
  await serve(spec, endpointsOf(pods), { loadBalancer: { ingress: [{ ip: rig.node.address }] } });
  const balancer = `${rig.node.address}:80`;
  assert.deepEqual(await rig.dial(rig.client.name, balancer), ['TIMEOUT']);
  assert.deepEqual(servers(await rig.dial(pods[0]!.host, balancer, { count: 20 })), ['pod-a', 'pod-b', 'pod-c']);
});

test('[NET14] with ClientIP affinity a client keeps its endpoint until that is gone', async () => {
  const spec: Partial<ServiceSpec> = {
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
  };
  await serve(spec, endpointsOf(pods));
  const [first = '', ...more] = servers(await rig.dial(rig.node.name, VIP, { count: 20 }));
  assert.deepEqual(more, []);
  await serve(
    spec,
    endpointsOf(pods.filter(({ name }) => name === first || name === pods.find((pod) => pod.name !== first)?.name)),
  );
  assert.deepEqual(servers(await rig.dial(rig.node.name, VIP, { count: 10 })), [first]);
  await serve(spec, endpointsOf(pods.filter(({ name }) => name !== first)));
  const [second = '', ...others] = servers(await rig.dial(rig.node.name, VIP, { count: 20 }));
  assert.deepEqual(others, []);
  assert.notEqual(second, first);
});

test('[NET17, NET18] local policies keep to endpoints of the node: strangers are dropped without one, pods are not', async () => {
  const elsewhere = anEndpoint(pods[0]!.address, { nodeName: 'node-2' });
  const ports = [{ port: 80, nodePort: 30080 }];
  await serve({ type: 'NodePort', ports, externalTrafficPolicy: 'Local' }, [elsewhere]);
  assert.deepEqual(await rig.dial(rig.client.name, `${rig.node.address}:30080`), ['TIMEOUT']);
  assert.deepEqual(servers(await rig.dial(pods[1]!.host, `${rig.node.address}:30080`)), ['pod-a']);
  await serve({ type: 'NodePort', ports, externalTrafficPolicy: 'Local' }, [elsewhere, anEndpoint(pods[1]!.address)]);
  assert.deepEqual(servers(await rig.dial(rig.client.name, `${rig.node.address}:30080`, { count: 20 })), ['pod-b']);
  await serve({ internalTrafficPolicy: 'Local' }, [elsewhere, anEndpoint(pods[1]!.address)]);
  assert.deepEqual(servers(await rig.dial(rig.node.name, VIP, { count: 20 })), ['pod-b']);
});

test('[NET21] a datagram client of an endpoint that left reaches another', async () => {
  const ports = [{ port: 53, protocol: 'UDP' }];
  const toPort = [{ name: '', port: 8080, protocol: 'UDP' }];
  const [a, b] = [pods[0]!, pods[1]!];
  await put(aService({ spec: { ports } }), aSlice({ endpoints: endpointsOf([a]), ports: toPort }));
  assert.deepEqual(servers(await rig.dial(rig.node.name, UDP_VIP, { transport: 'udp', sourcePort: 40_001 })), [
    'pod-a',
  ]);
  await put(aSlice({ endpoints: endpointsOf([b]), ports: toPort }));
  await node.tell({ order: 'withdrawn', address: a.address });
  assert.deepEqual(
    await eventually(() => rig.dial(rig.node.name, UDP_VIP, { transport: 'udp', sourcePort: 40_001 }), ['pod-b']),
    ['pod-b'],
  );
});

test('[NET22] a host port leads to its pod', async () => {
  const [a] = pods;
  const containers = [{ name: 'web', ports: [{ containerPort: 8080, hostPort: 8090 }] }];
  const pod = aPod({
    name: 'with-port',
    spec: { nodeName: 'node-1', containers },
    status: { phase: 'Running', podIP: a!.address },
  });
  await put(pod);
  const port = `${rig.node.address}:8090`;
  assert.deepEqual(await eventually(() => rig.dial(rig.client.name, port), ['pod-a']), ['pod-a']);
  await node.tell({ order: 'remove', objects: [pod] });
});

test('[NET24] a table that somebody else emptied is written anew with the next change', async () => {
  await rig.exec(rig.node.name, 'nft', 'delete', 'table', 'ip', `tutti_${node.settings.clusterId}`);
  await serve({}, endpointsOf([pods[1]!]));
  assert.deepEqual(await eventually(() => rig.dial(rig.node.name, VIP), ['pod-b']), ['pod-b']);
});

test('[NET4] what no pod and no service answers for never leaves the machine', async () => {
  const answers = await rig.dial(rig.node.name, '198.18.5.5:80');
  assert.deepEqual(answers, ['EHOSTUNREACH']);
  assert.deepEqual(await rig.dial(rig.client.name, '198.18.5.5:80'), ['EHOSTUNREACH']);
});

test('[NET30, NET31, DNS5] ranges that users add are answered for on the machine, but for those that it has itself', async () => {
  const aRange = (name: string, cidr: string): ApiObject =>
    ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: aMeta(name),
      spec: { cidrs: [cidr] },
    }) as ApiObject;
  const more = aRange('more', '198.19.128.0/24');
  const clientNet = aRange('client', '198.19.250.0/24');
  const address = '198.19.128.7';
  await put(more, clientNet);
  await serve({ clusterIP: address, clusterIPs: [address] }, endpointsOf(pods));
  for (const from of [rig.node.name, pods[0]!.host]) {
    const answers = await rig.dial(from, `${address}:80`, { count: 40 });
    assert.deepEqual(servers(answers), ['pod-a', 'pod-b', 'pod-c'], from);
    assert.deepEqual(await rig.dial(from, '198.19.128.99:80'), [NOBODY_HERE], from);
  }
  assert.deepEqual(await rig.ask(pods[0]!.host, DNS, ['99.128.19.198.in-addr.arpa']), ['NXDOMAIN']);
  const routes = (): Promise<string> => rig.exec(rig.node.name, 'ip', '-4', 'route', 'show', 'dev', 'lo');
  assert.match(await routes(), /198\.19\.128\.0\/24/);
  assert.doesNotMatch(await routes(), /198\.19\.250\.0/);
  await node.kill();
  node = await rig.startNode();
  await put({ apiVersion: 'v1', kind: 'Namespace', metadata: aMeta('default') });
  assert.doesNotMatch(await routes(), /198\.19\.128\.0/);
  await put(more);
  assert.match(await routes(), /198\.19\.128\.0\/24/);
});

test('[NET5] outside the cluster pods are known by the address of their node, inside by their own', async () => {
  await rig.start(rig.client.name, 'echo-server.ts', 'outside');
  assert.deepEqual(clients(await rig.dial(pods[0]!.host, `${rig.client.address}:8080`)), [rig.node.address]);
  assert.deepEqual(clients(await rig.dial(pods[0]!.host, `${pods[1]!.address}:8080`)), [pods[0]!.address]);
});

test('[DNS1, DNS9] pods and the node resolve services, and outside names through the machine’s own server', async () => {
  await serve({}, endpointsOf(pods));
  await rig.start(rig.client.name, 'outside-names.ts', rig.client.address);
  for (const from of [rig.node.name, pods[0]!.host]) {
    const names = [
      'web.default.svc.cluster.local',
      'WEB.default.svc.Cluster.Local',
      'none.default.svc.cluster.local',
      'www.outside.test',
    ];
    assert.deepEqual(await rig.ask(from, DNS, names), ['"198.19.0.20"', '"198.19.0.20"', 'NXDOMAIN', '"203.0.113.5"']);
  }
});

test('[DNS8] an answer too long for a datagram is truncated, and whole by stream', async () => {
  const many = Array.from({ length: 60 }, (_, index) => anEndpoint(`198.18.0.${100 + index}`));
  await put(
    aService({ name: 'many', spec: { clusterIP: 'None', clusterIPs: ['None'] } }),
    aSlice({ service: 'many', endpoints: many }),
  );
  const [answer = ''] = await rig.ask(pods[0]!.host, DNS, ['many.default.svc.cluster.local']);
  assert.match(answer, /^by stream: /);
  assert.equal(answer.split(' ').length, 'by stream:'.split(' ').length + 60);
});

test('[NET10] the API’s service leads from pods and from the node to a program of the node itself', async () => {
  await rig.start(rig.node.name, 'echo-server.ts', 'api', '6443');
  const address = '198.19.0.1';
  const ports = [{ name: 'https', port: 6443, protocol: 'TCP' }];
  const slice = aSlice({ service: 'kubernetes', endpoints: [{ addresses: [rig.node.address] }], ports });
  const spec = { clusterIP: address, clusterIPs: [address], ports: [{ name: 'https', port: 443 }] };
  await put(aService({ name: 'kubernetes', spec }), slice);
  for (const from of [rig.node.name, pods[0]!.host])
    assert.deepEqual(servers(await rig.dial(from, `${address}:443`, { count: 3 })), ['api'], from);
});

test('[NET25] whoever waits for an address to be withdrawn hears of it when connections go elsewhere', async () => {
  const [a, b] = [pods[0]!, pods[1]!];
  await serve({}, endpointsOf([a, b]));
  await node.tell({
    order: 'withdrawn-after',
    address: a.address,
    objects: [aSlice({ endpoints: endpointsOf([b]) })],
  });
  assert.deepEqual(servers(await rig.dial(rig.node.name, VIP, { count: 20 })), ['pod-b']);
});

test('[NET14, NET24] services go on while the network’s process is gone, and clients keep their endpoints when it is back', async () => {
  const spec: Partial<ServiceSpec> = { sessionAffinity: 'ClientIP' };
  await serve(spec, endpointsOf(pods));
  const [first = ''] = servers(await rig.dial(rig.node.name, VIP));
  await node.kill();
  assert.deepEqual(servers(await rig.dial(rig.node.name, VIP, { count: 5 })), [first]);
  node = await rig.startNode();
  await put({ apiVersion: 'v1', kind: 'Namespace', metadata: aMeta('default') });
  await serve(spec, endpointsOf(pods));
  assert.deepEqual(servers(await rig.dial(rig.node.name, VIP, { count: 10 })), [first]);
  assert.deepEqual(await rig.ask(pods[0]!.host, DNS, ['web.default.svc.cluster.local']), ['"198.19.0.20"']);
});

test('[NET7] a second cluster on the machine neither sees nor disturbs the first, and purging leaves nothing', async () => {
  await serve({}, endpointsOf([pods[0]!]));
  const second = await rig.startNode({
    clusterId: 'abcd0002',
    podCidr: '198.18.16.0/20',
    nodePodCidr: '198.18.16.0/24',
    serviceCidr: '198.19.16.0/20',
  });
  const other = await second.startPod('pod-x');
  await second.tell({
    order: 'put',
    objects: [
      aService({ spec: { clusterIP: '198.19.16.20', clusterIPs: ['198.19.16.20'] } }),
      aSlice({ endpoints: endpointsOf([other]) }),
    ],
  });
  assert.deepEqual(await eventually(() => rig.dial(rig.node.name, '198.19.16.20:80'), ['pod-x']), ['pod-x']);
  assert.deepEqual(servers(await rig.dial(rig.node.name, VIP, { count: 5 })), ['pod-a']);
  assert.deepEqual(await rig.ask(other.host, '198.19.16.10', ['web.default.svc.cluster.local']), ['"198.19.16.20"']);

  await second.tell({ order: 'purge' });
  assert.deepEqual(servers(await rig.dial(pods[1]!.host, VIP, { count: 5 })), ['pod-a']);
});

test('[NET6] purging removes every table, route, address, link and file, and restores forwarding', async () => {
  const left = await rig.leaveNote(node.settings.clusterId);
  await node.tell({ order: 'purge' });
  assert.deepEqual(await left(), []);
  assert.equal(await networkState(), stateBefore);
  assert.deepEqual(await readdir(node.settings.dataDir).catch(() => []), ['net.d']);
  assert.deepEqual(await readdir(node.settings.confDir), []);
});

async function serve(spec: Partial<ServiceSpec>, endpoints: readonly Endpoint[], status = {}): Promise<void> {
  await put(aService({ spec, status }), aSlice({ endpoints }));
}

async function put(...objects: readonly ApiObject[]): Promise<void> {
  await node.tell({ order: 'put', objects });
  await node.tell({ order: 'settled' });
}

const endpointsOf = (some: readonly TestPod[]): Endpoint[] => some.map(({ address }) => anEndpoint(address));
const servers = (answers: readonly string[]): string[] =>
  [...new Set(answers.map((answer) => answer.split(' ')[0] ?? ''))].toSorted();
const clients = (answers: readonly string[]): string[] =>
  [...new Set(answers.map((answer) => answer.split(' ')[1] ?? ''))].toSorted();

async function eventually(dial: () => Promise<string[]>, wanted: readonly string[]): Promise<string[]> {
  for (let tries = 0; tries < 20; tries++) {
    const answered = servers(await dial());
    if (answered.join() === wanted.join()) return answered;
  }
  return servers(await dial());
}

async function networkState(): Promise<string> {
  const commands = [
    ['nft', 'list', 'ruleset'],
    ['ip', '-4', 'route', 'show', 'table', 'all'],
    ['ip', '-4', '-o', 'address'],
    ['ip', '-o', 'link'],
    ['sysctl', 'net.ipv4.ip_forward', 'net.ipv4.conf.all', 'net.ipv4.conf.lo', 'net.ipv4.conf.eth0'],
  ] as const;
  const printed = [];
  for (const [program, ...args] of commands) printed.push(await rig.exec(rig.node.name, program, ...args));
  return printed.join('---\n');
}
