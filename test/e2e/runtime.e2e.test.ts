/** The runtime on a real containerd: the contract, and what only real containers can show. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCommand } from '#node/runtime/cri/run-command';
import { startContainerd } from '#node/runtime/cri/containerd';
import { containerdFile } from '#node/runtime/cri/containerd-config';
import { listShims } from '#node/runtime/cri/leftover-shims';
import { listProcesses } from '#node/runtime/cri/processes';
import type { ContainerConfig } from '#node/runtime/container';
import { isRuntimeError } from '#node/runtime/runtime-error';
import { aContainer, aSecurity } from '../builders/runtime.ts';
import { aPod, runtimeContract, watching } from '../contracts/runtime.contract.ts';
import type { RuntimeUnderTest, TestPod } from '../contracts/runtime.contract.ts';
import { REGISTRY_USER, startArchiveRegistry } from './archive-registry.ts';
import { eventually } from './cluster.ts';
import { BUSYBOX_IMAGE, archiveOf, startContainerdFixture } from './containerd-fixture.ts';
import type { ContainerdFixture } from './containerd-fixture.ts';
import { startLostShim } from './lost-shim.ts';

runtimeContract('cri', async () => {
  const fixture = await startContainerdFixture();
  return { ...(await underTest(fixture)), [Symbol.asyncDispose]: () => fixture.stop() };
});

async function underTest({
  runtime,
  folder,
  cgroup,
}: ContainerdFixture): Promise<Omit<RuntimeUnderTest, keyof AsyncDisposable>> {
  const logDirectory = join(folder, 'logs');
  await mkdir(logDirectory, { recursive: true });
  return { runtime, image: BUSYBOX_IMAGE, place: { logDirectory, cgroup } };
}

describe('containers on containerd', () => {
  let fixture: ContainerdFixture;
  let under: Omit<RuntimeUnderTest, keyof AsyncDisposable>;
  before(async () => {
    fixture = await startContainerdFixture();
    under = await underTest(fixture);
  });
  after(() => fixture.stop());

  const sh = (script: string, changes: Partial<ContainerConfig> = {}): ContainerConfig =>
    aContainer('main', BUSYBOX_IMAGE, { command: ['sh', '-c', script], ...changes });

  async function outputOf(id: string, ...command: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await fixture.runtime.execSync(id, { command, timeoutMs: 10_000 });
    assert.equal(exitCode, 0, stderr.toString());
    return stdout.toString();
  }

  /** Resolves with the status after the container has exited. */
  async function ended(pod: TestPod, container: ContainerConfig) {
    await using events = await watching(fixture.runtime);
    const id = await pod.run(container);
    for (;;) if ((await events.next(id)).type === 'ContainerExited') break;
    return fixture.runtime.containerStatus(id);
  }

  test('[CRI6] a container that takes more memory than it may is killed and says so', async () => {
    await using pod = await aPod(under, 'memory');
    const greedy = sh('x=a; while true; do x=$x$x; done', { resources: { memoryLimitBytes: 20_000_000 } });
    const status = await ended(pod, greedy);
    assert.deepEqual([status.exitCode, status.reason], [137, 'OOMKilled']);
  });

  test("[CRI6] a pod's limits hold for all its containers, and can be changed while it runs", async () => {
    await using pod = await aPod(under, 'limits', { resources: { pidsLimit: 30 } });
    const id = await pod.run(sh('exec sleep 3600'));
    const bomb = [
      'sh',
      '-c',
      'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do sleep 5 >/dev/null 2>&1 & done; echo all',
    ];
    const refused = await fixture.runtime.execSync(id, { command: bomb, timeoutMs: 20_000 });
    assert.match(refused.stderr.toString(), /can't fork/);
    await fixture.runtime.updatePodResources(pod.id, { pidsLimit: 200 });
    assert.match(await outputOf(id, ...bomb), /all/);
  });

  test('[CRI6] limits of a running container are changed in place', async () => {
    await using pod = await aPod(under, 'resize');
    const id = await pod.run(sh('exec sleep 3600', { resources: { memoryLimitBytes: 50_000_000, cpuShares: 100 } }));
    await fixture.runtime.updateContainerResources(id, {
      memoryLimitBytes: 80_003_072,
      cpuQuota: 20_000,
      cpuPeriod: 100_000,
    });
    const limit = await outputOf(
      id,
      'sh',
      '-c',
      'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; true',
    );
    assert.equal(limit.trim(), String(Math.floor(80_003_072 / 4096) * 4096));
  });

  test("[CRI7] a pod's cgroup is there while it has a sandbox, and gone with the last", async () => {
    const pod = await aPod(under, 'cgroup');
    assert.notDeepEqual(await cgroupsOf(`${under.place.cgroup}/pod-cgroup`), []);
    await pod[Symbol.asyncDispose]();
    assert.deepEqual(await cgroupsOf(`${under.place.cgroup}/pod-cgroup`), []);
  });

  test('[CRI8] output is logged line by line with time and stream, and goes on in a new file after a rotation', async () => {
    await using pod = await aPod(under, 'log');
    const id = await pod.run(
      sh('echo one; echo two >&2; read line; echo $line; exec sleep 3600', { stdin: true, logPath: 'log.log' }),
    );
    const path = join(under.place.logDirectory, 'log.log');
    const before = await until(
      () => readFile(path, 'utf8'),
      (text) => text.includes('two'),
    );
    assert.match(before, /^\S+T\S+Z stdout F one\n/m);
    assert.match(before, /^\S+T\S+Z stderr F two\n/m);
    await rename(path, `${path}.1`);
    await fixture.runtime.reopenContainerLog(id);
    const session = await fixture.runtime.openAttach(id, { stdin: true, tty: false });
    session.stdin?.write('three\n');
    assert.match(
      await until(
        () => readFile(path, 'utf8'),
        (text) => text.includes('three'),
      ),
      /^\S+ stdout F three\n$/,
    );
    await session.close();
  });

  test('[CRI9] a container sees its environment, user, mounts, name and resolver file, and no masked file', async () => {
    await using pod = await aPod(under, 'sight');
    const given = join(fixture.volumesDir, 'given');
    await mkdir(given);
    await writeFile(join(given, 'note'), 'hello');
    const id = await pod.run(
      sh('exec sleep 3600', {
        envs: [{ name: 'GREETING', value: 'grüß "dich"\nzweimal' }],
        workingDir: '/tmp',
        mounts: [{ containerPath: '/given', hostPath: given, readonly: true, propagation: 'None' }],
        security: aSecurity({
          runAsUser: 1234,
          runAsGroup: 5678,
          supplementalGroups: [91],
          noNewPrivileges: true,
          readonlyRootfs: true,
        }),
      }),
    );
    assert.equal(await outputOf(id, 'sh', '-c', 'printf %s "$GREETING"'), 'grüß "dich"\nzweimal');
    assert.match(await outputOf(id, 'id'), /uid=1234 gid=5678 groups=.*\b91\b/);
    assert.equal(
      await outputOf(id, 'sh', '-c', 'pwd; hostname; cat /given/note; touch /given/x 2>/dev/null || echo refused'),
      '/tmp\nsight\nhellorefused\n',
    );
    assert.match(await outputOf(id, 'cat', '/etc/resolv.conf'), /nameserver 198\.18\.0\.10/);
    assert.equal(await outputOf(id, 'sh', '-c', 'wc -c < /proc/keys'), '0\n');
    assert.match(await outputOf(id, 'cat', '/proc/self/status'), /NoNewPrivs:\s1\n(.*\n)*Seccomp:\s2/);
  });

  test("[CRI9] a privileged container sees the machine, a pod with the node's network has its addresses", async () => {
    await using pod = await aPod(under, 'open', {
      privileged: true,
      hostname: '',
      namespaces: { network: 'Node', pid: 'Node', ipc: 'Node' },
    });
    const id = await pod.run(sh('exec sleep 3600', { security: aSecurity({ privileged: true, pid: 'Node' }) }));
    assert.equal((await fixture.runtime.podSandboxStatus(pod.id)).ips.length, 0);
    assert.equal(
      (await outputOf(id, 'sh', '-c', `cat /proc/${process.pid}/comm`)).trim(),
      (await readFile('/proc/self/comm', 'utf8')).trim(),
    );
  });

  test('[CRI10] mounts made later reach the container, and those of the container reach the node, where asked for', async () => {
    await using pod = await aPod(under, 'mounts', { privileged: true });
    const shared = join(fixture.volumesDir, 'shared');
    await mkdir(join(shared, 'late'), { recursive: true });
    await mkdir(join(shared, 'inner'));
    const id = await pod.run(
      sh('exec sleep 3600', {
        mounts: [
          { containerPath: '/in', hostPath: shared, readonly: false, propagation: 'HostToContainer' },
          { containerPath: '/both', hostPath: shared, readonly: false, propagation: 'Bidirectional' },
        ],
        security: aSecurity({ privileged: true }),
      }),
    );
    await runCommand('mount', ['-t', 'tmpfs', 'tutti-test', join(shared, 'late')]);
    try {
      await writeFile(join(shared, 'late/file'), 'late');
      assert.equal(await outputOf(id, 'cat', '/in/late/file'), 'late');
      await outputOf(id, 'mount', '-t', 'tmpfs', 'tutti-test', '/both/inner');
      await outputOf(id, 'touch', '/both/inner/made-inside');
      assert.deepEqual(await readdir(join(shared, 'inner')), ['made-inside']);
    } finally {
      await runCommand('umount', [join(shared, 'late')]);
      await runCommand('umount', [join(shared, 'inner')]);
    }
  });

  test('[CRI11] images are pulled, with a password where one is asked for, and a failure names its cause', async () => {
    const { runtime } = fixture;
    const registry = await startArchiveRegistry(await archiveOf(BUSYBOX_IMAGE), join(fixture.folder, 'registry'));
    const image = (path: string): string => `${registry.address}/${path}`;
    const present = await runtime.imageStatus(BUSYBOX_IMAGE);
    assert.equal(await runtime.pullImage({ image: image('busybox:latest') }), present?.id);
    assert.equal(await runtime.pullImage({ image: image('private/busybox:latest'), auth: REGISTRY_USER }), present?.id);
    assert.match((await runtime.imageStatus(image('busybox:latest')))?.digests.join() ?? '', /@sha256:/);
    const failures = [
      [image('busybox:9'), 'ImageNotFound'],
      [image('private/other:latest'), 'ImagePullDenied'],
      ['127.0.0.1:1/none:1', 'RegistryUnavailable'],
      ['Not A Name', 'InvalidImageName'],
    ] as const;
    for (const [name, reason] of failures) {
      await assert.rejects(runtime.pullImage({ image: name }), (error) => isRuntimeError(error, reason), name);
    }
    await runtime.removeImage(image('busybox:latest'));
    assert.equal(await runtime.imageStatus(BUSYBOX_IMAGE), undefined);
    await runtime.importImages(await archiveOf(BUSYBOX_IMAGE));
    registry.close();
  });

  test("[CRI11] a container without its image, and a command that is not there, fail with the runtime's words", async () => {
    await using pod = await aPod(under, 'wrong');
    await assert.rejects(pod.create(aContainer('none', 'registry.invalid/none:1')), (error) =>
      isRuntimeError(error, 'NotFound'),
    );
    const id = await pod.create(aContainer('absent', BUSYBOX_IMAGE, { command: ['/not/there'] }));
    await assert.rejects(
      fixture.runtime.startContainer(id),
      (error) => isRuntimeError(error, 'Failed') && /\/not\/there/.test(error.message),
    );
    const status = await fixture.runtime.containerStatus(id);
    assert.deepEqual([status.state, status.exitCode, status.reason], ['Exited', 128, 'StartError']);
  });

  test("[STR1] an exec'd process gets input and its end, gives its outputs apart, and its exit code", async () => {
    await using pod = await aPod(under, 'exec');
    const id = await pod.run(sh('exec sleep 3600'));
    const session = await fixture.runtime.openExec(id, {
      command: ['sh', '-c', 'wc -c; echo bad >&2; exit 7'],
      tty: false,
      stdin: true,
    });
    const outputs = [textOf(session.stdout), textOf(session.stderr)];
    session.stdin?.end(Buffer.alloc(3_000_000, 'x'));
    assert.deepEqual([await session.exit, ...(await Promise.all(outputs))], [7, '3000000\n', 'bad\n']);
    await session.close();
  });

  test('[STR12] a slow reader gets all the output of a fast process', async () => {
    await using pod = await aPod(under, 'slow');
    const id = await pod.run(sh('exec sleep 3600'));
    const session = await fixture.runtime.openExec(id, {
      command: ['head', '-c', '20000000', '/dev/zero'],
      tty: false,
      stdin: false,
    });
    session.stderr.resume();
    let bytes = 0;
    for await (const chunk of session.stdout) {
      bytes += (chunk as Buffer).length;
      if (bytes < 1_000_000) await fixture.world.clock.sleep(20);
    }
    assert.deepEqual([await session.exit, bytes], [0, 20_000_000]);
  });

  test('[STR2] a terminal has one output and the size it is given', async () => {
    await using pod = await aPod(under, 'tty');
    const id = await pod.run(sh('exec sleep 3600'));
    const session = await fixture.runtime.openExec(id, { command: ['sh'], tty: true, stdin: true });
    await session.resize(123, 45);
    const [output, errors] = [textOf(session.stdout), textOf(session.stderr)];
    session.stdin?.write('stty size; tty; echo $TERM; echo oops >&2; exit 3\n');
    assert.equal(await session.exit, 3);
    assert.match(await output, /45 123\r\n\/dev\/pts\/\d+\r\nxterm\r\noops\r\n/);
    assert.equal(await errors, '');
  });

  test('[STR3] closing a session ends its process, and closing twice does nothing', async () => {
    await using pod = await aPod(under, 'leave');
    const id = await pod.run(sh('exec sleep 3600'));
    const session = await fixture.runtime.openExec(id, { command: ['sleep', '4711'], tty: false, stdin: true });
    session.stdout.resume();
    await session.close();
    assert.equal(await session.exit, 137);
    await session.close();
    assert.doesNotMatch(await outputOf(id, 'ps'), /4711/);
  });

  test('[STR1] a process that leaves others behind with its output is not waited for', async () => {
    await using pod = await aPod(under, 'behind');
    const id = await pod.run(sh('exec sleep 3600'));
    const session = await fixture.runtime.openExec(id, {
      command: ['sh', '-c', 'sleep 3000 & echo started'],
      tty: false,
      stdin: false,
    });
    const output = textOf(session.stdout);
    session.stderr.resume();
    assert.deepEqual([await session.exit, await output], [0, 'started\n']);
  });

  test('[STR4] an exec of what is not there, or in what does not run, tells why', async () => {
    await using pod = await aPod(under, 'absent');
    const id = await pod.run(sh('exec sleep 3600'));
    await assert.rejects(
      fixture.runtime.openExec(id, { command: ['/not/there'], tty: false, stdin: true }),
      /\/not\/there/,
    );
    await fixture.runtime.stopContainer(id, 0);
    await assert.rejects(fixture.runtime.openExec(id, { command: ['true'], tty: false, stdin: true }), (error) =>
      isRuntimeError(error),
    );
    assert.deepEqual(await readdir(containerdFile(fixture.options.settings.paths, 'exec')), []);
  });

  test("[STR5] attaching joins a container's streams, with a terminal and without", async () => {
    await using pod = await aPod(under, 'attach');
    const plain = await pod.run(sh('while read l; do echo "got $l"; echo "bad $l" >&2; done', { stdin: true }));
    const session = await fixture.runtime.openAttach(plain, { stdin: true, tty: false });
    session.stdin?.write('one\n');
    assert.deepEqual([await firstOf(session.stdout), await firstOf(session.stderr)], ['got one\n', 'bad one\n']);
    await session.close();
    const terminal = await pod.run(aContainer('tty', BUSYBOX_IMAGE, { command: ['sh'], stdin: true, tty: true }));
    const screen = await fixture.runtime.openAttach(terminal, { stdin: true, tty: true });
    await screen.resize(99, 33);
    const output = textOf(screen.stdout);
    screen.stdin?.write('stty size; exit\n');
    assert.equal(await screen.exit, 0);
    assert.match(await output, /33 99\r\n/);
    await screen.close();
  });

  test('[STR6] a port of the pod is reached on its own localhost, and a closed one says so', async () => {
    await using pod = await aPod(under, 'port');
    const id = await pod.run(sh('echo page > /tmp/index.html; exec httpd -f -p 127.0.0.1:8080 -h /tmp'));
    await until(
      () => outputOf(id, 'netstat', '-ltn'),
      (text) => text.includes(':8080'),
    );
    const connection = await fixture.runtime.openPort(pod.id, 8080);
    connection.end('GET / HTTP/1.0\r\n\r\n');
    assert.match(await textOf(connection), /page\n$/);
    const refused = await fixture.runtime.openPort(pod.id, 8081);
    await assert.rejects(textOf(refused), /connection refused/);
  });

  test('[RUN11] stats show what a busy container uses', async () => {
    await using pod = await aPod(under, 'busy');
    const id = await pod.run(sh('x=$(head -c 4000000 /dev/zero | tr "\\0" x); exec sleep 3600'));
    const usage = await until(
      async () => (await fixture.runtime.stats()).find((sandbox) => sandbox.id === pod.id),
      (stats) => (stats?.containers.find((container) => container.id === id)?.cpuMicros ?? 0) > 1_000,
    );
    assert.ok((usage?.memoryWorkingSetBytes ?? 0) > 0);
    assert.ok(usage?.network !== undefined);
  });
});

