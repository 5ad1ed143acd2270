/** A real cluster for a test: started by `./tutti up` on a host of its own, driven by real kubectl, removed without trace. */
import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ClientMinor, kubectlPath } from '../../tools/kubectl.ts';
import { type Host, type Hosts, makeHosts } from './network-namespace.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TUTTI = join(ROOT, 'tutti');
const OUTPUT_BYTES = 64 * 1024 * 1024;

export type Output = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type ClusterOptions = {
  readonly upArguments?: readonly string[];
  readonly images?: readonly string[];
  readonly kubectl?: ClientMinor;
  /** Where to start it; absent: on a new host, which ends with the cluster. */
  readonly hosts?: Hosts;
};

export class TestCluster implements AsyncDisposable {
  readonly dataDir: string;
  readonly hosts: Hosts;
  readonly #ownsHosts: boolean;
  readonly #kubectl: ClientMinor;

  private constructor(dataDir: string, hosts: Hosts, { hosts: given, kubectl = 32 }: ClusterOptions) {
    this.dataDir = dataDir;
    this.hosts = hosts;
    this.#ownsHosts = given === undefined;
    this.#kubectl = kubectl;
  }

  static async #create(options: ClusterOptions): Promise<TestCluster> {
    const hosts = options.hosts ?? (await makeHosts());
    return new TestCluster(await mkdtemp(join(tmpdir(), 'tutti-e2e-')), hosts, options);
  }

  /** `./tutti up --no-demo` on a new host, with the images of the examples present. */
  static async start(options: ClusterOptions = {}): Promise<TestCluster> {
    const { upArguments = [], images = [] } = options;
    const cluster = await TestCluster.#create(options);
    try {
      await cluster.tutti('up', '--no-demo', ...upArguments);
      if (images.length > 0) await cluster.buildImages(images);
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  get kubeconfig(): string {
    return join(this.dataDir, 'kubeconfig.yaml');
  }

  /** Runs a `./tutti` command on this cluster; fails unless it exits with 0. */
  async tutti(command: string, ...args: readonly string[]): Promise<string> {
    return must(await runOn(this.hosts.node, TUTTI, [command, '--data-dir', this.dataDir, ...args]));
  }

  /** On the machine itself: the test's hosts reach no package registry. */
  async buildImages(names: readonly string[]): Promise<void> {
    must(await runProgram(TUTTI, ['images', 'build', '--data-dir', this.dataDir, ...names]));
  }

  /** Runs kubectl; fails unless it exits with 0. */
  async kubectl(...args: readonly string[]): Promise<string> {
    return must(await this.tryKubectl(...args));
  }

  async tryKubectl(...args: readonly string[]): Promise<Output> {
    return await this.tryKubectlOf(this.#kubectl, ...args);
  }

  /** kubectl of another version. */
  async kubectlOf(minor: ClientMinor, ...args: readonly string[]): Promise<string> {
    return must(await this.tryKubectlOf(minor, ...args));
  }

  async tryKubectlOf(minor: ClientMinor, ...args: readonly string[]): Promise<Output> {
    return await runOn(this.hosts.node, kubectlPath(minor), ['--kubeconfig', this.kubeconfig, ...args]);
  }

  /** A kubectl that goes on: `-w`, `logs -f`, `exec -it`. The caller ends it. */
  spawnKubectl(...args: readonly string[]): ChildProcess {
    const [program, line] = this.kubectlCommand(...args);
    return spawn(program, line, { stdio: ['pipe', 'pipe', 'pipe'] });
  }

  /** The command line that runs kubectl on the node's host. */
  kubectlCommand(...args: readonly string[]): readonly [string, readonly string[]] {
    return this.hosts.node.command(kubectlPath(this.#kubectl), ['--kubeconfig', this.kubeconfig, ...args]);
  }

  /** `kubectl apply` of objects that a test makes. */
  async apply(...items: readonly object[]): Promise<void> {
    const apply = this.spawnKubectl('apply', '-f', '-');
    assert.ok(apply.stdin && apply.stderr);
    const complaint = text(apply.stderr);
    apply.stdin.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    apply.stdout?.resume();
    const [code] = (await once(apply, 'exit')) as [number | null];
    assert.equal(code, 0, await complaint);
  }

  async json<T>(...args: readonly string[]): Promise<T> {
    return JSON.parse(await this.kubectl(...args, '-o', 'json')) as T;
  }

  /** A jsonpath of `kubectl get`, split at spaces. */
  async fields(what: readonly string[], jsonpath: string): Promise<readonly string[]> {
    const text = await this.kubectl('get', ...what, '-o', `jsonpath=${jsonpath}`);
    return text.split(/\s+/).filter((word) => word !== '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const removed = await runOn(this.hosts.node, TUTTI, ['down', '--purge', '--data-dir', this.dataDir]);
    if (this.#ownsHosts) await this.hosts[Symbol.asyncDispose]();
    await rm(this.dataDir, { recursive: true, force: true });
    // 3: it never came to be.
    if (removed.code !== 0 && removed.code !== 3) throw new Error(`Cannot remove the cluster: ${removed.stderr}`);
  }
}

/** Runs a program on a host to its end, whatever the end is. */
export function runOn(host: Host, program: string, args: readonly string[]): Promise<Output> {
  return runProgram(...host.command(program, args));
}

function runProgram(program: string, args: readonly string[]): Promise<Output> {
  // Archives are kept between runs; they are made of what the registry and the machine have.
  const env = { ...process.env, TUTTI_IMAGE_CACHE: join(tmpdir(), 'tutti-test-images') };
  return new Promise((resolve) => {
    execFile(program, args, { maxBuffer: OUTPUT_BYTES, cwd: ROOT, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
    });
  });
}

export function must({ code, stdout, stderr }: Output): string {
  if (code !== 0) throw new Error(`Exit code ${code}: ${stderr}${stdout}`);
  return stdout;
}

/** Asks over and over until the answer is given; the bound keeps a failing test from hanging, it is no expectation of speed. */
export async function eventually<T>(
  ask: () => Promise<T | undefined | false>,
  what: string,
  boundMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + boundMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = error;
    }
    await sleep(100);
  }
  throw new Error(`${what} did not happen within ${boundMs} ms`, { cause: last });
}
