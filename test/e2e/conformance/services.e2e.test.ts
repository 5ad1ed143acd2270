/** Services that change their type, their ports and whom they lead to, as Kubernetes' conformance tests do it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Service, ServiceSpec } from '#api/types/core-v1';
import { eventually, TestCluster } from '../cluster.ts';
import { answeringPods, curl } from '../http.ts';
import { NGINX, pod, shell, untilTold } from '../pod-manifests.ts';

const IMAGES = ['docker.io/library/nginx:1.20', 'docker.io/library/busybox:latest'];
const WEB = { app: 'web' };
const service = (name: string, spec: Partial<ServiceSpec>): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec,
});
const zone = (name: string): string => `${name}.default.svc.cluster.local`;

describe('conformance: services', { timeout: 300_000 }, () => {
  let cluster: TestCluster;

  before(async () => {
    cluster = await TestCluster.start({ images: IMAGES });
    const container = { name: 'web', image: NGINX, ports: [{ name: 'http', containerPort: 80 }] };
    await cluster.apply(
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web' },
        spec: {
          replicas: 2,
          selector: { matchLabels: WEB },
          template: { metadata: { labels: WEB }, spec: { containers: [container] } },
        },
      },
      pod('probe', { containers: [shell(untilTold())] }),
    );
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s');
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/probe', '--timeout=60s');
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  const lookUp = async (name: string, ...options: readonly string[]): Promise<string> =>
    (await cluster.tryKubectl('exec', 'probe', '--', 'nslookup', ...options, name)).stdout;
  const specOf = async (name: string): Promise<ServiceSpec> =>
    (await cluster.json<Service>('get', 'service', name)).spec;
  const reads = (url: string): Promise<unknown> =>
    eventually(
      async () => (await cluster.tryKubectl('exec', 'probe', '--', 'wget', '-qO-', url)).stdout === '1.20\n',
      url,
    );
  const change = (name: string, spec: object): Promise<string> =>
    cluster.kubectl('patch', 'service', name, '--type=merge', '-p', JSON.stringify({ spec }));
  const canonical = (name: string, target: string): Promise<unknown> =>
    eventually(
      async () => (await lookUp(zone(name), '-type=cname')).includes(`canonical name = ${target}`),
      `${name} stands for ${target}`,
    );

  test('[CFM150] a name for another service follows its target, becomes a service with an address, and a name again', async () => {
    await cluster.apply(service('first', { selector: WEB, ports: [{ port: 80 }] }));
    await cluster.apply(service('changing', { type: 'ExternalName', externalName: zone('first') }));
    await canonical('changing', zone('first'));
    await change('changing', { externalName: 'bar.example.com' });
    await canonical('changing', 'bar.example.com');
    await change('changing', {
      type: 'ClusterIP',
      externalName: null,
      selector: WEB,
      ports: [{ name: 'http', port: 80, targetPort: 80 }],
    });
    const { clusterIP = '' } = await specOf('changing');
    assert.match(clusterIP, /^198\./);
    await eventually(
      async () => (await lookUp(zone('changing'), '-type=a')).includes(`Address: ${clusterIP}`),
      'its address',
    );
    await reads(`http://${clusterIP}/version`);
    await reads('http://changing/version');
    await change('changing', { type: 'ExternalName', externalName: zone('first'), clusterIP: null, clusterIPs: null });
    assert.equal((await specOf('changing')).clusterIP, undefined);
    await canonical('changing', zone('first'));
  });

  test('[CFM151] a name for another service becomes a node port, and gives it back', async () => {
    await cluster.apply(service('opening', { type: 'ExternalName', externalName: zone('first') }));
    await change('opening', {
      type: 'NodePort',
      externalName: null,
      selector: WEB,
      ports: [{ port: 80, targetPort: 80 }],
    });
    const { clusterIP = '', ports: [port] = [] } = await specOf('opening');
    await reads(`http://${clusterIP}/version`);
    const { client, node } = cluster.hosts;
    const url = `http://${node.address}:${port?.nodePort}/version`;
    await eventually(async () => (await curl(client, url)) === '1.20\n', url);
    await change('opening', {
      type: 'ExternalName',
      externalName: zone('first'),
      clusterIP: null,
      clusterIPs: null,
      ports: null,
    });
    const { clusterIP: left, ports } = await specOf('opening');
    assert.deepEqual([left, ports?.some(({ nodePort }) => nodePort !== undefined) ?? false], [undefined, false]);
    await canonical('opening', zone('first'));
    await cluster.apply(
      service('taking', { type: 'NodePort', selector: WEB, ports: [{ port: 80, nodePort: port?.nodePort ?? 0 }] }),
    );
  });

  test('[CFM152] affinity is switched on and off, at the address of the cluster and at a node port', async () => {
    await cluster.apply(service('sticky', { type: 'NodePort', selector: WEB, ports: [{ port: 80 }] }));
    const { clusterIP = '', ports: [port] = [] } = await specOf('sticky');
    const { client, node } = cluster.hosts;
    for (const [host, url] of [
      [node, `http://${clusterIP}/`],
      [client, `http://${node.address}:${port?.nodePort}/`],
    ] as const) {
      for (const [affinity, pods] of [
        ['ClientIP', 1],
        ['None', 2],
      ] as const) {
        await change('sticky', { sessionAffinity: affinity });
        await eventually(
          async () => (await answeringPods(host, url, 24)).size === pods,
          `${affinity}: ${pods} pods at ${url}`,
        );
      }
    }
  });

  test('[CFM153] the endpoints of two named ports follow the pods that serve each of them', async () => {
    const ports = [
      { name: 'one', port: 80, targetPort: 100 },
      { name: 'two', port: 81, targetPort: 101 },
    ];
    await cluster.apply(service('double', { selector: { double: 'yes' }, ports }));
    const endpoints = async (): Promise<string> => {
      const shown = await cluster.kubectl(
        'get',
        'endpoints',
        'double',
        '-o',
        'jsonpath={range .subsets[*]}{.addresses[*].ip}={.ports[*].port};{end}',
      );
      return shown
        .split(';')
        .filter((part) => part !== '')
        .toSorted()
        .join(';');
    };
    const serving = (name: string): object =>
      pod(name, { terminationGracePeriodSeconds: 0 }, { labels: { double: 'yes' } });
    await cluster.apply(serving('double-1'), serving('double-2'));
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/double-1', 'pod/double-2', '--timeout=60s');
    const addressOf = async (name: string): Promise<string> =>
      (await cluster.fields(['pod', name], '{.status.podIP}'))[0] ?? '';
    const [first, second] = [await addressOf('double-1'), await addressOf('double-2')];
    const both = async (): Promise<boolean> => {
      const shown = await endpoints();
      return [first, second, '100', '101'].every((part) => shown.includes(part));
    };
    await eventually(both, 'two endpoints');
    await cluster.kubectl('delete', 'pod', 'double-1');
    await eventually(
      async () => !(await endpoints()).includes(first) && (await endpoints()).includes(second),
      'one endpoint',
    );
    await cluster.kubectl('delete', 'pod', 'double-2');
    await eventually(async () => (await endpoints()) === '', 'no endpoint');
  });

  test('[CFM154] names of the cluster are found from a pod in full and in part', async () => {
    await cluster.apply(service('named', { selector: WEB, ports: [{ port: 80 }] }));
    for (const name of ['named', 'named.default', 'named.default.svc', zone('named')])
      await reads(`http://${name}/version`);
    const { clusterIP = '' } = await specOf('kubernetes');
    assert.ok((await lookUp(zone('kubernetes'), '-type=a')).includes(`Address: ${clusterIP}`));
  });

  test('[CFM155] endpoints that a user writes lead a service without a selector, and follow each change', async () => {
    const pods = await cluster.fields(['pods', '-l', 'app=web'], '{.items[*].status.podIP}');
    const endpoints = (ip: string): object => ({
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'written' },
      subsets: [{ addresses: [{ ip }], ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }],
    });
    const mirrored = (addresses: readonly string[]): Promise<unknown> =>
      eventually(async () => {
        const slices = ['endpointslices', '-l', 'kubernetes.io/service-name=written'];
        const found = await cluster.fields(slices, '{.items[*].endpoints[*].addresses[*]}');
        return JSON.stringify(found) === JSON.stringify(addresses);
      }, `slices with ${addresses.join()}`);
    await cluster.apply(service('written', { ports: [{ name: 'http', port: 80 }] }));
    for (const address of pods) {
      await cluster.apply(endpoints(address));
      await mirrored([address]);
      await reads('http://written/version');
    }
    await cluster.kubectl('delete', 'endpoints', 'written');
    await mirrored([]);
  });

  test('[CFM156] every pod of a replication controller answers through the proxy of the API server', async () => {
    const template = { metadata: { labels: { rc: 'proxied' } }, spec: { containers: [{ name: 'web', image: NGINX }] } };
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'ReplicationController',
      metadata: { name: 'proxied' },
      spec: { replicas: 2, selector: { rc: 'proxied' }, template },
    });
    await eventually(
      async () => (await cluster.fields(['rc', 'proxied'], '{.status.readyReplicas}'))[0] === '2',
      'two pods',
    );
    const pods = await cluster.fields(['pods', '-l', 'rc=proxied'], '{.items[*].metadata.name}');
    assert.equal(pods.length, 2);
    for (const name of pods) {
      const page = await cluster.kubectl('get', '--raw', `/api/v1/namespaces/default/pods/${name}:80/proxy/`);
      assert.ok(page.includes(name), page);
    }
  });
});