describe('the life of containerd', () => {
  let fixture: ContainerdFixture;
  let under: Omit<RuntimeUnderTest, keyof AsyncDisposable>;
  before(async () => {
    fixture = await startContainerdFixture();
    under = await underTest(fixture);
  });
  after(() => fixture.stop());

  test('[CRI3, CRI4] a containerd that is killed comes back; its containers ran on, or are told to have died', async () => {
    const { runtime, containerd } = fixture;
    await using pod = await aPod(under, 'survive');
    await using events = await watching(runtime);
    const [lives, dies] = [
      await pod.run(aContainer('lives', BUSYBOX_IMAGE)),
      await pod.run(aContainer('dies', BUSYBOX_IMAGE)),
    ];
    const victim = await processOf(dies);
    const killed = containerd.pid() ?? 0;
    process.kill(killed, 'SIGKILL');
    process.kill(victim, 'SIGKILL');
    await events.relisted();
    // The new process answers a moment before its supervisor has taken note of it.
    await eventually(async () => containerd.pid() !== killed, 'another process');
    const states = [await runtime.containerStatus(lives), await runtime.containerStatus(dies)].map(
      ({ state, exitCode }) => [state, exitCode],
    );
    assert.deepEqual(states, [
      ['Running', undefined],
      ['Exited', 137],
    ]);
    assert.equal((await runtime.execSync(lives, { command: ['true'], timeoutMs: 5_000 })).exitCode, 0);
    await runtime.stopContainer(lives, 0);
    const told = [await events.next(lives), await events.next(lives)].map(({ type }) => type);
    assert.deepEqual(told, ['ContainerStarted', 'ContainerExited']);
  });

  test('[CRI2] the next agent adopts containerd and what runs in it', async () => {
    await using pod = await aPod(under, 'adopted');
    const id = await pod.run(aContainer('main', BUSYBOX_IMAGE));
    await fixture.containerd.leave();
    const next = await startContainerd(fixture.options);
    assert.equal(next.pid(), fixture.containerd.pid());
    using runtime = fixture.openRuntime();
    assert.equal((await runtime.containerStatus(id)).state, 'Running');
    await next.leave();
  });

  test("[CRI2] a containerd with yesterday's configuration is replaced, and its containers run on", async () => {
    await using pod = await aPod(under, 'replaced');
    const id = await pod.run(aContainer('main', BUSYBOX_IMAGE));
    const before = fixture.containerd.pid();
    await fixture.containerd.leave();
    const settings = { ...fixture.options.settings, registryDir: join(fixture.folder, 'other-registries') };
    const next = await startContainerd({ ...fixture.options, settings });
    assert.notEqual(next.pid(), before);
    using runtime = fixture.openRuntime();
    assert.equal((await runtime.containerStatus(id)).state, 'Running');
    await next.stop();
    const again = await startContainerd(fixture.options);
    await again.leave();
  });
});

