/** What the runtime on containerd decides without a containerd: configuration, translation of words, numbers and errors. */
import assert from 'node:assert/strict';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { aContainer, aSandbox, aSecurity } from '#test/builders/runtime';
import { RuntimeError } from '../runtime-error.ts';
import { cgroupFolders, detectCgroupLayout } from './cgroup-layout.ts';
import { decodeUsage, readCgroupUsage } from './cgroup-usage.ts';
import { decodeStatus, encodeContainer } from './container-codec.ts';
import { planContainerdConfig } from './containerd-config.ts';
import { decodeNotice } from './event-codec.ts';
import {
  ContainerConfigSchema,
  ContainerStatusSchema,
  PodSandboxConfigSchema,
  PodSandboxSchema,
} from './generated/cri_pb.ts';
import { TaskExitSchema } from './generated/event-payloads_pb.ts';
import { EnvelopeSchema } from './generated/events_pb.ts';
import { hasCapability } from './host-facts.ts';
import { importedNames } from './import-archive.ts';
import { mountPoints } from './mount-namespace.ts';
import { decodeNetworkUsage } from './network-usage.ts';
import { millis, wholeSeconds } from './numbers.ts';
import { planCgroupWrites, weightOfShares } from './pod-limits.ts';
import { planProcessSpec } from './process-spec.ts';
import { pullFailure } from './pull-failure.ts';
import { eventFor } from './runtime-events.ts';
import { cgroupParentOf, decodeSandbox, decodeSandboxPid, encodeSandbox } from './sandbox-codec.ts';

const SETTINGS = {
  paths: { rootDir: '/var/lib/tutti/"a"', stateDir: '/run/tutti', volumesDir: '/var/lib/tutti/volumes' },
  sandboxImage: 'tutti.local/pause:1',
  cniBinDir: '/usr/lib/cni',
  cniConfDir: '/etc/tutti/cni',
  registryDir: '/etc/tutti/registries',
};
const PLACE = { logDirectory: '/var/log/pods', cgroup: '/tutti' };

test('[CRI1] the configuration names our own places, quotes them, and prefers the first runtime', () => {
  const text = planContainerdConfig(SETTINGS, {
    cgroups: 'hybrid',
    mayLowerOomScore: false,
    handlers: ['crun', 'runc'],
  });
  const wanted = [
    'root = "/var/lib/tutti/\\"a\\""',
    'address = "/run/tutti/containerd.sock"',
    'sandbox_image = "tutti.local/pause:1"',
    'conf_dir = "/etc/tutti/cni"',
    'config_path = "/etc/tutti/registries"',
    'default_runtime_name = "crun"',
    'restrict_oom_score_adj = true',
    '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]',
    'max_container_log_line_size = 16384',
  ];
  assert.deepEqual(
    wanted.filter((line) => !text.split('\n').includes(line)),
    [],
  );
  assert.doesNotMatch(text, /^oom_score =/m);
});

test('[CRI1] where scores may be lowered nothing restricts them', () => {
  const text = planContainerdConfig(SETTINGS, { cgroups: 'unified', mayLowerOomScore: true, handlers: ['runc'] });
  assert.match(text, /^oom_score = -999$/m);
  assert.match(text, /^restrict_oom_score_adj = false$/m);
  assert.match(text, /^default_runtime_name = "runc"$/m);
  assert.deepEqual(
    [hasCapability('CapEff:\t0000000001000000\n', 24n), hasCapability('CapEff:\t000001fffeffffff\n', 24n)],
    [true, false],
  );
});

test('[CRI12] 64-bit times and sizes are exact as far as milliseconds and bytes go', () => {
  assert.equal(millis(1_795_416_298_107_999_999n), 1_795_416_298_107);
  assert.deepEqual([wholeSeconds(0), wholeSeconds(1), wholeSeconds(30_000), wholeSeconds(30_001)], [0n, 1n, 30n, 31n]);
  const config = encodeContainer({
    sandboxId: 's',
    sandbox: aSandbox('p', PLACE),
    container: aContainer('c', 'i', {
      resources: { memoryLimitBytes: 9_007_199_254_740_991, cpuQuota: -1, oomScoreAdj: -997 },
    }),
  });
  const sent = fromBinary(
    ContainerConfigSchema,
    toBinary(ContainerConfigSchema, create(ContainerConfigSchema, config)),
  );
  const resources = sent.linux?.resources;
  assert.deepEqual(
    [resources?.memoryLimitInBytes, resources?.cpuQuota, resources?.oomScoreAdj],
    [9_007_199_254_740_991n, -1n, -997n],
  );
});

