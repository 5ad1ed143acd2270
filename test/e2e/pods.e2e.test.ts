/** The life of pods on real containers, as kubectl shows it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import type { ContainerStatus, Event, Pod } from '#api/types/core-v1';
import { type ClientMinor, kubectlPath } from '../../tools/kubectl.ts';
import { eventually, type Output, TestCluster } from './cluster.ts';
import { curl } from './http.ts';
import { BUSYBOX, NGINX, pod } from './pod-manifests.ts';
import { podsThatEnd, podsThatFail, podsThatRun } from './pods-of-all-kinds.ts';

const IMAGES = ['docker.io/library/nginx:1.20', 'docker.io/library/busybox:latest'];

describe('pods', { timeout: 300_000 }, () => {
  let cluster: TestCluster;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-pods-'));
    cluster = await TestCluster.start({ images: IMAGES });
    // All at once: most of what they show takes its time.
    const [node = ''] = await cluster.fields(['nodes'], '{.items[*].metadata.name}');
    await cluster.apply(...podsThatEnd(), ...podsThatFail(node), ...podsThatRun(folder));
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const read = (name: string) => cluster.json<Pod>('get', 'pod', name);
  const row = (name: string) => cluster.kubectl('get', 'pod', name, '--no-headers');
  const shows = (name: string, pattern: RegExp) =>
    eventually(async () => pattern.exec(await row(name)) ?? false, `${name} showing ${String(pattern)}`);
  const ready = (...names: readonly string[]) =>
    cluster.kubectl('wait', '--for=condition=Ready', '--timeout=60s', ...names.map((name) => `pod/${name}`));
  const inside = (name: string, script: string, ...more: readonly string[]) =>
    cluster.kubectl('exec', name, ...more, '--', 'sh', '-c', script);
  const status = async (name: string, container = 'main'): Promise<ContainerStatus> => {
    const { containerStatuses = [], initContainerStatuses = [] } = (await read(name)).status ?? {};
    const found = [...containerStatuses, ...initContainerStatuses].find((each) => each.name === container);
    assert.ok(found, `${name} tells of ${container}`);
    return found;
  };
  const events = async (name: string): Promise<readonly string[]> => {
    const { items } = await cluster.json<{ items: readonly Event[] }>(
      'get',
      'events',
      '--field-selector',
      `involvedObject.name=${name}`,
    );
    return items.map(({ type, reason, message }) => `${type} ${reason} ${message}`);
  };
  const hasEvent = (name: string, wanted: string) =>
    eventually(async () => (await events(name)).some((each) => each.includes(wanted)), `${name}: ${wanted}`);

  test('[POD1] init containers run in order, sidecars beside what follows them and until the containers have ended', async () => {
    await ready('in-order');
    assert.match(await row('in-order'), /2\/2 +Running/);
    assert.equal(await inside('in-order', 'cat /shared/log', '-c', 'main'), 'first\nsidecar\nsecond\nmain\n');
    await cluster.kubectl('delete', 'pod', 'in-order');
    const log = await readFile(join(folder, 'ends'), 'utf8');
    assert.equal(log, 'main ends\nsidecar ends\n');
    await shows('with-sidecar', /0\/2 +Completed/);
    assert.equal((await read('with-sidecar')).status?.phase, 'Succeeded');
  });

  test('[POD2] an init container that fails holds the pod back, or fails it for good', async () => {
    await shows('init-fails', /0\/1 +Init:CrashLoopBackOff +[1-9]/);
    assert.equal(await cluster.kubectl('logs', 'init-fails', '-c', 'broken'), 'no luck\n');
    const refused = await cluster.tryKubectl('logs', 'init-fails');
    assert.match(refused.stderr, /container "main" in pod "init-fails" is waiting to start: PodInitializing/);
    await shows('init-fails-once', /0\/1 +Init:Error +0/);
    assert.equal((await read('init-fails-once')).status?.phase, 'Failed');
  });

  test('[POD3] what is not restarted shows how it ended', async () => {
    await shows('done', /0\/1 +Completed +0/);
    await shows('failed', /0\/2 +Error +0/);
    await shows('second-try', /0\/1 +Completed +1 /);
    const phases = await cluster.fields(['pod', 'done', 'failed', 'second-try'], '{.items[*].status.phase}');
    assert.deepEqual(phases, ['Succeeded', 'Failed', 'Succeeded']);
    const described = await cluster.kubectl('describe', 'pod', 'failed');
    assert.match(described, /Reason: +Error\n +Message: +last words\n\n? +Exit Code: +4/);
    const refused = await cluster.tryKubectl('exec', 'done', '--', 'true');
    assert.match(refused.stderr, /cannot exec into a container in a completed pod; current phase is Succeeded/);
  });

  test('[POD4] a pod that has been active too long fails', async () => {
    await eventually(async () => (await read('deadline')).status?.reason === 'DeadlineExceeded', 'the deadline');
    assert.equal((await read('deadline')).status?.phase, 'Failed');
    const why = 'Pod was active on the node longer than the specified deadline';
    await hasEvent('deadline', `Normal DeadlineExceeded ${why}`);
  });

  test('[POD5] what cannot start says why', async () => {
    await shows('no-such-name', /0\/1 +InvalidImageName +0/);
    await shows('never-pulled', /0\/1 +ErrImageNeverPull +0/);
    await shows('not-root', /0\/1 +CreateContainerConfigError +0/);
    await shows('no-program', /0\/1 +(RunContainerError|CrashLoopBackOff) +\d/);
    await shows('too-large', /0\/1 +OutOfcpu +0/);
    await hasEvent('not-root', 'Error: container has runAsNonRoot and image will run as root');
    await hasEvent(
      'no-volume',
      'Warning FailedMount MountVolume.SetUp failed for volume "v" : configmap "none" not found',
    );
    await hasEvent('no-folder', 'hostPath type check failed: /nowhere/at/all is not a directory');
    assert.match(await row('no-volume'), /0\/1 +ContainerCreating +0/);
    const { state, lastState } = await status('no-program');
    const ended = state?.terminated ?? lastState?.terminated;
    assert.deepEqual([ended?.reason, ended?.exitCode], ['StartError', 128]);
  });

  test('[POD6] a container waits for the objects that its variables come from', async () => {
    await shows('variables', /0\/1 +CreateContainerConfigError +0/);
    await hasEvent('variables', 'Warning Failed Error: configmap "later" not found');
    await cluster.kubectl('create', 'configmap', 'later', '--from-literal=a=1');
    await hasEvent('variables', 'Warning Failed Error: secret "later" not found');
    await cluster.kubectl('create', 'secret', 'generic', 'later', '--from-literal=b=2');
    await ready('variables');
    const { podIP, hostIP } = (await read('variables')).status ?? {};
    const shown = await inside('variables', 'echo $A $B $NONE $P_a $IP $HOST $MEMORY $CPU $ACCOUNT $SUM');
    assert.equal(shown, `1 2 1 ${podIP} ${hostIP} 64 200 default 1-$(UNKNOWN)\n`);
  });

  test('[POD7] volumes are shared, limited, owned as the pod says, and follow their objects', async () => {
    await ready('volumes');
    assert.equal(await inside('volumes', 'cat /shared/id', '-c', 'other'), 'uid=1000 gid=3000 groups=2000,3000,4000\n');
    const mounts = await inside('volumes', "stat -c '%a %g' /shared /part; df -k /memory | tail -n 1");
    assert.match(mounts, /^2777 2000\n2777 2000\ntmpfs +8192 /);
    await inside('volumes', 'touch /part/mine /memory/mine');
    assert.equal(await inside('volumes', 'ls /shared/a/b', '-c', 'other'), 'mine\n');
    assert.match(
      await inside('volumes', 'cat /shown/labels; echo; cat /shown/cpu /shown/note'),
      /colour="red"\n1hello$/,
    );
    await cluster.kubectl('label', 'pod', 'volumes', 'colour=blue', '--overwrite');
    await cluster.kubectl('annotate', 'pod', 'volumes', 'note=changed', '--overwrite');
    await eventually(
      async () => /colour="blue"[^]*changed/.test(await inside('volumes', 'cat /shown/labels /shown/note')),
      'the new label',
    );
  });

  test('[POD8] a container has the rights that its pod gives it, and no more', async () => {
    await ready('volumes');
    const failed = await cluster.tryKubectl('exec', 'volumes', '--', 'touch', '/x');
    assert.match(failed.stderr, /Read-only file system/);
    const rights = await inside('volumes', 'grep -E "CapBnd|NoNewPrivs" /proc/self/status');
    assert.match(rights, /CapBnd:\s+0{13}400\nNoNewPrivs:\s+1/);
  });

  test('[POD9] classes of service follow requests and limits; too much memory is the end', async () => {
    const classes = await cluster.fields(['pod', 'volumes', 'variables', 'done'], '{.items[*].status.qosClass}');
    assert.deepEqual(classes, ['Burstable', 'Guaranteed', 'BestEffort']);
    await shows('greedy', /0\/1 +OOMKilled +0/);
    assert.equal((await status('greedy')).state?.terminated?.exitCode, 137);
  });

  test('[POD10] probes of every kind decide', async () => {
    await ready('probed');
    await hasEvent('unwell', "Warning Unhealthy Liveness probe failed: cat: can't open '/tmp/ok'");
    await hasEvent('unwell', 'Normal Killing Container main failed liveness probe, will be restarted');
    await hasEvent('no-grpc', 'Warning Unhealthy Readiness probe failed: error: health rpc failed: ');
    await shows('unwell', /[01]\/1 +(Running|CrashLoopBackOff) +[1-9]/);
    assert.match(await row('no-grpc'), /0\/1 +Running +0/);
    assert.equal((await status('no-grpc')).started, true);
  });

  test('[POD11] a restarted container waits longer each time', async () => {
    const starts = await eventually(
      async () => {
        const times = (await inside('crashes', 'cat /shared/starts', '-c', 'reader')).trim().split('\n').map(Number);
        return times.length >= 4 && times;
      },
      'four starts',
      90_000,
    );
    const [first, second, third] = starts.slice(1).map((time, index) => time - (starts[index] ?? 0));
    assert.ok(first! < second! && second! < third!, `pauses of ${first}, ${second} and ${third} s`);
    await shows('crashes', /1\/2 +CrashLoopBackOff +[34] \(\d+s ago\)/);
    await hasEvent('crashes', 'Warning BackOff Back-off restarting failed container main in pod crashes_default(');
    assert.match(await cluster.kubectl('logs', 'crashes', '-c', 'main', '--previous'), /^run \d+\n$/);
  });

  test('[POD12] logs can be asked for in parts', async () => {
    await ready('talks');
    const logs = (...asked: readonly string[]) => cluster.kubectl('logs', 'talks', ...asked);
    await eventually(async () => /said/.test(await logs('-c', 'other')), 'the other container');
    assert.equal(await logs('-c', 'main', '--tail=2'), 'line 4\nline 5\n');
    assert.equal(await logs('-c', 'main', '--limit-bytes=9'), 'line 1\nli');
    assert.equal(await logs('-c', 'main', '--since-time=2999-01-01T00:00:00Z'), '');
    assert.match(await logs('--timestamps', '--tail=1'), /^2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z line 5\n$/);
    const all = await logs('--all-containers', '--prefix');
    assert.match(all, /^\[pod\/talks\/main\] line 1$/m);
    assert.match(all, /^\[pod\/talks\/other\] said to stderr$/m);
    const none = await cluster.tryKubectl('logs', 'talks', '-c', 'main', '--previous');
    assert.match(none.stderr, /previous terminated container "main" in pod "talks" not found/);
    assert.match((await cluster.tryKubectl('logs', 'talks', '-c', 'nobody')).stderr, /container nobody is not valid/);
  });

  test('[POD13] standard input reaches commands and containers, and its end too', async () => {
    await ready('listens', 'volumes');
    const counted = await typed(['exec', '-i', 'listens', '--', 'wc', '-c'], 'hello\nworld');
    assert.equal(counted.stdout.trim(), '11');
    const failed = await typed(['exec', '-i', 'listens', '--', 'sh', '-c', 'cat > /dev/null; exit 5'], 'x'.repeat(1e6));
    assert.deepEqual([failed.code, failed.stderr], [5, 'command terminated with exit code 5\n']);
    await typed(['attach', '-i', 'listens'], 'a word\n');
    await eventually(async () => (await cluster.kubectl('logs', 'listens')) === 'heard a word\n', 'the word');
    const ran = await typed(
      ['run', 'asked', '--rm', '-i', `--image=${BUSYBOX}`, '--restart=Never', '--', 'sh'],
      'exit 3\n',
    );
    assert.equal(ran.code, 3);
    const terminal = `run asked --rm -it --image=${BUSYBOX} --restart=Never -- sh -c`.split(' ');
    assert.match(
      await inTerminal([...terminal, "'read word; tty; stty size; echo bye'"]),
      /\/dev\/pts\/\d[^]*bye[^]*pod "asked" deleted/,
    );
  });

  test('[POD14] files are copied in and out', async () => {
    await ready('listens');
    const file = join(folder, 'original');
    await writeFile(file, Buffer.alloc(3_000_000, 'some bytes'));
    await cluster.kubectl('cp', file, 'listens:/tmp/copy');
    await cluster.kubectl('cp', 'listens:/tmp/copy', join(folder, 'back'));
    assert.ok((await readFile(join(folder, 'back'))).equals(await readFile(file)));
  });

  test('[POD15] ports of a pod are forwarded to the client', async () => {
    await ready('probed');
    for (const minor of [28, 35] as const) {
      await using forward = await portForward(minor, 'pod/probed', '80');
      for (let times = 0; times < 3; times++) assert.match(await curl(cluster.hosts.node, forward.url), /nginx 1\.20/);
    }
  });

  test('[POD16] pods have the host’s network, or one of its ports, where they ask for it', async () => {
    await ready('on-host', 'probed');
    const { address } = cluster.hosts.node;
    assert.deepEqual(await cluster.fields(['pod', 'on-host'], '{.status.podIP}'), [address]);
    assert.match(await inside('on-host', 'ip -4 address show eth0'), new RegExp(`inet ${address}/`));
    assert.match(await curl(cluster.hosts.client, `http://${address}:8081/`), /nginx 1\.20/);
    assert.equal(
      await inside('by-name', 'hostname -f; cat /etc/resolv.conf'),
      'by-name\nsearch some.where\nnameserver 198.19.0.10\noptions ndots:2\n',
    );
    assert.match(await inside('by-name', 'cat /etc/hosts'), /^198\.18\.9\.9\tfriend$/m);
  });

  test('[POD17] containers of a pod may see each other’s processes', async () => {
    await ready('together');
    assert.match(await inside('together', 'ps', '-c', 'main'), /sleep 4321/);
  });

  test('[POD18] a deleted pod runs its hook and ends within its grace; by force its name is free at once', async () => {
    await ready('hooked', 'stubborn');
    await cluster.kubectl('delete', 'pod', 'hooked');
    assert.equal(await readFile(join(folder, 'hooked'), 'utf8'), 'started\nbefore the stop\nstopped\n');
    await cluster.kubectl('delete', 'pod', 'stubborn', '--wait=false');
    assert.match(await row('stubborn'), /1\/1 +Terminating/);
    const containerId = (await status('stubborn')).containerID;
    await cluster.kubectl('delete', 'pod', 'stubborn', '--grace-period=0', '--force');
    await cluster.apply(pod('stubborn', { terminationGracePeriodSeconds: 0 }));
    await ready('stubborn');
    assert.notEqual((await status('stubborn')).containerID, containerId);
  });

  test('[POD19] a cordoned node takes no new pods, and a drained one keeps none', async () => {
    const [node = ''] = await cluster.fields(['nodes'], '{.items[*].metadata.name}');
    await cluster.kubectl('create', 'deployment', 'moves', `--image=${NGINX}`, '--replicas=2');
    await cluster.kubectl('rollout', 'status', 'deployment/moves', '--timeout=60s');
    await cluster.kubectl('cordon', node);
    assert.match(await cluster.kubectl('get', 'node', node), / Ready,SchedulingDisabled +/);
    await cluster.kubectl('scale', 'deployment/moves', '--replicas=3');
    await eventually(
      async () => /0\/1 nodes are available: 1 node\(s\) were unschedulable/.test(await cluster.kubectl('events')),
      'the event',
    );
    const refused = await cluster.tryKubectl('drain', node);
    assert.match(refused.stderr, /cannot delete Pods that declare no controller \(use --force to override\)/);
    const drained = await cluster.kubectl('drain', node, '--force', '--delete-emptydir-data', '--grace-period=1');
    assert.match(drained, /pod\/moves-\S+ evicted[^]*node\/\S+ drained/);
    await cluster.kubectl('uncordon', node);
    await cluster.kubectl('rollout', 'status', 'deployment/moves', '--timeout=60s');
    await cluster.kubectl('taint', 'nodes', node, 'only=some:NoExecute');
    await eventually(async () => / Pending /.test(await cluster.kubectl('get', 'pods', '-l', 'app=moves')), 'eviction');
    const described = await cluster.kubectl('describe', 'node', node);
    assert.match(described, /^Taints: +only=some:NoExecute$/m);
    assert.match(described, /^ {2}Ready +True .* KubeletReady +kubelet is posting ready status$/m);
    assert.match(described, /^ {2}pods: +110$/m);
    await cluster.kubectl('taint', 'nodes', node, 'only-');
    await cluster.kubectl('rollout', 'status', 'deployment/moves', '--timeout=60s');
  });

  /** kubectl with standard input. */
  async function typed(args: readonly string[], input: string): Promise<Output> {
    const kubectl = cluster.spawnKubectl(...args);
    assert.ok(kubectl.stdin && kubectl.stdout && kubectl.stderr);
    kubectl.stdin.on('error', () => undefined); // a command may end before it has read everything
    kubectl.stdin.end(input);
    const printed = Promise.all([text(kubectl.stdout), text(kubectl.stderr)]);
    const [code] = (await once(kubectl, 'exit')) as [number | null];
    const [stdout, stderr] = await printed;
    return { code: code ?? -1, stdout, stderr };
  }

  async function inTerminal(args: readonly string[]): Promise<string> {
    const [program, line] = cluster.hosts.node.command(kubectlPath(32), ['--kubeconfig', cluster.kubeconfig, ...args]);
    const session = spawn('script', ['-qec', [program, ...line].join(' '), '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    // Once kubectl has told that it is attached: what the container says before that goes by unheard.
    session.stdout.once('data', () => session.stdin.write('go on\n'));
    return await text(session.stdout);
  }

  async function portForward(
    minor: ClientMinor,
    target: string,
    port: string,
  ): Promise<AsyncDisposable & { readonly url: string }> {
    const line = ['--kubeconfig', cluster.kubeconfig, 'port-forward', target, `:${port}`];
    const [program, args] = cluster.hosts.node.command(kubectlPath(minor), line);
    const forward = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(forward, 'exit');
    forward.stdout.setEncoding('utf8');
    const [said] = (await once(forward.stdout, 'data')) as [string];
    forward.stdout.resume();
    return {
      url: `http://${/127\.0\.0\.1:\d+/.exec(said)?.[0]}/`,
      async [Symbol.asyncDispose]() {
        forward.kill('SIGTERM');
        await exited;
      },
    };
  }
});