test('[CRI2] containerd and its containers live on when the agent is killed', async () => {
  const fixture = await startContainerdFixture();
  const pod = await aPod(await underTest(fixture), 'orphan');
  const id = await pod.run(aContainer('main', BUSYBOX_IMAGE));
  await fixture.containerd.stop();
  const program = fileURLToPath(new URL('containerd-agent.ts', import.meta.url));
  const agent = spawn(process.execPath, [program, JSON.stringify(fixture.options.settings)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(agent.stdout, 'data')) as [Buffer];
  process.kill(-(agent.pid ?? 0), 'SIGKILL'); // the agent and all of its process group
  await once(agent, 'exit');
  const next = await startContainerd(fixture.options);
  assert.equal(next.pid(), Number(line));
  assert.equal((await fixture.runtime.containerStatus(id)).state, 'Running');
  await next.leave();
  await fixture.stop();
});

test('[CRI16] a shim that containerd lost is ended at the next start, one with containers is not', async () => {
  const fixture = await startContainerdFixture();
  const under = await underTest(fixture);
  const pod = await aPod(under, 'kept');
  const id = await pod.run(aContainer('main', BUSYBOX_IMAGE));
  const socket = fixture.containerd.socketPath;
  await using _log = await startLostShim(fixture.folder, socket);
  await until(
    () => listShims(socket),
    ({ length }) => length === 2,
  );
  process.kill(fixture.containerd.pid() ?? 0, 'SIGKILL');
  const left = await until(
    () => listShims(socket),
    ({ length }) => length === 1,
  );
  assert.ok(left[0]?.command.includes(pod.id));
  assert.equal((await fixture.runtime.containerStatus(id)).state, 'Running');
  await fixture.stop();
});

test("[CRI15] containerd works in the network namespace it is given: the pods' other ends are there", async () => {
  const name = `tutti-test-${process.pid}`;
  await runCommand('ip', ['netns', 'add', name]);
  try {
    const fixture = await startContainerdFixture(`/run/netns/${name}`);
    const under = await underTest(fixture);
    const pod = await aPod(under, 'elsewhere');
    const [ip] = (await under.runtime.podSandboxStatus(pod.id)).ips;
    assert.match(await runCommand('ip', ['-n', name, 'route']), new RegExp(`^${ip} dev veth`, 'm'));
    assert.doesNotMatch(await runCommand('ip', ['route']), new RegExp(`^${ip} `, 'm'));
    await fixture.stop();
  } finally {
    await runCommand('ip', ['netns', 'delete', name]);
  }
});

test('[CRI5] purging leaves no process, mount, cgroup or file, whatever ran', async () => {
  const fixture = await startContainerdFixture();
  const under = await underTest(fixture);
  const pod = await aPod(under, 'purged');
  await pod.run(aContainer('main', BUSYBOX_IMAGE));
  process.kill(fixture.containerd.pid() ?? 0, 'SIGKILL');
  await fixture.stop();
  const marks = (await listProcesses()).filter(({ command }) =>
    command.some((argument) => argument.includes(fixture.folder)),
  );
  assert.deepEqual(marks, []);
  assert.ok(!(await readFile('/proc/self/mountinfo', 'utf8')).includes(fixture.folder));
  assert.deepEqual(await cgroupsOf(fixture.cgroup), []);
  assert.ok(!(await readdir(join(fixture.folder, '..'))).includes(basename(fixture.folder)));
});

/** The folders of all controllers in which the cgroup exists. */
async function cgroupsOf(cgroup: string): Promise<readonly string[]> {
  const controllers = await readdir('/sys/fs/cgroup');
  const found = await Promise.all(
    ['', ...controllers].map((name) =>
      readdir(join('/sys/fs/cgroup', name, cgroup)).then(
        () => name,
        () => undefined,
      ),
    ),
  );
  return found.filter((name) => name !== undefined);
}

async function processOf(containerId: string): Promise<number> {
  for (const controller of ['memory', '.']) {
    const text = await runCommand('find', [
      `/sys/fs/cgroup/${controller}`,
      '-path',
      `*${containerId}/cgroup.procs`,
    ]).catch(() => '');
    const [file] = text.split('\n');
    if (file !== undefined && file !== '') return Number((await readFile(file, 'utf8')).split('\n')[0]);
  }
  throw new Error(`Cannot find the process of container ${containerId}`);
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

async function firstOf(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => {
    stream.once('data', (chunk: unknown) => resolve(String(chunk)));
  });
}

/** Asks again until the answer is as wanted; the test runner's own limit ends what never comes. */
async function until<T>(ask: () => Promise<T>, isDone: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isDone(answer)) return answer;
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}
