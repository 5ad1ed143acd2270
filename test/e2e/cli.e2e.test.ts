/** The command line as its users meet it: ordinary users, second starts, taken ports, parts in processes of their own. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, describe, test } from 'node:test';
import { kubectlPath } from '../../tools/kubectl.ts';
import { eventually, must, type Output, ROOT, runOn } from './cluster.ts';
import { type Hosts, makeHosts } from './network-namespace.ts';

const NOBODY = 65_534;
const HOLLOW = ['--no-demo', '--runtime', 'hollow', '--listen', '127.0.0.1:6443'];

type Part = { readonly process: ChildProcess; readonly output: Promise<string> };

describe('the command line', { timeout: 300_000 }, () => {
  let hosts: Hosts;
  let folder: string;
  const dataDirs = new Set<string>();

  before(async () => {
    hosts = await makeHosts();
    folder = await mkdtemp(join(tmpdir(), 'tutti-cli-'));
    await chmod(folder, 0o755);
  });

  afterEach(async () => {
    for (const dataDir of dataDirs) await tutti('down', '--purge', '--data-dir', dataDir);
    dataDirs.clear();
  });

  after(async () => {
    await hosts?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const newDataDir = (name: string): string => {
    const dataDir = join(folder, name);
    dataDirs.add(dataDir);
    return dataDir;
  };

  const tutti = (...args: readonly string[]): Promise<Output> => runOn(hosts.node, join(ROOT, 'tutti'), args);

  /** The foreground process itself: the launcher replaces itself by it. */
  const startTutti = (...args: readonly string[]): Part => {
    const [program, line] = hosts.node.command(join(ROOT, 'tutti'), args);
    const child = spawn(program, line, { stdio: ['ignore', 'pipe', 'pipe'] });
    return { process: child, output: text(child.stdout) };
  };

  const endedBy = async ({ process: child }: Part, signal: NodeJS.Signals): Promise<number | null> => {
    const exit = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    return (await exit)[0];
  };

  const readyNodes = async (dataDir: string): Promise<number> => {
    const { stdout } = await tutti('status', '-o', 'json', '--data-dir', dataDir);
    return (JSON.parse(stdout) as { nodes?: { ready: number } }).nodes?.ready ?? 0;
  };

  test('[CLI40] a second up changes nothing, and one with other flags is refused', async () => {
    const dataDir = newDataDir('again');
    must(await tutti('up', ...HOLLOW, '--data-dir', dataDir));
    const before = await readFile(join(dataDir, 'cluster.json'), 'utf8');
    const pidBefore = await readFile(join(dataDir, 'tutti.pid'), 'utf8');
    const again = await tutti('up', '--no-demo', '--data-dir', dataDir);
    assert.equal(again.code, 0);
    assert.match(again.stdout, /^Already running \(process \d+\), nothing changed\.\n/);
    const other = await tutti('up', ...HOLLOW, '--hollow-nodes', '2', '--data-dir', dataDir);
    assert.equal(other.code, 2);
    assert.match(
      other.stderr,
      /^tutti: Cannot change --hollow-nodes of an existing cluster: it is 1, asked for 2; use /,
    );
    const foreground = await tutti('up', '--foreground', '--data-dir', dataDir);
    assert.equal(foreground.code, 2);
    assert.match(foreground.stderr, /^tutti: The cluster in \S+ already runs as process \d+\n$/);
    assert.equal(await readFile(join(dataDir, 'cluster.json'), 'utf8'), before);
    assert.equal(await readFile(join(dataDir, 'tutti.pid'), 'utf8'), pidBefore);
  });

  test('[CLI41] a port that is taken is one clear line, and nothing is created', async () => {
    must(await tutti('up', ...HOLLOW, '--data-dir', newDataDir('first')));
    const second = join(folder, 'second');
    const { code, stderr } = await tutti('up', ...HOLLOW, '--data-dir', second);
    assert.equal(code, 2);
    assert.equal(
      stderr,
      'tutti: Cannot listen at 127.0.0.1:6443: something else listens there; choose another with --listen\n',
    );
    assert.equal((await tutti('status', '--data-dir', second)).code, 3);
    must(
      await tutti(
        'up',
        '--no-demo',
        '--runtime',
        'hollow',
        '--listen',
        '127.0.0.1:7443',
        '--data-dir',
        newDataDir('second'),
      ),
    );
  });

  test('[CLI42] a cluster that only listens at the loopback address advertises no endpoint', async () => {
    const dataDir = newDataDir('loopback');
    must(await tutti('up', ...HOLLOW, '--data-dir', dataDir));
    const endpoints = await tutti(
      'kubectl',
      '--data-dir',
      dataDir,
      'get',
      'endpoints',
      'kubernetes',
      '-o',
      'jsonpath={.subsets[*].addresses[*].ip}',
    );
    assert.deepEqual([endpoints.code, endpoints.stdout], [0, '']);
    assert.equal(await readyNodes(dataDir), 1);
  });

  test('[CLI43] server and agent run as processes of their own, end with 0 on SIGTERM, and run once each', async () => {
    const dataDir = newDataDir('parts');
    must(await tutti('up', ...HOLLOW, '--data-dir', dataDir));
    must(await tutti('down', '--data-dir', dataDir));
    const server = startTutti('server', '--data-dir', dataDir);
    await eventually(async () => (await tutti('status', '--data-dir', dataDir)).code === 0, 'the server');
    const agent = startTutti('agent', '--data-dir', dataDir);
    await eventually(async () => (await readyNodes(dataDir)) === 1, 'the agent');
    for (const part of ['server', 'agent']) assert.equal((await tutti(part, '--data-dir', dataDir)).code, 2);
    must(await tutti('kubectl', '--data-dir', dataDir, 'run', 'web', '--image=nginx'));
    must(await tutti('kubectl', '--data-dir', dataDir, 'wait', '--for=condition=Ready', 'pod/web', '--timeout=60s'));
    assert.equal(await endedBy(agent, 'SIGTERM'), 0);
    assert.equal(await endedBy(server, 'SIGTERM'), 0);
    assert.equal((await tutti('status', '--data-dir', dataDir)).code, 3);
  });

  test('[CLI43] with real containers too', async () => {
    const dataDir = newDataDir('real-parts');
    must(await tutti('up', '--no-demo', '--data-dir', dataDir));
    must(await tutti('down', '--data-dir', dataDir));
    const server = startTutti('server', '--data-dir', dataDir);
    const agent = startTutti('agent', '--data-dir', dataDir);
    await eventually(async () => (await readyNodes(dataDir)) === 1, 'the agent');
    const kubectl = (...args: readonly string[]): Promise<Output> => tutti('kubectl', '--data-dir', dataDir, ...args);
    must(await kubectl('run', 'web', '--image=tutti.local/demo:1'));
    must(await kubectl('wait', '--for=condition=Ready', 'pod/web', '--timeout=60s'));
    assert.equal(must(await kubectl('exec', 'web', '--', 'echo', 'hello')), 'hello\n');
    const managers = must(await kubectl('get', 'pod', 'web', '-o', 'jsonpath={.metadata.managedFields[*].manager}'));
    assert.deepEqual(managers.split(' ').toSorted(), ['kubectl-run', 'kubelet']);
    assert.equal(await endedBy(agent, 'SIGTERM'), 0);
    assert.equal(await endedBy(server, 'SIGTERM'), 0);
  });

  test('[CLI44] the foreground cluster ends with 0 on SIGTERM and on SIGINT', async () => {
    const dataDir = newDataDir('foreground');
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const cluster = startTutti('up', ...HOLLOW, '--foreground', '--data-dir', dataDir);
      await eventually(async () => (await readyNodes(dataDir)) === 1, 'the cluster');
      assert.equal(await endedBy(cluster, signal), 0);
    }
  });

  test('[CLI45] tutti kubectl passes everything on, and takes over the exit code', async () => {
    const dataDir = newDataDir('kubectl');
    must(await tutti('up', ...HOLLOW, '--data-dir', dataDir));
    const nodes = must(await tutti('kubectl', '--data-dir', dataDir, 'get', 'nodes', '-o', 'name'));
    assert.equal(nodes, 'node/hollow-1\n');
    const environment = await runOn(hosts.node, 'env', [
      `TUTTI_DATA_DIR=${dataDir}`,
      join(ROOT, 'tutti'),
      'kubectl',
      '-n',
      'kube-system',
      'get',
      'pods',
    ]);
    assert.equal(environment.code, 0);
    const failed = await tutti('kubectl', '--data-dir', dataDir, 'get', 'pods', 'absent');
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /pods "absent" not found/);
    const help = await tutti('kubectl', '--data-dir', dataDir, 'get', '--help');
    assert.match(help.stdout, /Display one or many resources/);
  });

  describe('for an ordinary user', () => {
    let home: string;

    before(async () => {
      home = join(folder, 'home');
      for (const name of ['home', 'home/tutti', 'repository']) await mkdir(join(folder, name), { recursive: true });
      for (const path of [home, join(home, 'tutti')]) await chown(path, NOBODY, NOBODY);
    });

    /** The folder of the project may be closed to others where it is; bound elsewhere, it is open. */
    const asNobody = (...args: readonly string[]): Promise<Output> => {
      const place = join(folder, 'repository');
      const enter =
        'mount --bind "$0" "$1" && shift && cd / && exec setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"';
      const environment = ['env', `HOME=${home}`, 'XDG_DATA_HOME=', 'XDG_CACHE_HOME='];
      const command = [...environment, join(place, 'tutti'), ...args];
      return runOn(hosts.node, 'unshare', ['--mount', 'sh', '-ec', enter, ROOT, place, ...command]);
    };

    test('[CLI46] the hollow runtime works, in the data directory of the user', async () => {
      const up = await asNobody('up', ...HOLLOW);
      assert.equal(up.code, 0, up.stderr);
      const dataDir = join(home, '.local/share/tutti');
      assert.ok(up.stdout.includes(`Kubeconfig:    ${join(dataDir, 'kubeconfig.yaml')}`), up.stdout);
      const kubectl = (...args: readonly string[]): Promise<Output> =>
        runOn(hosts.node, kubectlPath(35), ['--kubeconfig', join(dataDir, 'kubeconfig.yaml'), ...args]);
      must(await kubectl('create', 'deployment', 'web', '--image=nginx', '--replicas=3'));
      must(await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s'));
      const down = await asNobody('down', '--purge');
      assert.equal(down.code, 0, down.stderr);
      assert.equal((await asNobody('status')).code, 3);
    });

    test('[CLI47] real containers need root: one line says so and names the runtime that does not', async () => {
      const { code, stderr } = await asNobody('up', '--no-demo');
      assert.equal(code, 2);
      assert.match(
        stderr,
        /^tutti: running containers needs root.*; the hollow runtime \(--runtime hollow\) needs none of it\n$/,
      );
    });
  });
});
