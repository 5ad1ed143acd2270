/** Stateful sets, daemon sets, replication controllers and disruption budgets, with real containers and real kubectl. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import type { StatefulSet } from '#api/types/apps-v1';
import type { Pod, PodTemplateSpec } from '#api/types/core-v1';
import { eventually, TestCluster } from './cluster.ts';
import { shell, untilTold } from './pod-manifests.ts';

const IMAGES = ['docker.io/library/busybox:latest'];

const template = (app: string): PodTemplateSpec => ({
  metadata: { labels: { app } },
  spec: { terminationGracePeriodSeconds: 5, containers: [shell(untilTold())] },
});
const selecting = (app: string): { readonly matchLabels: Readonly<Record<string, string>> } => ({
  matchLabels: { app },
});

const STATEFUL = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db' },
  spec: { replicas: 2, serviceName: 'db', selector: selecting('db'), template: template('db') },
};
const HEADLESS = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'db' },
  spec: { clusterIP: 'None', selector: { app: 'db' }, ports: [{ port: 80 }] },
};
const DAEMON = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent' },
  spec: { selector: selecting('agent'), template: template('agent') },
};
const CONTROLLER = {
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: { name: 'old' },
  spec: { replicas: 1, template: template('old') },
};
const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { replicas: 2, selector: selecting('web'), template: template('web') },
};
const BUDGET = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web' },
  spec: { minAvailable: 1, selector: selecting('web') },
};

describe('workloads', { timeout: 400_000 }, () => {
  let cluster: TestCluster;

  before(async () => {
    cluster = await TestCluster.start({ images: IMAGES });
  });
  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  const rolledOut = (what: string): Promise<string> => cluster.kubectl('rollout', 'status', what, '--timeout=90s');
  const podOf = (name: string): Promise<Pod> => cluster.json<Pod>('get', 'pod', name);
  const versionIn = (pod: string): Promise<string> => cluster.kubectl('exec', pod, '--', 'sh', '-c', 'echo "$VERSION"');
  const readyAt = ({ status }: Pod): string =>
    status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '';

  test('[E2E40] the pods of a stateful set start in order, under their names', async () => {
    await cluster.apply(HEADLESS, STATEFUL);
    await rolledOut('statefulset/db');
    const [first, second] = [await podOf('db-0'), await podOf('db-1')];
    assert.ok(second.metadata.creationTimestamp >= readyAt(first), 'db-1 was made before db-0 was ready');
    assert.equal((await cluster.kubectl('exec', 'db-1', '--', 'hostname', '-f')).trim().split('.')[0], 'db-1');
    await cluster.kubectl('exec', 'db-0', '--', 'nslookup', 'db-1.db.default.svc.cluster.local');
    assert.match(await cluster.kubectl('get', 'sts'), /^db +2\/2 +\S+$/m);
  });

  test('[E2E40] a stateful set is updated from the highest pod down, and taken back', async () => {
    await cluster.kubectl('set', 'env', 'statefulset/db', 'VERSION=2');
    await rolledOut('statefulset/db');
    assert.deepEqual([await versionIn('db-0'), await versionIn('db-1')], ['2\n', '2\n']);
    assert.ok((await podOf('db-0')).metadata.creationTimestamp >= readyAt(await podOf('db-1')));
    assert.match(await cluster.kubectl('rollout', 'history', 'statefulset/db'), /^1 .*\n2 /m);
    await cluster.kubectl('rollout', 'undo', 'statefulset/db');
    await rolledOut('statefulset/db');
    assert.deepEqual([await versionIn('db-0'), await versionIn('db-1')], ['\n', '\n']);
    const { status } = await cluster.json<StatefulSet>('get', 'sts', 'db');
    assert.equal(status?.currentRevision, status?.updateRevision);
  });

  test('[E2E40] a stateful set is restarted, and scaled down from the highest pod', async () => {
    const { uid } = (await podOf('db-0')).metadata;
    await cluster.kubectl('rollout', 'restart', 'statefulset/db');
    await rolledOut('statefulset/db');
    assert.notEqual((await podOf('db-0')).metadata.uid, uid);
    await cluster.kubectl('scale', 'statefulset/db', '--replicas=1');
    const left = await eventually(async () => {
      const names = await cluster.fields(['pods', '-l', 'app=db'], '{.items[*].metadata.name}');
      return names.length === 1 && names;
    }, 'scaling down');
    assert.deepEqual(left, ['db-0']);
    await cluster.kubectl('delete', 'statefulset/db', 'service/db');
  });

  test('[E2E41] a daemon set runs on the node, is updated, taken back and restarted', async () => {
    await cluster.apply(DAEMON);
    await rolledOut('daemonset/agent');
    assert.match(await cluster.kubectl('get', 'ds'), /^agent +1 +1 +1 +1 +1 +<none> +\S+$/m);
    const [node] = await cluster.fields(['nodes'], '{.items[*].metadata.name}');
    const pods = (): Promise<readonly string[]> =>
      cluster.fields(
        ['pods', '-l', 'app=agent', '--field-selector', `spec.nodeName=${node},status.phase=Running`],
        '{.items[*].metadata.name}',
      );
    const version = async (): Promise<string> => await versionIn((await pods())[0] ?? '');
    await cluster.kubectl('set', 'env', 'daemonset/agent', 'VERSION=2');
    await rolledOut('daemonset/agent');
    assert.equal(await version(), '2\n');
    assert.match(await cluster.kubectl('rollout', 'history', 'daemonset/agent'), /^1 .*\n2 /m);
    await cluster.kubectl('rollout', 'undo', 'daemonset/agent', '--to-revision=1');
    await rolledOut('daemonset/agent');
    assert.equal(await version(), '\n');
    const before = await pods();
    await cluster.kubectl('rollout', 'restart', 'daemonset/agent');
    await rolledOut('daemonset/agent');
    assert.notDeepEqual(await pods(), before);
  });

  test('[E2E42] a replication controller is scaled', async () => {
    await cluster.apply(CONTROLLER);
    await cluster.kubectl('scale', 'rc/old', '--replicas=3');
    await eventually(async () => /^old +3 +3 +3 /m.test(await cluster.kubectl('get', 'rc', 'old')), 'three ready pods');
    await cluster.kubectl('scale', 'rc/old', '--replicas=1', '--current-replicas=3');
    await eventually(async () => /^old +1 +1 +1 /m.test(await cluster.kubectl('get', 'rc', 'old')), 'one ready pod');
    await cluster.kubectl('delete', 'rc/old');
  });

  const allowed = async (): Promise<string> =>
    await cluster.kubectl('get', 'pdb', 'web', '-o', 'jsonpath={.status.disruptionsAllowed}');

  test('[E2E43] a budget that is spent refuses an eviction, and says why', async () => {
    await cluster.apply(DEPLOYMENT, { ...BUDGET, spec: { ...BUDGET.spec, minAvailable: 2 } });
    await rolledOut('deployment/web');
    await eventually(async () => {
      const table = await cluster.kubectl('get', 'pdb', 'web');
      return /^web +2 +N\/A +0 +\S+$/m.test(table) && (await healthy()) === '2';
    }, 'a budget that knows its pods');
    const [pod = ''] = await cluster.fields(['pods', '-l', 'app=web'], '{.items[*].metadata.name}');
    const refused = await evict(pod);
    assert.equal(refused.code, 1);
    assert.equal(
      refused.stderr.trim(),
      "Error from server (TooManyRequests): Cannot evict pod as it would violate the pod's disruption budget.",
    );
    assert.equal((await podOf(pod)).metadata.deletionTimestamp, undefined);
  });

  const healthy = (): Promise<string> =>
    cluster.kubectl('get', 'pdb', 'web', '-o', 'jsonpath={.status.currentHealthy}');

  async function evict(name: string): Promise<{ readonly code: number; readonly stderr: string }> {
    const path = `/api/v1/namespaces/default/pods/${name}/eviction`;
    const sending = cluster.spawnKubectl('create', '--raw', path, '-f', '-');
    sending.stdin?.end(JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } }));
    return await ended(sending);
  }

  test('[E2E43] a drain waits for the budget, and ends when it allows it', async () => {
    await cluster.kubectl('patch', 'pdb', 'web', '--type=merge', '-p', '{"spec":{"minAvailable":1}}');
    await eventually(async () => (await allowed()) === '1', 'one eviction allowed');
    const [node = ''] = await cluster.fields(['nodes'], '{.items[*].metadata.name}');
    const drain = cluster.spawnKubectl('drain', node, '--ignore-daemonsets', '--timeout=120s');
    const told = ended(drain);
    await once(drain.stderr!, 'data');
    // One pod goes; its successor finds no node, so that the other one has to stay.
    await eventually(async () => {
      const phases = await cluster.fields(['pods', '-l', 'app=web'], '{.items[*].status.phase}');
      return phases.includes('Pending') && (await healthy()) === '1';
    }, 'a successor without a node');
    const waiting = await Promise.race([told.then(() => 'ended'), refusal(drain)]);
    assert.equal(waiting, 'waits');
    await cluster.kubectl('patch', 'pdb', 'web', '--type=merge', '-p', '{"spec":{"minAvailable":0}}');
    const { code, stdout } = await told;
    assert.equal(code, 0, stdout);
    assert.match(stdout, /node\/\S+ drained/);
    await cluster.kubectl('uncordon', node);
    await rolledOut('deployment/web');
  });
});

/** Resolves when kubectl says that it will try again. */
async function refusal(drain: ChildProcess): Promise<'waits'> {
  return await new Promise((resolve) => {
    drain.stderr?.on('data', (chunk: Buffer) => {
      if (/will retry after 5s\): Cannot evict pod as it would violate the pod's disruption budget/.test(String(chunk)))
        resolve('waits');
    });
  });
}

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

async function ended(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (stdout += String(chunk)));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? -1, stdout, stderr };
}
