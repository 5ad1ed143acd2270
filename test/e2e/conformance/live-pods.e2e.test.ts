/** Pods that Kubernetes' conformance tests look at while they run: files that change, probes, hooks, their objects. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ContainerStatus, Pod } from '#api/types/core-v1';
import { eventually, TestCluster } from '../cluster.ts';
import { NGINX, pod, shell, untilTold } from '../pod-manifests.ts';
import { LAST_WORDS } from './last-words-cases.ts';
import { type Change, LIVE_CASES } from './live-cases.ts';
import { podNameOf } from './pod-case.ts';
import { PROBE_CASES } from './probe-cases.ts';

const IMAGES = ['docker.io/library/busybox:latest', 'docker.io/library/nginx:1.20'];
const title = (name: string): string => name.replaceAll('-', ' ');
const QUICK = { terminationGracePeriodSeconds: 1 };
const data = (object: 'configmap' | 'secret', name: string, text: string): object =>
  object === 'secret'
    ? { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { data: text } }
    : { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { data: text } };
const volumesOf = Object.entries(LIVE_CASES).flatMap(([name, { volumes, changes }]) =>
  volumes.map((volume, index) => ({ name: podNameOf(`${name}-${index}`), volume, change: changes[index] as Change })),
);

describe('conformance: live pods', { timeout: 400_000 }, () => {
  let cluster: TestCluster;

  before(async () => {
    cluster = await TestCluster.start({ images: IMAGES });
    const present = volumesOf.flatMap(({ change }) =>
      'object' in change && change.type !== 'create' ? [data(change.object, change.name, 'before')] : [],
    );
    const live = pod(
      'live',
      {
        ...QUICK,
        volumes: volumesOf.map(({ name, volume }) => ({ name, ...volume })),
        containers: [
          shell(untilTold(), { volumeMounts: volumesOf.map(({ name }) => ({ name, mountPath: `/v/${name}` })) }),
        ],
      },
      { labels: { live: 'before' }, annotations: { live: 'before' } },
    );
    const ending = Object.entries(LAST_WORDS).map(([name, { script, container }]) =>
      pod(podNameOf(name), { restartPolicy: 'Never', containers: [shell(script, container)] }),
    );
    const probed = Object.entries(PROBE_CASES).map(([name, { liveness, readiness }]) =>
      pod(podNameOf(name), {
        ...QUICK,
        containers: [
          {
            name: 'main',
            image: NGINX,
            ...(liveness === undefined ? {} : { livenessProbe: liveness }),
            ...(readiness === undefined ? {} : { readinessProbe: readiness }),
          },
        ],
      }),
    );
    const server = pod('server', { containers: [{ name: 'main', image: NGINX }] });
    const crashing = pod('crashing', { containers: [shell('exit 1')] });
    await cluster.apply(...present);
    await cluster.apply(live, ...ending, ...probed, server, crashing);
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  const read = (name: string): Promise<Pod> => cluster.json<Pod>('get', 'pod', name);
  const ready = (...names: readonly string[]): Promise<string> =>
    cluster.kubectl('wait', '--for=condition=Ready', '--timeout=90s', ...names.map((name) => `pod/${name}`));
  const inside = (name: string, script: string, ...more: readonly string[]): Promise<string> =>
    cluster.kubectl('exec', name, ...more, '--', 'sh', '-c', script);
  const statusOf = async (name: string): Promise<ContainerStatus | undefined> =>
    (await read(name)).status?.containerStatuses?.[0];

  const carryOut = async (change: Change): Promise<void> => {
    if (!('object' in change)) {
      await cluster.kubectl(change.type, 'pod', 'live', 'live=after', '--overwrite');
    } else if (change.type === 'delete') {
      await cluster.kubectl('delete', change.object, change.name);
    } else {
      await cluster.apply(data(change.object, change.name, 'after'));
    }
  };
  /** What the file says once the change has come: nothing when its object is gone. */
  const arrived = (name: string, change: Change): Promise<unknown> =>
    eventually(async () => {
      const shown = await inside('live', `cat /v/${name}/data 2> /dev/null; true`);
      return change.type === 'delete' ? shown === '' : shown.includes('after');
    }, `the change of ${name}`);

  for (const name of Object.keys(LIVE_CASES)) {
    test(`[CFM131] ${title(name)}`, async () => {
      await ready('live');
      const own = volumesOf.filter((volume) => volume.name.startsWith(podNameOf(`${name}-`)));
      assert.ok(own.length > 0);
      for (const { change } of own) await carryOut(change);
      for (const volume of own) await arrived(volume.name, volume.change);
    });
  }

  for (const [name, { message }] of Object.entries(LAST_WORDS)) {
    test(`[CFM132] ${title(name)}`, async () => {
      const ended = await eventually(
        async () => (await statusOf(podNameOf(name)))?.state?.terminated,
        `the end of ${name}`,
      );
      assert.equal(ended.message, message);
    });
  }

  for (const [name, { restarts, ready: isReady }] of Object.entries(PROBE_CASES)) {
    test(`[CFM133] ${title(name)}`, async () => {
      const own = podNameOf(name);
      if (restarts === 'some') {
        await eventually(async () => ((await statusOf(own))?.restartCount ?? 0) > 0, `a restart of ${name}`);
        return;
      }
      // The others have been restarted by now, had they been probed as these are.
      if (isReady) await ready(own);
      else await ready(podNameOf('HTTP-liveness-passes'));
      const { status } = await read(own);
      const [container] = status?.containerStatuses ?? [];
      assert.deepEqual([container?.restartCount, container?.ready, status?.phase], [0, isReady, 'Running']);
      const since = Date.parse(status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '');
      const started = Date.parse(container?.state?.running?.startedAt ?? '');
      const delay = (PROBE_CASES[name]?.readiness?.initialDelaySeconds ?? 0) * 1000;
      // Both times are whole seconds.
      if (isReady) assert.ok(since - started >= delay - 1000, `ready after ${since - started} ms`);
    });
  }

  test('[CFM134] hooks run a command or ask a server, after the start and before the end', async () => {
    await ready('server');
    const [address = ''] = await cluster.fields(['pod', 'server'], '{.status.podIP}');
    const command = (what: string): object => ({
      exec: { command: ['wget', '-q', '-O', '/dev/null', `http://${address}/?hook=${what}`] },
    });
    const http = (what: string): object => ({ httpGet: { host: address, port: 80, path: `/?hook=${what}` } });
    const hooked = (name: string, lifecycle: object): object =>
      pod(name, { containers: [shell(untilTold(), { lifecycle })] });
    await cluster.apply(
      hooked('by-command', { postStart: command('postStart-exec'), preStop: command('preStop-exec') }),
      hooked('by-http', { postStart: http('postStart-http'), preStop: http('preStop-http') }),
    );
    await ready('by-command', 'by-http');
    await cluster.kubectl('delete', 'pod', 'by-command', 'by-http');
    const log = await cluster.kubectl('logs', 'server');
    for (const what of ['postStart-exec', 'postStart-http', 'preStop-exec', 'preStop-http']) {
      assert.ok(log.includes(`hook=${what}`), `${what} is not in the server's log`);
    }
  });

  test('[CFM135] a pod is labelled, given a deadline, reported on and deleted with grace while it runs', async () => {
    await cluster.apply(
      pod(
        'labelled',
        { containers: [shell('exec sleep 600')], terminationGracePeriodSeconds: 3 },
        { labels: { time: 'first' } },
      ),
      pod('limited', { containers: [shell(untilTold())] }),
    );
    await ready('labelled', 'limited');
    await cluster.kubectl('label', 'pod', 'labelled', 'time=second', '--overwrite');
    assert.equal(await cluster.kubectl('get', 'pods', '-l', 'time=second', '-o', 'name'), 'pod/labelled\n');
    await cluster.kubectl('patch', 'pod', 'limited', '-p', '{"spec":{"activeDeadlineSeconds":2}}');
    await eventually(async () => {
      const { status } = await read('limited');
      return status?.phase === 'Failed' && status.reason === 'DeadlineExceeded';
    }, 'the deadline');
    const condition = { type: 'example.com/test', status: 'True', reason: 'E2E', message: 'patched by a test' };
    const patch = JSON.stringify({ status: { conditions: [condition] } });
    await cluster.kubectl('patch', 'pod', 'labelled', '--subresource=status', '-p', patch);
    const { status } = await read('labelled');
    assert.ok(
      status?.conditions?.some(({ type, message }) => type === condition.type && message === condition.message),
    );
    const addresses = await cluster.fields(['nodes'], '{.items[*].status.addresses[?(@.type=="InternalIP")].address}');
    assert.deepEqual([status?.hostIP], addresses);
    await cluster.kubectl('delete', 'pod', 'labelled', '--wait=false');
    const { metadata } = await read('labelled');
    assert.ok(metadata.deletionTimestamp);
    assert.equal(metadata.deletionGracePeriodSeconds, 3);
    await eventually(async () => (await cluster.tryKubectl('get', 'pod', 'labelled')).code === 1, 'the end of the pod');
  });

  test('[CFM136] pods are deleted together by label; one that keeps failing says why and can be deleted', async () => {
    const three = ['one', 'two', 'three'].map((name) =>
      pod(`bulk-${name}`, { ...QUICK, containers: [shell(untilTold())] }, { labels: { set: 'bulk' } }),
    );
    await cluster.apply(...three);
    await ready('bulk-one', 'bulk-two', 'bulk-three');
    await cluster.kubectl('delete', 'pods', '-l', 'set=bulk', '--timeout=60s');
    assert.equal(await cluster.kubectl('get', 'pods', '-l', 'set=bulk', '-o', 'name'), '');
    const ended = await eventually(async () => (await statusOf('crashing'))?.lastState?.terminated, 'the crash');
    assert.deepEqual([ended.reason, ended.exitCode], ['Error', 1]);
    await cluster.kubectl('delete', 'pod', 'crashing', '--timeout=60s');
  });

  test('[CFM137] a path made of variables must stay in its volume; a pod that waits for a better one starts with it', async () => {
    const annotation = { name: 'PART', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['part']" } } };
    const made = (name: string, part: string): object =>
      pod(
        name,
        {
          ...QUICK,
          volumes: [{ name: 'v', emptyDir: {} }],
          containers: [
            shell(`touch /part/written; ${untilTold()}`, {
              env: [annotation],
              volumeMounts: [
                { name: 'v', mountPath: '/part', subPathExpr: '$(PART)' },
                { name: 'v', mountPath: '/all' },
              ],
            }),
          ],
        },
        { annotations: { part } },
      );
    await cluster.apply(made('absolute', '/tmp'), made('upwards', '..'), made('inside', 'deep/path'));
    const waiting = async (name: string): Promise<string | undefined> => (await statusOf(name))?.state?.waiting?.reason;
    for (const name of ['absolute', 'upwards']) {
      await eventually(async () => (await waiting(name)) === 'CreateContainerConfigError', `${name} is held back`);
    }
    await ready('inside');
    assert.equal(await inside('inside', 'ls /all/deep/path'), 'written\n');
    await cluster.kubectl('annotate', 'pod', 'upwards', 'part=better', '--overwrite');
    await ready('upwards');
    assert.equal(await inside('upwards', 'ls /all'), 'better\n');
  });

  test('[CFM138] the hosts file is the node agent’s, unless the pod has the host’s network or brings its own', async () => {
    const own = { volumes: [{ name: 'own', configMap: { name: 'alone' } }] };
    const mount = { volumeMounts: [{ name: 'own', mountPath: '/etc/hosts', subPath: 'data' }] };
    await cluster.apply(
      pod('hosts', {
        ...QUICK,
        ...own,
        containers: [shell(untilTold()), shell(untilTold(), { name: 'own', ...mount })],
      }),
      pod('host-network', { ...QUICK, hostNetwork: true }),
    );
    await ready('hosts', 'host-network');
    const managed = /^# Kubernetes-managed hosts file/;
    assert.match(await inside('hosts', 'cat /etc/hosts', '-c', 'main'), managed);
    assert.doesNotMatch(await inside('hosts', 'cat /etc/hosts', '-c', 'own'), managed);
    assert.doesNotMatch(await inside('host-network', 'cat /etc/hosts'), /^# Kubernetes-managed hosts file\.$/m);
  });

  test('[CFM139] five pods with fifty volumes each start', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `many-${index}`);
    await cluster.apply(...names.map((name) => data('configmap', name, name)));
    const spec = {
      ...QUICK,
      volumes: names.map((name) => ({ name, configMap: { name } })),
      containers: [shell(untilTold(), { volumeMounts: names.map((name) => ({ name, mountPath: `/v/${name}` })) })],
    };
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'ReplicationController',
      metadata: { name: 'many' },
      spec: { replicas: 5, selector: { app: 'many' }, template: { metadata: { labels: { app: 'many' } }, spec } },
    });
    await eventually(
      async () => (await cluster.fields(['rc', 'many'], '{.status.readyReplicas}'))[0] === '5',
      'five pods',
    );
    const [first = ''] = await cluster.fields(['pods', '-l', 'app=many'], '{.items[*].metadata.name}');
    assert.equal(await inside(first, 'cat /v/*/data | wc -c'), `${names.join('').length}\n`);
  });
});
