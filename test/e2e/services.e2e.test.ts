/** Services in front of real pods, reached from pods, from their node and from another host. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import type { Pod, Service, ServiceSpec } from '#api/types/core-v1';
import { eventually, runOn, TestCluster } from './cluster.ts';
import { startOn } from './host-program.ts';
import { answeringPods, curl } from './http.ts';
import type { LoadResult } from './new-connection-load.ts';
import { NGINX, pod } from './pod-manifests.ts';

const IMAGES = ['docker.io/library/nginx:1.20', 'docker.io/library/nginx:1.22', 'docker.io/library/busybox:latest'];
const WEB = { app: 'web' };
const COULD_NOT_CONNECT = 7; // curl's exit code
// A file that takes some three seconds to send.
const SLOW_CONFIG = `server {
  listen 80;
  listen 8080;
  root /usr/share/nginx/html;
  add_header X-Pod $hostname always;
  location /version { default_type text/plain; }
  location /slow { default_type text/plain; limit_rate 1k; alias /etc/slow/text; }
}
`;

describe('services', { timeout: 300_000 }, () => {
  let cluster: TestCluster;

  before(async () => {
    cluster = await TestCluster.start({ images: IMAGES });
    await cluster.apply(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'slow' },
        data: { conf: SLOW_CONFIG, text: 'slowly '.repeat(500) },
      },
      deployment(),
      service('web', { selector: WEB, ports: [{ port: 80 }] }),
      service('named', {
        selector: WEB,
        ports: [
          { name: 'first', port: 8000, targetPort: 'http' },
          { name: 'second', port: 9000, targetPort: 'other' },
        ],
      }),
      service('sticky', { selector: WEB, sessionAffinity: 'ClientIP', ports: [{ port: 80 }] }),
      service('local', {
        type: 'NodePort',
        externalTrafficPolicy: 'Local',
        selector: WEB,
        ports: [{ port: 80, nodePort: 30080 }],
      }),
      service('public', { type: 'LoadBalancer', selector: WEB, ports: [{ port: 8088, targetPort: 80 }] }),
      service('alias', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' }),
      service('nobody', { selector: { app: 'nobody' }, ports: [{ port: 80 }] }),
      service('family', { clusterIP: 'None', selector: { family: 'yes' }, ports: [{ name: 'talk', port: 7000 }] }),
      pod('alpha', { hostname: 'alpha', subdomain: 'family' }, { labels: { family: 'yes' } }),
      pod('beta', { hostname: 'beta', subdomain: 'family' }, { labels: { family: 'yes' } }),
      pod('probe', {}),
    );
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=60s');
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  const inside = (...command: readonly string[]) => cluster.kubectl('exec', 'probe', '--', ...command);
  const lookUp = async (name: string, type = 'a'): Promise<string> =>
    (await cluster.tryKubectl('exec', 'probe', '--', 'nslookup', `-type=${type}`, name)).stdout;
  const addressOf = async (name: string): Promise<string> =>
    (await cluster.fields(['pod', name], '{.status.podIP}'))[0] ?? '';
  const webPods = async (): Promise<readonly Pod[]> =>
    (await cluster.json<{ items: readonly Pod[] }>('get', 'pods', '-l', 'app=web')).items;
  const clusterIpOf = async (name: string): Promise<string> =>
    (await cluster.json<Service>('get', 'service', name)).spec.clusterIP ?? '';

  test('[SVC1] ports lead to ports of pods by number and by name', async () => {
    for (const url of ['http://named:8000/version', 'http://named.default:9000/version', 'http://web/version'])
      assert.equal(await inside('wget', '-qO-', url), '1.20\n');
    const described = await cluster.kubectl('describe', 'service', 'named');
    assert.match(described, /^TargetPort: +http\/TCP$/m);
    assert.match(described, /^Endpoints: +198\.18\.\S+:8080,198\.18\.\S+:8080/m);
  });

  test('[SVC2] with ClientIP affinity a client keeps its pod', async () => {
    const answers = await answeringPods(cluster.hosts.node, `http://${await clusterIpOf('sticky')}/`, 20);
    assert.equal(answers.size, 1);
    const spread = await answeringPods(cluster.hosts.node, `http://${await clusterIpOf('web')}/`, 40);
    assert.equal(spread.size, 3);
  });

  test('[SVC3] names lead to pods of headless services, to pods with a host name, and to other names', async () => {
    const [alpha, beta] = [await addressOf('alpha'), await addressOf('beta')];
    const both = await lookUp('family.default.svc.cluster.local');
    assert.ok(both.includes(alpha) && both.includes(beta), both);
    assert.match(await lookUp('alpha.family.default.svc.cluster.local'), new RegExp(`Address: ${alpha}\n`));
    assert.equal(
      await cluster.kubectl('exec', 'beta', '--', 'hostname', '-f'),
      'beta.family.default.svc.cluster.local\n',
    );
    assert.match(
      await lookUp('_talk._tcp.family.default.svc.cluster.local', 'srv'),
      /7000 alpha\.family\.default\.svc\.cluster\.local/,
    );
    assert.match(await lookUp('alias.default.svc.cluster.local'), /canonical name = web\.default\.svc\.cluster\.local/);
    assert.equal(await inside('wget', '-qO-', 'http://alias/version'), '1.20\n');
    assert.match(await inside('nslookup', await clusterIpOf('web')), /name = web\.default\.svc\.cluster\.local/);
    assert.match(await lookUp('nothing.default.svc.cluster.local'), /NXDOMAIN/);
  });

  test('[SVC4] the DNS is a service too', async () => {
    const row = await cluster.kubectl('get', 'service', 'kube-dns', '-n', 'kube-system', '--no-headers');
    const address = await inside('sh', '-c', "sed -n 's/^nameserver //p' /etc/resolv.conf");
    assert.match(row, new RegExp(`^kube-dns +ClusterIP +${address.trim()} +<none> +53/UDP,53/TCP +`));
    assert.match(await lookUp('kube-dns.kube-system.svc.cluster.local'), new RegExp(`Address: ${address.trim()}\n`));
    assert.match(await cluster.kubectl('cluster-info'), /kube-dns:dns\/proxy/);
  });

  test('[SVC5] datagrams reach endpoints that an operator wrote', async () => {
    const { client } = cluster.hosts;
    using _outside = startNameServer();
    const port = { name: 'dns', port: 53, protocol: 'UDP' };
    await cluster.apply(service('resolver', { ports: [port] }), {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'resolver-1', labels: { 'kubernetes.io/service-name': 'resolver' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [client.address] }],
      ports: [port],
    });
    const address = await clusterIpOf('resolver');
    await eventually(
      async () => /Address: 203\.0\.113\.5/.test(await inside('nslookup', '-type=a', 'www.outside.test', address)),
      'the answer of the server outside',
    );
  });

  test('[SVC6] a node port answers on the node and from outside; under Local it shows the client', async () => {
    const { client, node } = cluster.hosts;
    for (const host of [client, node]) assert.equal(await curl(host, `http://${node.address}:30080/version`), '1.20\n');
    const logs = await cluster.kubectl('logs', '-l', 'app=web', '--tail=-1', '--prefix');
    assert.match(logs, new RegExp(`^\\[\\S+\\] ${client.address} .*GET /version`, 'm'));
  });

  test('[SVC7] a service without pods refuses at once', async () => {
    const url = `http://${await clusterIpOf('nobody')}/`;
    const refused = await runOn(cluster.hosts.node, 'curl', ['-s', '--max-time', '5', url]);
    assert.equal(refused.code, COULD_NOT_CONNECT);
    const inPod = await cluster.tryKubectl('exec', 'probe', '--', 'wget', '-qO-', 'http://nobody/');
    assert.match(inPod.stderr, /Connection refused/);
  });

  test('[SVC8] a service follows changes of its selector and its ports, and is gone when it is deleted', async () => {
    const { client, node } = cluster.hosts;
    await cluster.kubectl('expose', 'pod', 'alpha', '--name=exposed', '--port=7000', '--type=NodePort');
    const [given = ''] = await cluster.fields(['service', 'exposed'], '{.spec.ports[0].nodePort}');
    assert.match(given, /^3[0-2]\d{3}$/);
    const ports = [{ op: 'replace', path: '/spec/ports', value: [{ port: 80, targetPort: 8080, nodePort: 30_099 }] }];
    const selector = { op: 'replace', path: '/spec/selector', value: WEB };
    await cluster.kubectl('patch', 'service', 'exposed', '--type=json', '-p', JSON.stringify([...ports, selector]));
    const url = `http://${node.address}:30099/version`;
    await eventually(async () => (await curl(client, url)) === '1.20\n', 'the new port');
    await cluster.kubectl('delete', 'service', 'exposed');
    await eventually(async () => (await runOn(client, 'curl', ['-s', url])).code === COULD_NOT_CONNECT, 'the end');
    assert.match(await lookUp('exposed.default.svc.cluster.local'), /NXDOMAIN/);
  });

  test('[SVC10] a name that nobody can be asked for is a failure of its question alone', async () => {
    assert.match(await lookUp('www.elsewhere.test'), /SERVFAIL/);
    assert.match(await lookUp('web.default.svc.cluster.local'), new RegExp(`Address: ${await clusterIpOf('web')}\n`));
  });

  test('[SVC9] an update of a plain deployment drops no connection and finishes slow requests', async () => {
    await using load = startOn<LoadResult>(cluster.hosts.client, './new-connection-load.ts', [
      `http://${cluster.hosts.node.address}:8088/`,
    ]);
    const slow = (await webPods()).map(({ status }) =>
      curl(cluster.hosts.node, `http://${status?.podIP}/slow`, '--max-time', '30'),
    );
    await cluster.kubectl('set', 'image', 'deployment/web', 'web=nginx:1.22');
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    for (const answer of await Promise.all(slow)) assert.equal(answer, 'slowly '.repeat(500));
    await cluster.kubectl('rollout', 'undo', 'deployment/web');
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    const { answered, failures } = await load.stop();
    assert.deepEqual(failures, []);
    assert.ok(answered > 0);
  });

  /** On the client host, at port 53. */
  function startNameServer(): Disposable {
    const { client } = cluster.hosts;
    const program = fileURLToPath(new URL('./network/outside-names.ts', import.meta.url));
    const [entered, line] = client.command(process.execPath, [program, client.address]);
    const server = spawn(entered, line, { stdio: 'ignore' });
    return { [Symbol.dispose]: () => void server.kill('SIGTERM') };
  }
});

function service(name: string, spec: ServiceSpec): object {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
}

function deployment(): object {
  const mount = (mountPath: string, subPath: string) => ({ name: 'slow', mountPath, subPath });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 3,
      selector: { matchLabels: WEB },
      template: {
        metadata: { labels: WEB },
        spec: {
          volumes: [{ name: 'slow', configMap: { name: 'slow' } }],
          containers: [
            {
              name: 'web',
              image: NGINX,
              ports: [
                { name: 'http', containerPort: 80 },
                { name: 'other', containerPort: 8080 },
              ],
              volumeMounts: [mount('/etc/nginx/conf.d/default.conf', 'conf'), mount('/etc/slow/text', 'text')],
              readinessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1 },
            },
          ],
        },
      },
    },
  };
}