test('[CRI9] an ordinary container has the usual paths masked and filters calls; a privileged one neither', () => {
  const encode = (security = aSecurity()) => {
    const request = { sandboxId: 's', sandbox: aSandbox('p', PLACE), container: aContainer('c', 'i', { security }) };
    const { linux } = create(ContainerConfigSchema, encodeContainer(request));
    const context = linux?.securityContext;
    return [
      context?.maskedPaths.includes('/proc/kcore'),
      context?.readonlyPaths.includes('/proc/sys'),
      context?.seccomp?.profileType,
    ];
  };
  assert.deepEqual(encode(), [true, true, 0]);
  assert.deepEqual(
    encode(aSecurity({ maskedPaths: [], readonlyPaths: [], seccomp: { type: 'Localhost', path: '/p.json' } })),
    [false, false, 2],
  );
  assert.deepEqual(encode(aSecurity({ privileged: true })), [false, false, 1]);
});

test('[RUN2] what we add to annotations for ourselves is not shown to others', () => {
  const config = aSandbox('p', PLACE, { annotations: { note: 'x' } });
  const { annotations, metadata } = create(PodSandboxConfigSchema, encodeSandbox(config));
  const message = create(PodSandboxSchema, { id: 's', metadata: metadata!, annotations });
  assert.deepEqual([cgroupParentOf(message), decodeSandbox(message).annotations], ['/tutti/pod-p', { note: 'x' }]);
  const { annotations: own } = create(
    ContainerConfigSchema,
    encodeContainer({
      sandboxId: 's',
      sandbox: config,
      container: aContainer('c', 'sha256:1', { userImage: 'nginx', annotations: { n: 'y' } }),
    }),
  );
  const status = decodeStatus(create(ContainerStatusSchema, { id: 'c', annotations: own, state: 2, exitCode: 0 }));
  assert.deepEqual(
    [status.sandboxId, status.image, status.annotations, status.exitCode],
    ['s', 'nginx', { n: 'y' }, 0],
  );
  assert.deepEqual(
    [decodeSandboxPid({ info: '{"pid":12}' }), decodeSandboxPid({ info: '{"pid":0}' }), decodeSandboxPid({})],
    [12, undefined, undefined],
  );
});

test("[RUN7] only a container's own exit is an exit, and a sandbox's is told apart", () => {
  const exit = (id: string) =>
    create(EnvelopeSchema, {
      topic: '/tasks/exit',
      event: {
        typeUrl: 'containerd.events.TaskExit',
        value: toBinary(
          TaskExitSchema,
          create(TaskExitSchema, {
            containerId: 'c',
            id,
            exitStatus: 137,
            exitedAt: { seconds: 1_795_416_298n, nanos: 107_999_999 },
          }),
        ),
      },
    });
  const notice = decodeNotice(exit('c'));
  assert.deepEqual(notice, { type: 'Exited', id: 'c', exitCode: 137, atMs: 1_795_416_298_107 });
  assert.equal(decodeNotice(exit('an-exec')), undefined);
  assert.equal(decodeNotice(create(EnvelopeSchema, { topic: '/snapshot/commit' })), undefined);
  assert.deepEqual(
    [eventFor('Container', notice!)?.type, eventFor('Sandbox', notice!)?.type],
    ['ContainerExited', 'SandboxExited'],
  );
});

test('[CRI11] a failed pull says whether the image, the registry, the credentials or the name is at fault', () => {
  const texts = {
    ImageNotFound:
      'failed to pull and unpack image "docker.io/library/nginx:9": failed to resolve reference: docker.io/library/nginx:9: not found',
    ImagePullDenied:
      'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    RegistryUnavailable: 'failed to do request: Head "https://r.invalid/v2/": dial tcp: lookup r.invalid: no such host',
    InvalidImageName:
      'failed to parse image reference "A": invalid reference format: repository name must be lowercase',
    ImagePullFailed: 'failed to extract layer: no space left on device',
  };
  for (const [reason, text] of Object.entries(texts))
    assert.equal(pullFailure(new RuntimeError('Failed', text)).reason, reason);
  const away = new RuntimeError('Unavailable', 'connection refused');
  assert.equal(pullFailure(away), away);
});

