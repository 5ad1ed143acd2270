/** What is done to pods beside changing their spec: looking into them, resizing, reaching them through the API server. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import type { Pod } from '#api/types/core-v1';
import { type ClientMinor, kubectlPath } from '../../tools/kubectl.ts';
import { eventually, type Output, TestCluster } from './cluster.ts';
import { curl } from './http.ts';
import { BUSYBOX, NGINX, pod, shell, untilTold } from './pod-manifests.ts';

const IMAGES = ['docker.io/library/nginx:1.20', 'docker.io/library/busybox:latest'];
const CLIENTS = [28, 32, 35] as const;

const WEB = { app: 'web' };

const service = (name: string, selector: object): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector, ports: [{ port: 80 }] },
});

const deployment = (name: string, matchLabels: Readonly<Record<string, string>>): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 2,
    selector: { matchLabels },
    template: {
      metadata: { labels: matchLabels },
      spec: { containers: [{ name: 'main', image: NGINX, ports: [{ containerPort: 80 }] }] },
    },
  },
});

const MIB = 1024 ** 2;
// As version 1 of the kernel's interface has them, or else version 2.
const SHOW_LIMITS = [
  'cd /sys/fs/cgroup',
  'if [ -d cpu ]; then echo $(cat cpu/cpu.cfs_quota_us memory/memory.limit_in_bytes)',
  "else echo $(cut -d ' ' -f 1 cpu.max) $(cat memory.max); fi",
].join('; ');

// A busy client may tell its size a moment late.
const SHOW_TERMINAL = "'until stty size 2>/dev/null; do sleep 0.1; done; tty'";

describe('subresources', { timeout: 300_000 }, () => {
  let cluster: TestCluster;

  before(async () => {
    cluster = await TestCluster.start({ images: IMAGES });
    await cluster.apply(
      pod('looked-into', { containers: [shell('sleep 7654')] }),
      pod('sized', {
        containers: [
          shell(untilTold(), {
            resources: { requests: { cpu: '50m', memory: '32Mi' }, limits: { cpu: '200m', memory: '64Mi' } },
          }),
        ],
      }),
      pod('restarted', {
        containers: [
          shell(untilTold(), {
            resources: { limits: { memory: '64Mi' } },
            resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }],
          }),
        ],
      }),
      pod('web', { containers: [{ name: 'main', image: NGINX, ports: [{ containerPort: 80 }] }] }, { labels: WEB }),
      service('web', WEB),
      service('nobody', { app: 'nobody' }),
      deployment('many', { app: 'many' }),
      pod('talks', { containers: [shell('n=0; while sleep 0.2; do n=$((n + 1)); echo tick $n; done')] }),
      pod('listens', { containers: [shell('while read -r line; do echo heard $line; done', { stdin: true })] }),
      pod('ends', {
        restartPolicy: 'Never',
        containers: [shell('read -r line; sleep 0.3; echo gone; sleep 0.3', { stdin: true })],
      }),
      pod('stuck', { initContainers: [{ ...shell('exit 1'), name: 'broken' }] }),
    );
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  const read = (name: string) => cluster.json<Pod>('get', 'pod', name);
  const events = async (name: string): Promise<string> =>
    await cluster.kubectl('get', 'events', '--field-selector', `involvedObject.name=${name}`);
  const ready = (...names: readonly string[]) =>
    cluster.kubectl('wait', '--for=condition=Ready', '--timeout=60s', ...names.map((name) => `pod/${name}`));

  test('[SUB3] [SUB4] kubectl debug looks into a pod that runs, and stays visible when it has ended', async () => {
    await ready('looked-into');
    for (const minor of CLIENTS) {
      const name = `by-${minor}`;
      const asked = ['debug', '-i', 'looked-into', `--image=${BUSYBOX}`, '--target=main', '-c', name, '--quiet'];
      const { stdout } = await typed(minor, [...asked, '--', 'sh'], 'ps -o args; exit 3\n');
      assert.match(stdout, /sleep 7654/);
      const ended = await eventually(async () => {
        const { ephemeralContainerStatuses = [] } = (await read('looked-into')).status ?? {};
        return ephemeralContainerStatuses.find((each) => each.name === name)?.state?.terminated;
      }, `${name} ending`);
      assert.equal(ended.exitCode, 3);
    }
    const shown = await read('looked-into');
    assert.deepEqual([shown.status?.phase, shown.status?.containerStatuses?.[0]?.restartCount], ['Running', 0]);
    const described = await cluster.kubectl('describe', 'pod', 'looked-into');
    assert.match(described, /^Ephemeral Containers:\n {2}by-28:[^]*Exit Code: +3/m);
    assert.match(described, /Started container by-35/);
  });

  test('[SUB3] visitors reach a pod that does not get on, and take commands and logs like all others', async () => {
    const asked = ['debug', 'stuck', `--image=${BUSYBOX}`, '-c', 'visitor'];
    await cluster.kubectl(...asked, '--', 'sh', '-c', `echo here; ${untilTold()}`);
    const started = async () =>
      (await read('stuck')).status?.ephemeralContainerStatuses?.[0]?.state?.running !== undefined;
    await eventually(started, 'the visitor');
    assert.equal(await cluster.kubectl('logs', 'stuck', '-c', 'visitor'), 'here\n');
    assert.equal(await cluster.kubectl('exec', 'stuck', '-c', 'visitor', '--', 'hostname'), 'stuck\n');
    assert.equal((await read('stuck')).status?.phase, 'Pending');
  });

  test('[SUB3] a visitor has the rights of its profile', async () => {
    await ready('looked-into');
    const powers = async (profile: string): Promise<bigint> => {
      const asked = ['debug', 'looked-into', `--image=${BUSYBOX}`, `--profile=${profile}`, '-c', profile];
      await cluster.kubectlOf(35, ...asked, '--', 'grep', 'CapEff', '/proc/self/status');
      const log = await eventually(
        async () => /CapEff:\s+([0-9a-f]+)/.exec(await cluster.kubectl('logs', 'looked-into', '-c', profile)) ?? false,
        `the log of ${profile}`,
      );
      return BigInt(`0x${log[1]}`);
    };
    const [NET_ADMIN, SYS_ADMIN] = [1n << 12n, 1n << 21n];
    const has = (all: bigint): readonly boolean[] => [NET_ADMIN, SYS_ADMIN].map((one) => (all & one) !== 0n);
    assert.deepEqual(has(await powers('general')), [false, false]);
    assert.deepEqual(has(await powers('netadmin')), [true, false]);
    assert.deepEqual(has(await powers('sysadmin')), [true, true]);
  });

  test('[SUB1] kubectl debug works on a copy of a pod and on a node', async () => {
    await ready('looked-into');
    const copied = ['debug', 'looked-into', '--copy-to=copy', '--share-processes', `--image=${BUSYBOX}`, '-c', 'other'];
    await cluster.kubectl(...copied, '--', 'sleep', '9999');
    await ready('copy');
    assert.match(await cluster.kubectl('exec', 'copy', '-c', 'other', '--', 'ps', '-o', 'args'), /sleep 7654/);
    const [node = ''] = await cluster.fields(['nodes'], '{.items[*].metadata.name}');
    for (const minor of CLIENTS) {
      const onNode = ['debug', `node/${node}`, '-i', '--quiet', `--image=${BUSYBOX}`, '--', 'sh'];
      const { stdout, stderr } = await typed(minor, onNode, 'ls -d /host/etc; ip -4 address show eth0; exit\n');
      assert.match(`${stdout}${stderr}`, new RegExp(`/host/etc[^]*inet ${cluster.hosts.node.address}/`));
    }
  });

  test('[SUB2] what a visitor may not be is refused', async () => {
    await ready('looked-into');
    await cluster.kubectl('debug', 'looked-into', `--image=${BUSYBOX}`, '-c', 'kept', '--', 'true');
    const lost = await cluster.tryKubectl('debug', 'looked-into', `--image=${BUSYBOX}`, '--target=nobody');
    assert.match(lost.stderr, /spec.ephemeralContainers\[\d\].targetContainerName: Not found: "nobody"/);
    const removal = ['patch', 'pod', 'looked-into', '--subresource=ephemeralcontainers', '--type=merge', '-p'];
    const removed = await cluster.tryKubectlOf(35, ...removal, '{"spec":{"ephemeralContainers":[]}}');
    assert.match(removed.stderr, /existing ephemeral containers "kept" may not be removed/);
  });

  test('[SUB12] [SUB13] a container gets more CPU and memory while it runs, as far as the node has them', async () => {
    await ready('sized');
    const limits = async () => (await cluster.kubectl('exec', 'sized', '--', 'sh', '-c', SHOW_LIMITS)).trim();
    assert.equal(await limits(), `20000 ${64 * MIB}`);
    const resize = ['patch', 'pod', 'sized', '--subresource=resize', '--patch'];
    const wanted = (limit: object) => JSON.stringify({ spec: { containers: [{ name: 'main', resources: limit }] } });
    assert.match(
      await cluster.kubectlOf(32, ...resize, wanted({ limits: { cpu: '400m', memory: '96Mi' } })),
      /^pod\/sized patched/,
    );
    await eventually(async () => (await limits()) === `40000 ${96 * MIB}`, 'the new limits');
    await eventually(async () => (await events('sized')).includes('ResizeCompleted'), 'the end of the resize');
    await cluster.kubectlOf(35, ...resize, wanted({ limits: { cpu: '100m', memory: '48Mi' } }));
    await eventually(async () => (await limits()) === `10000 ${48 * MIB}`, 'the smaller limits');
    await cluster.kubectlOf(35, ...resize, wanted({ requests: { cpu: '999' }, limits: { cpu: '999' } }));
    const pending = await eventually(
      async () => (await read('sized')).status?.conditions?.find(({ type }) => type === 'PodResizePending'),
      'the refusal',
    );
    assert.match(
      `${pending.reason}: ${pending.message}`,
      /^Infeasible: Node didn't have enough capacity: cpu, requested: 999000/,
    );
    const { containerStatuses: [status] = [] } = (await read('sized')).status ?? {};
    assert.deepEqual([status?.restartCount, status?.resources?.limits], [0, { cpu: '100m', memory: '48Mi' }]);
    const refused = await cluster.tryKubectlOf(35, ...resize, wanted({ limits: { memory: null } }));
    assert.match(refused.stderr, /resource limits cannot be removed/);
  });

  test('[SUB14] a container is restarted where its policy says so', async () => {
    await ready('restarted');
    const patch = { spec: { containers: [{ name: 'main', resources: { limits: { memory: '80Mi' } } }] } };
    await cluster.kubectlOf(35, 'patch', 'pod', 'restarted', '--subresource=resize', '-p', JSON.stringify(patch));
    await eventually(async () => {
      const [status] = (await read('restarted')).status?.containerStatuses ?? [];
      return status?.restartCount === 1 && status.resources?.limits?.['memory'] === '80Mi';
    }, 'the restart');
    const shown = await cluster.kubectl('exec', 'restarted', '--', 'sh', '-c', SHOW_LIMITS);
    assert.equal(shown.trim().split(' ')[1], String(80 * MIB));
  });

  test('[SUB20] [SUB21] [SUB26] services, pods and nodes are reached through the API server', async () => {
    await ready('web');
    const raw = (path: string) => cluster.tryKubectlOf(35, 'get', '--raw', path);
    const inNamespace = '/api/v1/namespaces/default';
    const welcomes = async (path: string) => /Welcome to nginx/.test((await raw(path)).stdout);
    for (const path of [
      'services/web/proxy/',
      'services/web:80/proxy/',
      'pods/web/proxy/',
      'pods/web:80/proxy/index.html',
    ])
      await eventually(() => welcomes(`${inNamespace}/${path}`), path);
    for (const minor of CLIENTS)
      assert.match(
        await cluster.kubectlOf(minor, 'get', '--raw', `${inNamespace}/services/http:web:80/proxy/`),
        /Welcome/,
      );
    assert.match((await raw(`${inNamespace}/services/https:kubernetes:443/proxy/version`)).stdout, /"gitVersion"/);
    const [node = ''] = await cluster.fields(['nodes'], '{.items[*].metadata.name}');
    assert.equal((await raw(`/api/v1/nodes/${node}/proxy/healthz`)).stdout, 'ok');
    const none = await raw(`${inNamespace}/services/nobody/proxy/`);
    assert.match(none.stderr, /\(ServiceUnavailable\): no endpoints available for service "nobody"/);
    const unknown = await raw(`${inNamespace}/services/web:81/proxy/`);
    assert.match(unknown.stderr, /no service port 81 found for service "web"/);
    const closed = await raw(`${inNamespace}/pods/web:81/proxy/`);
    assert.match(closed.stderr, /error trying to reach service: dial tcp 198\.18\.\S+:81: connect: connection refused/);
    const missing = await raw(`${inNamespace}/services/web/proxy/none`);
    assert.match(missing.stderr, /\(NotFound\)/);
  });

  test('[SUB23] kubectl proxy leads a browser through to a service', async () => {
    await ready('web');
    const line = ['--kubeconfig', cluster.kubeconfig, 'proxy', '--port=0'];
    const proxy = spawn(...cluster.hosts.node.command(kubectlPath(32), line), { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(proxy, 'exit');
    try {
      proxy.stdout.setEncoding('utf8');
      const [said] = (await once(proxy.stdout, 'data')) as [string];
      const address = /127\.0\.0\.1:\d+/.exec(said)?.[0] ?? '';
      const url = `http://${address}/api/v1/namespaces/default/services/web/proxy`;
      assert.match(await curl(cluster.hosts.node, `${url}/`), /Welcome to nginx/);
      assert.match(await curl(cluster.hosts.node, url, '--location'), /Welcome to nginx/);
      assert.match(await curl(cluster.hosts.node, `${url}/`, '--head'), /^HTTP\/1\.1 200 [^]*^Server: nginx/m);
    } finally {
      proxy.kill('SIGTERM');
      await exited;
    }
  });

  test('[NOD137] [CTL50b] what becomes of a node is seen in its description', async () => {
    const [node = ''] = await cluster.fields(['nodes'], '{.items[*].metadata.name}');
    const line = (reason: string, from: string, message: string): RegExp =>
      new RegExp(`^ {2}Normal +${reason} +\\S+ +(\\(.*\\) +)?${from} +${message}$`, 'm');
    const lines = [
      line('Starting', 'kubelet', 'Starting kubelet.'),
      line('NodeHasSufficientMemory', 'kubelet', `Node ${node} status is now: NodeHasSufficientMemory`),
      line('NodeReady', 'kubelet', `Node ${node} status is now: NodeReady`),
      line('RegisteredNode', 'node-controller', `Node ${node} event: Registered Node ${node} in Controller`),
    ];
    for (const each of lines)
      await eventually(async () => each.test(await cluster.kubectl('describe', 'node', node)), String(each), 10_000);
  });

  test('[SUB30] exec carries input, its end, both outputs, exit codes and terminals', async () => {
    await ready('looked-into');
    for (const minor of CLIENTS) {
      const run = (input: string, script: string) =>
        piped(minor, ['exec', '-i', 'looked-into', '-c', 'main', '--', 'sh', '-c', script], input);
      const all = await run('some words', 'cat; echo told >&2; exit 7');
      assert.deepEqual(
        [all.code, all.stdout, all.stderr],
        [7, 'some words', 'told\ncommand terminated with exit code 7\n'],
      );
      const large = 'x'.repeat(3_000_000);
      assert.equal((await run(large, 'wc -c')).stdout.trim(), '3000000');
      assert.equal((await run('', 'head -c 3000000 /dev/zero | tr "\\0" x')).stdout, large);
      assert.equal((await run(large, 'head -c 1 > /dev/null')).code, 0);
      const missing = await cluster.tryKubectlOf(minor, 'exec', 'looked-into', '--', 'no-such-program');
      assert.match(missing.stderr, /no-such-program/);
      assert.notEqual(missing.code, 0);
      const shown = await inTerminal(minor, ['exec', '-it', 'looked-into', '--', 'sh', '-c', SHOW_TERMINAL]);
      assert.match(shown, /33 99\r?\n\/dev\/pts\/\d/);
    }
  });

  test('[SUB31] attach shows what a container says and carries what it is told', async () => {
    await ready('talks', 'listens');
    for (const minor of CLIENTS) {
      const line = ['--kubeconfig', cluster.kubeconfig, 'attach', 'talks'];
      const attached = spawn(...cluster.hosts.node.command(kubectlPath(minor), line), {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const exited = once(attached, 'exit');
      attached.stdout.setEncoding('utf8');
      let said = '';
      for await (const chunk of attached.stdout) {
        said += String(chunk);
        if (/tick \d+\ntick \d+\n/.test(said)) break;
      }
      attached.kill('SIGTERM');
      await exited;
      await piped(minor, ['attach', '-i', 'listens'], `from ${minor}\n`);
      await eventually(
        async () => (await cluster.kubectl('logs', 'listens')).includes(`heard from ${minor}`),
        'the word',
      );
    }
    const ended = await typed(35, ['attach', '-i', 'ends', '-c', 'main'], 'go\n');
    assert.match(ended.stdout, /gone/);
  });

  test('[SUB32] folders are copied in and out', async () => {
    await ready('looked-into');
    const folder = await mkdtemp(join(tmpdir(), 'tutti-cp-'));
    try {
      await mkdir(join(folder, 'in', 'deep'), { recursive: true });
      await writeFile(join(folder, 'in', 'a.txt'), 'a');
      await writeFile(join(folder, 'in', 'deep', 'large'), Buffer.alloc(2_000_000, 'bytes'));
      for (const minor of CLIENTS) {
        await cluster.kubectlOf(minor, 'cp', join(folder, 'in'), `looked-into:/tmp/by-${minor}`);
        await cluster.kubectlOf(minor, 'cp', `looked-into:/tmp/by-${minor}`, join(folder, `out-${minor}`));
        const large = await readFile(join(folder, `out-${minor}`, 'deep', 'large'));
        assert.ok(large.equals(Buffer.alloc(2_000_000, 'bytes')));
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('[SUB33] ports of pods, services and deployments are forwarded, and one that is closed is told', async () => {
    await ready('web');
    await cluster.kubectl('rollout', 'status', 'deployment/many', '--timeout=60s');
    for (const minor of CLIENTS) {
      for (const target of ['pod/web', 'service/web', 'deployment/many']) {
        const ports = target === 'service/web' ? [':80'] : [':80', ':8080'];
        await using forward = await forwarded(minor, target, ports);
        const [open = '', closed] = forward.addresses;
        for (let times = 0; times < 3; times++) {
          const all = Array.from({ length: 8 }, () => curl(cluster.hosts.node, `http://${open}/`));
          for (const page of await Promise.all(all)) assert.match(page, /Welcome to nginx/);
        }
        if (closed === undefined) continue;
        // kubectl ends when it hears of a port where nobody listens.
        await assert.rejects(curl(cluster.hosts.node, `http://${closed}/`));
        assert.match(await forward.complaints, /error forwarding port 8080 to pod \S+, uid \S+: .*refused/s);
      }
    }
  });

  type Forwarded = AsyncDisposable & { readonly addresses: readonly string[]; readonly complaints: Promise<string> };

  async function forwarded(minor: ClientMinor, target: string, ports: readonly string[]): Promise<Forwarded> {
    const line = ['--kubeconfig', cluster.kubeconfig, 'port-forward', target, ...ports];
    const forward = spawn(...cluster.hosts.node.command(kubectlPath(minor), line), {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(forward, 'exit');
    const complaints = text(forward.stderr);
    forward.stdout.setEncoding('utf8');
    const addresses: string[] = [];
    while (addresses.length < ports.length) {
      const [said] = (await once(forward.stdout, 'data')) as [string];
      addresses.push(...[...said.matchAll(/127\.0\.0\.1:\d+/g)].map(([address]) => address));
    }
    forward.stdout.resume();
    return {
      addresses,
      complaints,
      async [Symbol.asyncDispose]() {
        forward.kill('SIGTERM');
        await exited;
      },
    };
  }

  async function piped(minor: ClientMinor, args: readonly string[], input: string): Promise<Output> {
    const line = cluster.hosts.node.command(kubectlPath(minor), ['--kubeconfig', cluster.kubeconfig, ...args]);
    const kubectl = spawn(...line, { stdio: ['pipe', 'pipe', 'pipe'] });
    kubectl.stdin.on('error', () => undefined);
    kubectl.stdin.end(input);
    const printed = Promise.all([text(kubectl.stdout), text(kubectl.stderr)]);
    const [code] = (await once(kubectl, 'exit')) as [number | null];
    const [stdout, stderr] = await printed;
    return { code: code ?? -1, stdout, stderr };
  }

  /** On a terminal of 33 lines and 99 columns. */
  async function inTerminal(minor: ClientMinor, args: readonly string[]): Promise<string> {
    const [program, line] = cluster.hosts.node.command(kubectlPath(minor), [
      '--kubeconfig',
      cluster.kubeconfig,
      ...args,
    ]);
    const command = `stty rows 33 cols 99; ${[program, ...line].join(' ')}`;
    const session = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    return await text(session.stdout);
  }

  /** kubectl with somebody who types and waits for the end. */
  async function typed(minor: ClientMinor, args: readonly string[], input: string): Promise<Output> {
    const line = cluster.hosts.node.command(kubectlPath(minor), ['--kubeconfig', cluster.kubeconfig, ...args]);
    const kubectl = spawn(...line, { stdio: ['pipe', 'pipe', 'pipe'] });
    kubectl.stdin.on('error', () => undefined); // a command may end before it has read everything
    kubectl.stdin.write(input);
    const printed = Promise.all([text(kubectl.stdout), text(kubectl.stderr)]);
    const [code] = (await once(kubectl, 'exit')) as [number | null];
    const [stdout, stderr] = await printed;
    return { code: code ?? -1, stdout, stderr };
  }
});
