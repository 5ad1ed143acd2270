import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Pod } from '#api/core/pod';
import type { PodStatus } from '#api/types/core-v1';
import { anAgent, type TestAgent } from '#test/builders/agent';
import { certificates, type Certificates } from '#test/builders/certificates';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { loggedContainer } from './container-log.ts';
import { mayUse } from './peer.ts';
import { routeOf } from './routes.ts';

test("[NOD160] the paths of the server are those of upstream's agents", () => {
  assert.deepEqual(
    [
      '/healthz',
      '/containerLogs/ns/p/c',
      '/exec/ns/p/u/c',
      '/exec/ns/p/c',
      '/attach/ns/p/c',
      '/portForward/ns/p',
      '/portForward/ns/p/u',
      '/metrics/usage',
    ].map(routeOf),
    [
      { type: 'Health' },
      { type: 'Logs', namespace: 'ns', pod: 'p', container: 'c' },
      { type: 'Exec', namespace: 'ns', pod: 'p', uid: 'u', container: 'c' },
      { type: 'Exec', namespace: 'ns', pod: 'p', container: 'c' },
      { type: 'Attach', namespace: 'ns', pod: 'p', container: 'c' },
      { type: 'PortForward', namespace: 'ns', pod: 'p' },
      { type: 'PortForward', namespace: 'ns', pod: 'p', uid: 'u' },
      { type: 'Usage' },
    ],
  );
  assert.deepEqual(['/', '/exec/ns', '/containerLogs/ns/p', '/run/ns/p/c'].map(routeOf), [
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('[NOD161] only administrators and the API server may use the server', () => {
  const subject = (O: string | string[]) =>
    ({ subject: { C: '', ST: '', L: '', O, OU: '', CN: 'x' } }) as Parameters<typeof mayUse>[0];
  assert.deepEqual(
    [
      mayUse(subject('system:masters')),
      mayUse(subject(['a', 'system:masters'])),
      mayUse(subject('system:nodes')),
      mayUse(undefined),
    ],
    [true, true, false, false],
  );
});

const statusOf = (container: object): PodStatus => ({
  containerStatuses: [{ name: 'web', ready: false, restartCount: 0, image: '', imageID: '', ...container }],
});
const logOf = (container: object, previous = false): string => {
  try {
    return loggedContainer({ name: 'p', status: statusOf(container) }, 'web', previous);
  } catch (error) {
    return (error as Error).message;
  }
};

test('[NOD162] the log is that of the container that runs, else of the one that ended, else there is a reason', () => {
  const ended = { terminated: { exitCode: 0, containerID: 'containerd://old' } };
  assert.deepEqual(
    [
      logOf({ state: { running: {} }, containerID: 'containerd://new' }),
      logOf({ state: ended }),
      logOf({ state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: ended }),
      logOf({ state: { running: {} }, containerID: 'containerd://new', lastState: ended }, true),
      logOf({ state: { running: {} }, containerID: 'containerd://new' }, true),
      logOf({ state: { waiting: { reason: 'ContainerCreating' } } }),
      logOf({ state: { waiting: { reason: 'ImagePullBackOff' } } }),
    ],
    [
      'new',
      'old',
      'old',
      'old',
      'previous terminated container "web" in pod "p" not found',
      'container "web" in pod "p" is waiting to start: ContainerCreating',
      'container "web" in pod "p" is waiting to start: trying and failing to pull image',
    ],
  );
  assert.throws(
    () => loggedContainer({ name: 'p', status: {} }, 'web', false),
    /container "web" in pod "p" is not available/,
  );
});

type Served = {
  readonly cluster: TestCluster;
  readonly agent: TestAgent;
  readonly logs: string;
  readonly pki: Certificates;
} & AsyncDisposable;

async function aServedPod(): Promise<Served> {
  const cluster = await aCluster({ namespaces: ['default', 'kube-node-lease'] });
  const pki = certificates();
  const folder = await mkdtemp(join(tmpdir(), 'tutti-server-'));
  const dirs = { pods: join(folder, 'pods'), logs: join(folder, 'logs'), seccomp: folder };
  const agent = await anAgent(cluster, { dirs, server: { host: '127.0.0.1', port: 0, tls: pki.server } });
  await cluster.client.create(Pod, {
    metadata: { namespace: 'default', name: 'web-1' },
    spec: { nodeName: 'node-1', containers: [{ name: 'web', image: 'nginx:1' }] },
  });
  await cluster.world.advance(5_000);
  const { metadata } = await cluster.client.get(Pod, { namespace: 'default', name: 'web-1' });
  const logs = join(dirs.logs, `default_web-1_${metadata.uid}`, 'web', '0.log');
  await mkdir(dirname(logs), { recursive: true });
  await writeFile(
    logs,
    '2026-01-01T00:00:00.000000000Z stdout F hello\n2026-01-01T00:00:01.000000000Z stderr F world\n',
  );
  return {
    cluster,
    agent,
    logs,
    pki,
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Client = { readonly certificate: string; readonly key: string };

function get(
  { agent, pki }: Served,
  path: string,
  client: Client | undefined = pki.admin,
): Promise<{ status: number; body: string }> {
  const identity = client === undefined ? {} : { cert: client.certificate, key: client.key };
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: '127.0.0.1', port: agent.port, path, ca: pki.authority, ...identity, agent: false },
      (response) => {
        text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
      },
    );
    asking.on('error', reject).end();
  });
}

test('[NOD163] logs are read through the server', async () => {
  await using served = await aServedPod();
  const path = '/containerLogs/default/web-1/web';
  assert.deepEqual(await get(served, path), { status: 200, body: 'hello\nworld\n' });
  assert.equal(
    (await get(served, `${path}?tailLines=1&timestamps=true`)).body,
    '2026-01-01T00:00:01.000000000Z world\n',
  );
  assert.equal((await get(served, `${path}?previous=true`)).status, 400);
  assert.equal((await get(served, `${path}?tailLines=-1`)).status, 400);
  assert.equal((await get(served, '/containerLogs/default/none/web')).status, 404);
});

test('[NOD164] usage and pods are read through the server', async () => {
  await using served = await aServedPod();
  await get(served, '/metrics/usage');
  await served.cluster.world.advance(20_000);
  const usage = JSON.parse((await get(served, '/metrics/usage')).body);
  assert.deepEqual(
    [usage.pods[0].name, usage.pods[0].containers[0].name, usage.pods[0].containers[0].cpuNanoCores],
    ['web-1', 'web', 2_000_000],
  );
  assert.ok(usage.node.windowMs > 0);
  const { items } = JSON.parse((await get(served, '/pods')).body);
  assert.deepEqual([items.length, items[0].status.phase], [1, 'Running']);
  assert.equal((await get(served, '/healthz')).body, 'ok');
  assert.equal((await get(served, '/nothing')).status, 404);
});

test("[NOD161] a client without a certificate, or with an agent's, gets nothing", async () => {
  await using served = await aServedPod();
  assert.equal((await get(served, '/pods', served.pki.node)).status, 403);
  const other = certificates();
  await assert.rejects(get(served, '/pods', other.admin));
});

test('[NOD165] the server shows a new certificate once it has one', async () => {
  await using served = await aServedPod();
  const next = certificates();
  served.agent.renewCertificate(next.server);
  await assert.rejects(get(served, '/healthz'));
  assert.equal((await get({ ...served, pki: next }, '/healthz')).body, 'ok');
});