test('[CRI13] usage is read from either version of cgroups, and is undefined once the cgroup is gone', async () => {
  const first = {
    cpu: '20695123\n',
    memory: '1654784\n',
    memoryStat: 'rss 1\ntotal_rss 118784\ntotal_inactive_file 654784\n',
  };
  const second = {
    cpu: 'usage_usec 20695\nuser_usec 1\n',
    memory: '1654784\n',
    memoryStat: 'anon 118784\ninactive_file 654784\n',
  };
  const usage = {
    cpuMicros: 20_695,
    memoryUsageBytes: 1_654_784,
    memoryWorkingSetBytes: 1_000_000,
    memoryRssBytes: 118_784,
  };
  assert.deepEqual([decodeUsage(first, 'hybrid'), decodeUsage(second, 'unified')], [usage, usage]);
  const root = await mkdtemp(join(tmpdir(), 'tutti-cgroup-'));
  try {
    assert.equal(await detectCgroupLayout(root), 'legacy');
    await mkdir(join(root, 'pod'));
    await writeFile(join(root, 'cgroup.controllers'), 'cpu memory');
    for (const [file, text] of [
      ['cpu.stat', second.cpu],
      ['memory.current', second.memory],
      ['memory.stat', second.memoryStat],
    ] as const) {
      await writeFile(join(root, 'pod', file), text);
    }
    assert.deepEqual(
      [await detectCgroupLayout(root), await cgroupFolders(root, '/pod')],
      ['unified', [join(root, 'pod')]],
    );
    assert.deepEqual(
      [readCgroupUsage(root, '/pod', 'unified'), readCgroupUsage(root, '/none', 'unified')],
      [usage, undefined],
    );
  } finally {
    await rm(root, { recursive: true });
  }
});

test('[CRI13] traffic is the sum of all interfaces but the loopback', () => {
  const text = [
    'Inter-|   Receive                                                |  Transmit',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
    '    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0',
    '  eth0:     180       2    0    0    0     0          0         0       90       1    0    0    0     0       0          0',
    '  eth1:      20       2    0    0    0     0          0         0       10       1    0    0    0     0       0          0',
  ].join('\n');
  assert.deepEqual(decodeNetworkUsage(text), { receivedBytes: 200, sentBytes: 100 });
});

test("[CRI14] a pod's limits are written in either version's words", () => {
  const resources = { cpuShares: 1024, cpuQuota: -1, cpuPeriod: 50_000, memoryLimitBytes: 1_000, pidsLimit: -1 };
  const told = (layout: 'hybrid' | 'unified') =>
    planCgroupWrites(resources, layout).map(({ controller, file, value }) => `${controller}/${file}=${value}`);
  assert.deepEqual(told('hybrid'), [
    'cpu/cpu.shares=1024',
    'cpu/cpu.cfs_period_us=50000',
    'cpu/cpu.cfs_quota_us=-1',
    'memory/memory.limit_in_bytes=1000',
    'pids/pids.max=max',
  ]);
  assert.deepEqual(told('unified'), ['/cpu.weight=39', '/cpu.max=max 50000', '/memory.max=1000', '/pids.max=max']);
  assert.deepEqual(
    [weightOfShares(0), weightOfShares(2), weightOfShares(262_144), weightOfShares(1e9)],
    [1, 1, 10_000, 10_000],
  );
  assert.deepEqual(planCgroupWrites({}, 'unified'), []);
});

test("[STR1] an exec'd process is the container's first one with another command, to the last digit of its limits", () => {
  const spec =
    '{"process":{"terminal":true,"args":["a"],"env":["A=1"],"user":{"uid":5},"rlimits":[{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":0}]},"root":{}}';
  assert.equal(
    planProcessSpec(spec, { command: ['sh'], tty: false }),
    '{"terminal":false,"args":["sh"],"env":["A=1"],"user":{"uid":5},"rlimits":[{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":0}]}',
  );
  assert.match(planProcessSpec(spec, { command: ['sh'], tty: true }), /"terminal":true.*"env":\["A=1","TERM=xterm"\]/);
  assert.throws(() => planProcessSpec('{}', { command: [], tty: false }), RuntimeError);
});

test('[CRI5] mount points are read with their escapes undone', async () => {
  const info = '36 35 98:0 / /mnt/with\\040space rw shared:1 - ext4 /dev/a rw\n37 35 98:0 / / rw - ext4 /dev/a rw\n';
  assert.deepEqual(mountPoints(info), ['/mnt/with space', '/']);
  assert.ok(mountPoints(await readFile('/proc/self/mountinfo', 'utf8')).includes('/proc'));
});

test('[RUN9] the names of imported images are taken from the report', () => {
  const report =
    'unpacking docker.io/library/nginx:1.20 (sha256:12)...done\nunpacking tutti.local/pause:1 (sha256:34)...done\n';
  assert.deepEqual(importedNames(report), ['docker.io/library/nginx:1.20', 'tutti.local/pause:1']);
});
