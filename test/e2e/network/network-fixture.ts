/** A node, its pods and a client outside, each in a network namespace of its own; pods are attached by the real plugins. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { makeHosts, type Host } from '../network-namespace.ts';
import type { NodeSettings, Order } from './node-network.ts';

const run = promisify(execFile);
const HERE = import.meta.dirname;
const PLUGINS = '/usr/lib/cni';
const NOTES = '/var/lib/cni/results';

export type TestPod = { readonly name: string; readonly address: string; readonly host: string };

export type DialOptions = { readonly transport?: 'tcp' | 'udp'; readonly count?: number; readonly sourcePort?: number };

export type TestNode = {
  readonly settings: NodeSettings;
  tell(order: Order): Promise<void>;
  /** Attaches a pod in which an echo server listens on 8080. */
  startPod(name: string): Promise<TestPod>;
  /** Ends the network's process as a crash would. */
  kill(): Promise<void>;
};

export class Rig implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly node: Host;
  readonly client: Host;
  readonly #dir: string;

  private constructor(node: Host, client: Host, dir: string) {
    this.node = node;
    this.client = client;
    this.#dir = dir;
  }

  static async start(): Promise<Rig> {
    const hosts = await makeHosts();
    const dir = await mkdtemp(join(tmpdir(), 'tutti-network-'));
    const rig = new Rig(hosts.node, hosts.client, dir);
    rig.#stack.defer(() => rm(dir, { recursive: true, force: true }));
    rig.#stack.use(hosts);
    await run('ip', ['-n', hosts.client.name, 'route', 'add', 'default', 'via', hosts.node.address]);
    return rig;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  /** Runs a command in a namespace; gives what it printed. */
  async exec(namespace: string, program: string, ...args: readonly string[]): Promise<string> {
    const [command, rest] = inNamespace(namespace, program, args);
    return (await run(command, rest, { timeout: 60_000, maxBuffer: 1 << 26 })).stdout;
  }

  /** What became of each connection made in the namespace. */
  async dial(
    from: string,
    to: string,
    { transport = 'tcp', count = 1, sourcePort = 0 }: DialOptions = {},
  ): Promise<string[]> {
    const [address = '', port = ''] = to.split(':');
    const args = [join(HERE, 'dial.ts'), transport, address, port, String(count), String(sourcePort)];
    return JSON.parse(await this.exec(from, process.execPath, ...args)) as string[];
  }

  /** What the server said of each name. */
  async ask(from: string, server: string, names: readonly string[]): Promise<string[]> {
    const args = [join(HERE, 'ask.ts'), server, 'A', ...names];
    return JSON.parse(await this.exec(from, process.execPath, ...args)) as string[];
  }

  /** Starts a program of this folder in a namespace; resolves when it has printed its first line. */
  async start(namespace: string, script: string, ...args: readonly string[]): Promise<Running> {
    const running = await startProcess(namespace, [join(HERE, script), ...args]);
    this.#stack.defer(() => running.kill());
    return running;
  }

  async startNode(overrides: Partial<NodeSettings> = {}): Promise<TestNode> {
    const clusterId = overrides.clusterId ?? 'abcd0001';
    const dataDir = join(this.#dir, clusterId);
    const resolvConf = join(this.#dir, 'resolv.conf');
    await writeFile(resolvConf, `nameserver ${this.client.address}\n`);
    const settings: NodeSettings = {
      nodeName: 'node-1',
      nodeIp: this.node.address,
      clusterId,
      podCidr: '198.18.0.0/20',
      nodePodCidr: '198.18.0.0/24',
      serviceCidr: '198.19.0.0/20',
      dataDir,
      confDir: join(dataDir, 'net.d'),
      resolvConf,
      ...overrides,
    };
    const running = await this.start(this.node.name, 'node-network.ts', JSON.stringify(settings));
    return {
      settings,
      tell: (order) => running.tell(JSON.stringify(order)),
      startPod: (name) => this.#startPod(settings, name),
      kill: () => running.kill(),
    };
  }

  /** Leaves what a runtime leaves that ended before its pod: a namespace and a note of it. Gives what is still there of both. */
  async leaveNote(clusterId: string): Promise<() => Promise<readonly string[]>> {
    const name = `cni-${this.node.name}`;
    const kept = [`tutti-${clusterId}-${this.node.name}-eth0`, `cni-loopback-${this.node.name}-lo`];
    await run('ip', ['netns', 'add', name]);
    await mkdir(NOTES, { recursive: true });
    const note = JSON.stringify({ kind: 'cniCacheV1', netns: `/var/run/netns/${name}` });
    for (const file of kept) await writeFile(join(NOTES, file), note);
    const present = async (): Promise<readonly string[]> => {
      const notes = await readdir(NOTES).catch(() => []);
      const namespaces = await readdir('/run/netns');
      return [...notes, ...namespaces].filter((each) => kept.includes(each) || each === name);
    };
    this.#stack.defer(async () => {
      for (const file of kept) await rm(join(NOTES, file), { force: true });
      if ((await present()).includes(name)) await run('ip', ['netns', 'delete', name]);
    });
    return present;
  }

  async #startPod(settings: NodeSettings, name: string): Promise<TestPod> {
    const host = `${this.node.name}-${name}`;
    await run('ip', ['netns', 'add', host]);
    this.#stack.defer(async () => void (await run('ip', ['netns', 'delete', host])));
    await run('ip', ['-n', host, 'link', 'set', 'lo', 'up']);
    const address = await this.#attach(settings, host);
    await this.start(host, 'echo-server.ts', name);
    return { name, address, host };
  }

  // As the runtime does it: the configuration on standard input, the rest in the environment.
  async #attach({ confDir }: NodeSettings, host: string): Promise<string> {
    const [file = ''] = (await readdir(confDir)).filter((name) => name.endsWith('.conflist'));
    const list = JSON.parse(await readFile(join(confDir, file), 'utf8')) as {
      readonly cniVersion: string;
      readonly name: string;
      readonly plugins: readonly { readonly type: string }[];
    };
    const [plugin] = list.plugins;
    const [command, args] = inNamespace(this.node.name, join(PLUGINS, plugin?.type ?? ''), []);
    const child = execFile(command, args, {
      env: {
        ...process.env,
        CNI_COMMAND: 'ADD',
        CNI_CONTAINERID: host,
        CNI_NETNS: `/run/netns/${host}`,
        CNI_IFNAME: 'eth0',
        CNI_PATH: PLUGINS,
      },
    });
    child.stdin?.end(JSON.stringify({ ...plugin, cniVersion: list.cniVersion, name: list.name }));
    let printed = '';
    for await (const chunk of child.stdout ?? []) printed += String(chunk);
    const result = JSON.parse(printed) as { readonly ips?: readonly { readonly address: string }[] };
    const address = result.ips?.[0]?.address.split('/')[0];
    if (address === undefined) throw new Error(`Cannot attach ${host}: ${printed}`);
    return address;
  }
}

export type Running = { tell(line: string): Promise<void>; kill(): Promise<void> };

// Not `ip netns exec`: it hides the cgroups.
function inNamespace(namespace: string, program: string, args: readonly string[]): [string, string[]] {
  return ['nsenter', [`--net=/run/netns/${namespace}`, '--', program, ...args]];
}

async function startProcess(namespace: string, args: readonly string[]): Promise<Running> {
  const [command, rest] = inNamespace(namespace, process.execPath, args);
  const child = spawn(command, rest, {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await nextLine(lines, args);
  return {
    async tell(line) {
      child.stdin.write(`${line}\n`);
      await nextLine(lines, args);
    },
    kill: () => killed(child, ended),
  };
}

async function nextLine(lines: AsyncIterator<string>, args: readonly string[]): Promise<void> {
  const { done } = await lines.next();
  if (done === true) throw new Error(`Cannot go on: ${args[0]} ended`);
}

async function killed(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}
