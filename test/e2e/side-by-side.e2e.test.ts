/** Scenario 10: two users' clusters on one machine do not see each other, and one that goes leaves the other serving. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Pod, Service } from '#api/types/core-v1';
import type { Settings } from '#cli/settings';
import { eventually, must, type Output, runOn, TestCluster } from './cluster.ts';
import { curl } from './http.ts';
import { type Hosts, makeHosts } from './network-namespace.ts';

type User = {
  readonly name: string;
  readonly apiPort: number;
  readonly webPort: number;
  readonly cluster: TestCluster;
};
type List<T> = { readonly items: readonly T[] };

const BUSYBOX = 'docker.io/library/busybox:latest';
const API_PORTS = { anna: 6443, bert: 7443 } as const;
const WEB_PORTS = { anna: 8001, bert: 8002 } as const;

describe('two clusters on one machine', { timeout: 300_000 }, () => {
  let hosts: Hosts;
  let anna: User;
  let bert: User;

  before(async () => {
    hosts = await makeHosts();
    anna = await userNamed('anna');
    bert = await userNamed('bert');
    await Promise.all([anna, bert].map(deployHello));
  });

  after(async () => {
    for (const user of [anna, bert]) await user?.cluster[Symbol.asyncDispose]();
    await hosts?.[Symbol.asyncDispose]();
  });

  async function userNamed(name: keyof typeof API_PORTS): Promise<User> {
    const upArguments = ['--listen', `0.0.0.0:${API_PORTS[name]}`];
    const cluster = await TestCluster.start({ hosts, upArguments, images: [BUSYBOX] });
    return { name, apiPort: API_PORTS[name], webPort: WEB_PORTS[name], cluster };
  }

  /** Both use the same names; only what is answered tells whose it is. */
  async function deployHello({ name, webPort, cluster }: User): Promise<void> {
    const serve = `echo ${name} > /dev/shm/index.html; exec httpd -f -p 8080 -h /dev/shm`;
    const run = ['run', 'hello', '--image=busybox:1.36', '--labels=app=hello', '--command', '--', 'sh', '-c'];
    await cluster.kubectl(...run, serve);
    await cluster.kubectl('create', 'service', 'loadbalancer', 'hello', `--tcp=${webPort}:8080`);
    await cluster.kubectl('create', 'service', 'clusterip', `only-${name}`, '--tcp=80');
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/hello', '--timeout=60s');
  }

  const settingsOf = async ({ cluster }: User): Promise<Settings> =>
    JSON.parse(await readFile(join(cluster.dataDir, 'cluster.json'), 'utf8')) as Settings;

  const nftTables = async (): Promise<readonly string[]> =>
    must(await runOn(hosts.node, 'nft', ['list', 'tables']))
      .trim()
      .split('\n')
      .toSorted();

  const tableOf = async (user: User): Promise<string> => `table ip tutti_${(await settingsOf(user)).id}`;

  const fromPod = ({ cluster }: User, ...command: readonly string[]): Promise<Output> =>
    cluster.tryKubectl('exec', 'hello', '--', ...command);

  const serviceUrl = async ({ cluster, webPort }: User): Promise<string> => {
    const { status } = await cluster.json<Service>('get', 'service', 'hello');
    return `http://${status?.loadBalancer?.ingress?.[0]?.ip}:${webPort}/`;
  };

  const answersItself = async (user: User): Promise<boolean> =>
    (await curl(hosts.client, await serviceUrl(user))) === `${user.name}\n`;

  test('[E2E10] each has address ranges, pods and rules of its own', async () => {
    const [first, second] = await Promise.all([anna, bert].map(settingsOf));
    assert.ok(first && second);
    assert.notEqual(first.podCidr, second.podCidr);
    assert.notEqual(first.serviceCidr, second.serviceCidr);
    for (const { cluster } of [anna, bert]) {
      const { items } = await cluster.json<List<Pod>>('get', 'pods', '--all-namespaces');
      assert.deepEqual(
        items.map(({ metadata }) => metadata.name),
        ['hello'],
      );
    }
    assert.deepEqual(await nftTables(), [await tableOf(anna), await tableOf(bert)].toSorted());
  });

  test('[E2E10] services of one name lead to the own pods, from outside and from inside', async () => {
    for (const user of [anna, bert]) {
      await eventually(() => answersItself(user), 'the load balancer');
      const inside = await fromPod(user, 'wget', '-qO-', `http://hello.default:${user.webPort}/`);
      assert.equal(must(inside), `${user.name}\n`);
    }
  });

  test('[E2E10] names of the other do not exist', async () => {
    for (const [user, other] of [
      [anna, bert],
      [bert, anna],
    ] as const) {
      must(await fromPod(user, 'nslookup', `only-${user.name}.default.svc.cluster.local`));
      const asked = await fromPod(user, 'nslookup', `only-${other.name}.default.svc.cluster.local`);
      assert.notEqual(asked.code, 0);
      assert.match(asked.stdout + asked.stderr, /NXDOMAIN|can't find/i);
    }
  });

  test('[E2E10] pods of one reach neither pods, nor services, nor the names of the other, but what it publishes', async () => {
    for (const [user, other] of [
      [anna, bert],
      [bert, anna],
    ] as const) {
      const [podIp] = await other.cluster.fields(['pod', 'hello'], '{.status.podIP}');
      const [clusterIp] = await other.cluster.fields(['service', 'hello'], '{.spec.clusterIP}');
      const [nameServer] = await other.cluster.fields(
        ['service', 'kube-dns', '-n', 'kube-system'],
        '{.spec.clusterIP}',
      );
      for (const url of [`http://${podIp}:8080/`, `http://${clusterIp}:${other.webPort}/`]) {
        assert.match(must(await runOn(hosts.node, 'curl', ['-s', url])), new RegExp(other.name));
        const refused = await fromPod(user, 'wget', '-qO-', url);
        assert.match(refused.stderr, /Connection refused/, url);
      }
      assert.notEqual(
        (await fromPod(user, 'nslookup', `only-${other.name}.default.svc.cluster.local`, nameServer ?? '')).code,
        0,
      );
      assert.equal(must(await fromPod(user, 'wget', '-qO-', await serviceUrl(other))), `${other.name}\n`);
    }
  });

  test('[E2E10] the credentials of one are refused by the other', async () => {
    const server = `--server=https://127.0.0.1:${bert.apiPort}`;
    const distrusted = await anna.cluster.tryKubectl(server, 'get', 'pods');
    assert.notEqual(distrusted.code, 0);
    assert.match(distrusted.stderr, /x509: certificate signed by unknown authority/);
    const pki = join(anna.cluster.dataDir, 'pki');
    const identity = ['--client-certificate', join(pki, 'admin.crt'), '--client-key', join(pki, 'admin.key')];
    const bare = ['--kubeconfig', '/dev/null', server, '--insecure-skip-tls-verify', ...identity];
    const refused = await anna.cluster.tryKubectl(...bare, 'get', 'pods');
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /Unauthorized|must be logged in|Forbidden/);
  });

  test('[E2E10] one that stops, starts again and goes leaves the other serving', async () => {
    const load = askOverAndOver(await serviceUrl(bert));
    let answers: readonly string[];
    try {
      await comeAndGo(anna);
      must(await fromPod(bert, 'wget', '-qO-', `http://hello.default:${bert.webPort}/`));
    } finally {
      answers = await load.stop();
    }
    assert.ok(answers.length > 0);
    assert.deepEqual([...new Set(answers)], ['bert\n']);
    assert.deepEqual(await nftTables(), [await tableOf(bert)]);
  });

  async function comeAndGo({ cluster }: User): Promise<void> {
    await cluster.tutti('down');
    assert.deepEqual(await nftTables(), [await tableOf(bert)]);
    await cluster.tutti('up', '--no-demo');
    await eventually(() => answersItself(anna), 'the service after the restart');
    await cluster.tutti('down', '--purge');
  }

  /** Every answer, or the error in its place. */
  function askOverAndOver(url: string): { stop: () => Promise<readonly string[]> } {
    const stopping = new AbortController();
    const asking = (async () => {
      const answers: string[] = [];
      while (!stopping.signal.aborted)
        answers.push(await curl(hosts.client, url).catch((error: unknown) => String(error)));
      return answers;
    })();
    return {
      stop: () => {
        stopping.abort();
        return asking;
      },
    };
  }
});
