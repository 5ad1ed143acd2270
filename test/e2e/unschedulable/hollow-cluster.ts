/** A simulated cluster on the machine's own loopback, to which a test adds nodes that it runs itself. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PodExplanation } from '#api/explain/pod-explanation';
import type { Node, Pod } from '#api/types/core-v1';
import { abortScope } from '#base/abort';
import { createLogger } from '#base/log';
import { systemWorld } from '#base/world';
import { httpsClient } from '#client/https/https-client';
import { loadKubeconfig } from '#client/https/kubeconfig';
import { createInformers } from '#client/informers';
import { runHollowAgent } from '#main/hollow-agent';
import { createHollowRuntime } from '#node/runtime/hollow/hollow-runtime';
import { milliUnits, parseQuantity, wholeUnits } from '#api/meta/quantity';
import { kubectlPath } from '../../../tools/kubectl.ts';
import { eventually, must, type Output, ROOT } from '../cluster.ts';

export class HollowCluster implements AsyncDisposable {
  readonly #dataDir: string;
  #added = 0;

  private constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  static async start(nodes: number): Promise<HollowCluster> {
    const cluster = new HollowCluster(await mkdtemp(join(tmpdir(), 'tutti-why-')));
    const listen = `127.0.0.1:${await freePort()}`;
    await cluster.tutti('up', '--no-demo', '--runtime', 'hollow', '--hollow-nodes', String(nodes), '--listen', listen);
    return cluster;
  }

  get #kubeconfig(): string {
    return join(this.#dataDir, 'kubeconfig.yaml');
  }

  async tutti(command: string, ...args: readonly string[]): Promise<string> {
    return must(await run(join(ROOT, 'tutti'), [command, '--data-dir', this.#dataDir, ...args]));
  }

  async restart(...args: readonly string[]): Promise<void> {
    await this.tutti('down');
    await this.tutti('up', '--no-demo', ...args);
  }

  tryKubectl(...args: readonly string[]): Promise<Output> {
    return run(kubectlPath(32), ['--kubeconfig', this.#kubeconfig, ...args]);
  }

  async kubectl(...args: readonly string[]): Promise<string> {
    return must(await this.tryKubectl(...args));
  }

  /** With the account that its pods need. */
  async namespace(name: string): Promise<void> {
    await this.kubectl('create', 'namespace', name);
    await this.eventually('the account', async () => {
      const { code } = await this.tryKubectl('get', 'serviceaccount', 'default', '-n', name);
      return code === 0;
    });
  }

  async apply(object: object): Promise<void> {
    must(await run(kubectlPath(32), ['--kubeconfig', this.#kubeconfig, 'apply', '-f', '-'], JSON.stringify(object)));
  }

  async pods(namespace: string): Promise<readonly Pod[]> {
    const list = await this.kubectl('get', 'pods', '-n', namespace, '-o', 'json');
    return (JSON.parse(list) as { readonly items: readonly Pod[] }).items;
  }

  async why(pod: string, namespace: string): Promise<PodExplanation> {
    return JSON.parse(await this.tutti('why', `pod/${pod}`, '-n', namespace, '-o', 'json')) as PodExplanation;
  }

  eventually<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
    return eventually(ask, what);
  }

  async running(pod: string, namespace: string): Promise<void> {
    await this.kubectl(
      'wait',
      `pod/${pod}`,
      '-n',
      namespace,
      '--for=jsonpath={.status.phase}=Running',
      '--timeout=60s',
    );
  }

  async available(deployment: string, namespace: string, replicas: number): Promise<void> {
    const wanted = `--for=jsonpath={.status.availableReplicas}=${replicas}`;
    await this.kubectl('wait', `deployment/${deployment}`, '-n', namespace, wanted, '--timeout=60s');
  }

  async patchNode(name: string, patch: unknown): Promise<void> {
    await this.kubectl('patch', 'node', name, '--type=merge', '-p', JSON.stringify(patch));
  }

  /** Open, and without the labels of these keys. */
  async resetNode(name: string, labels: Readonly<Record<string, unknown>>): Promise<void> {
    const gone = Object.fromEntries(Object.keys(labels).map((key) => [key, null]));
    await this.patchNode(name, { metadata: { labels: gone }, spec: { taints: null, unschedulable: null } });
  }

  /** Most of a pod cannot be changed: it is made anew. */
  async replacePod(name: string, namespace: string, change: (pod: unknown) => unknown): Promise<void> {
    const pod = JSON.parse(await this.kubectl('get', 'pod', name, '-n', namespace, '-o', 'json')) as Pod;
    const { metadata, spec, apiVersion, kind } = pod;
    const bare = { apiVersion, kind, metadata: { name, namespace, labels: metadata.labels }, spec };
    await this.kubectl('delete', 'pod', name, '-n', namespace, '--now', '--wait');
    await this.apply(change(bare) as object);
  }

  /** Runs a node of that size, with those labels, until it is disposed of. */
  async addNode(wanted: unknown): Promise<AsyncDisposable> {
    const { metadata, status } = wanted as Node;
    const name = `added-${++this.#added}`;
    const { cpu = '8', memory = '32Gi' } = status?.allocatable ?? {};
    const scope = abortScope(AbortSignal.any([]));
    const world = systemWorld();
    const surroundings = { world, logger: createLogger({ level: 'error' }), signal: scope.signal };
    const client = httpsClient({ ...(await loadKubeconfig(this.#kubeconfig)), world });
    const podCidr = `198.18.${200 + this.#added}.0/24`;
    const { 'kubernetes.io/hostname': _own, ...labels } = metadata.labels ?? {};
    await runHollowAgent(
      {
        name,
        ip: '127.0.0.1',
        podCidr,
        labels,
        host: { cpuMilli: milliUnits(parseQuantity(cpu)), memoryBytes: wholeUnits(parseQuantity(memory)) },
      },
      {
        ...surroundings,
        client,
        informers: createInformers({ client, ...surroundings }),
        runtime: createHollowRuntime({ world, podCidr }),
      },
    );
    return {
      [Symbol.asyncDispose]: async () => {
        scope.abort(new DOMException('The node is taken away', 'AbortError'));
        client[Symbol.dispose]();
        await this.kubectl('delete', 'node', name);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tutti('down', '--purge');
    await rm(this.#dataDir, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[], input = ''): Promise<Output> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd: ROOT, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<number>();
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    resolve(typeof address === 'object' && address !== null ? address.port : 0);
  });
  const port = await promise;
  await new Promise((closed) => server.close(closed));
  return port;
}
