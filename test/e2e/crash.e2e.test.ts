/** Everything of Tutti but the containers is killed in the middle of rollouts, and started again. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigMap, Pod } from '#api/types/core-v1';
import { seededRandom } from '#base/seeded-random';
import type { Writes } from './acknowledged-writes.ts';
import { eventually, TestCluster } from './cluster.ts';
import { startOn } from './host-program.ts';
import { answeringPods } from './http.ts';
import { killTutti, runningTasks } from './kill-tutti.ts';
import type { Requests } from './steady-requests.ts';

const IMAGES = ['docker.io/library/nginx:1.20', 'docker.io/library/nginx:1.22'];
const KILLS = 5;
// A rollout of the web app takes about this long.
const ROLLOUT_MS = 9_000;
const SEED = Number(process.env['TUTTI_SEED'] ?? Date.now() % 1_000_000);

const LABELS = { app: 'bystander' };
const BYSTANDERS = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'bystander' },
    spec: {
      replicas: 2,
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: {
          containers: [
            {
              name: 'web',
              image: 'nginx:1.20',
              readinessProbe: { httpGet: { path: '/ready', port: 80 }, periodSeconds: 1 },
              livenessProbe: { httpGet: { path: '/health', port: 80 }, periodSeconds: 1 },
            },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'bystander' },
    spec: { type: 'LoadBalancer', selector: LABELS, ports: [{ port: 8080, targetPort: 80 }] },
  },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'writes' } },
];

type List<T> = { readonly items: readonly T[] };

describe('kills of everything but the containers', { timeout: 600_000 }, () => {
  let cluster: TestCluster;

  before(async () => {
    cluster = await TestCluster.start({ images: IMAGES });
    await cluster.kubectl('apply', '-f', 'examples/web-app/');
    await cluster.apply(...BYSTANDERS);
    for (const name of ['bystander', 'web-app']) await rolledOut(name);
    await restartOneBystander();
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  const rolledOut = (name: string) => cluster.kubectl('rollout', 'status', `deployment/${name}`, '--timeout=60s');
  const podsOf = async (app: string) => (await cluster.json<List<Pod>>('get', 'pods', '-l', `app=${app}`)).items;

  test(`[E2E6] rollouts finish, and nothing is lost or started twice (seed ${SEED})`, async (context) => {
    const random = seededRandom(SEED);
    const { node, client } = cluster.hosts;
    const urls = [`http://${node.address}/`, `http://${node.address}:8080/`];
    const bystanders = identities(await podsOf('bystander'));
    await using writes = startOn<Writes>(node, './acknowledged-writes.ts', [cluster.kubeconfig, 'writes']);
    await using requests = startOn<readonly Requests[]>(client, './steady-requests.ts', urls);
    for (let kill = 1; kill <= KILLS; kill++) {
      const afterMs = Math.floor(random() * ROLLOUT_MS);
      context.diagnostic(`kill ${kill} comes ${afterMs} ms into a rollout`);
      await cluster.kubectl('set', 'image', 'deployment/web-app', `web=nginx:${kill % 2 === 0 ? '1.20' : '1.22'}`);
      await sleep(afterMs);
      const changing = identities(await podsOf('web-app'));
      await killTutti(cluster);
      for (const url of urls) await answeringPods(client, url, 10);
      await cluster.tutti('up', '--no-demo');
      await rolledOut('web-app');
      assert.deepEqual(identities(await podsOf('bystander')), bystanders);
      assertAdopted(changing, identities(await podsOf('web-app')));
    }
    for (const { url, answered, failures } of await requests.stop()) {
      assert.ok(answered > 0);
      assert.deepEqual(failures, [], url);
    }
    await assertKept(await writes.stop());
  });

  test('[E2E6] afterwards exactly the containers of the pods run', async () => {
    const containers = await eventually(async () => {
      const { items } = await cluster.json<List<Pod>>('get', 'pods', '--all-namespaces');
      return items.length === 5 && identities(items).map(({ containerId }) => containerId.replace('containerd://', ''));
    }, 'the end of old pods');
    const tasks = await eventually(async () => {
      const running = await runningTasks(cluster);
      // Each pod has one container and its sandbox.
      return running.length === 2 * containers.length && running;
    }, 'the end of the containers of old pods');
    assert.deepEqual(
      containers.filter((id) => !tasks.includes(id)),
      [],
    );
  });

  /** So that a restart count is there to be remembered. */
  async function restartOneBystander(): Promise<void> {
    const [name = ''] = (await podsOf('bystander')).map(({ metadata }) => metadata.name);
    await cluster.tryKubectl('exec', name, '--', 'sh', '-c', 'kill -QUIT 1');
    await eventually(async () => {
      const states = identities(await podsOf('bystander'));
      return states.every(({ ready }) => ready) && states.some(({ restarts }) => restarts === 1);
    }, 'the restart');
  }

  async function assertKept({ acknowledged, refused }: Writes): Promise<void> {
    assert.ok(acknowledged.length > 0 && refused > 0);
    const { items } = await cluster.json<List<ConfigMap>>('get', 'configmaps', '--namespace', 'writes');
    const kept = new Map(items.map(({ metadata, data }) => [metadata.name, { ...metadata, data }]));
    const lost = acknowledged.filter(({ name, resourceVersion }) => {
      const found = kept.get(name);
      return found?.resourceVersion !== resourceVersion || found.data?.['name'] !== name;
    });
    assert.deepEqual(lost, []);
    const revisions = acknowledged.map(({ resourceVersion }) => Number(resourceVersion));
    assert.deepEqual(
      revisions,
      revisions.toSorted((a, b) => a - b),
    );
  }
});

type Identity = {
  readonly pod: string;
  readonly containerId: string;
  readonly startedAt: string | undefined;
  readonly restarts: number;
  readonly ip: string | undefined;
  readonly ready: boolean;
};

/** What makes the container of each pod the same one as before. */
function identities(pods: readonly Pod[]): readonly Identity[] {
  return pods.map(({ metadata, status }) => {
    const container = status?.containerStatuses?.[0];
    return {
      pod: `${metadata.name} ${metadata.uid}`,
      containerId: container?.containerID ?? '',
      startedAt: container?.state?.running?.startedAt,
      restarts: container?.restartCount ?? 0,
      ip: status?.podIP,
      ready: container?.ready ?? false,
    };
  });
}

/** Pods that ran before and are still there, have the same container; one that ends now has no start any more. */
function assertAdopted(before: readonly Identity[], now: readonly Identity[]): void {
  const known = new Map(before.map((each) => [each.pod, each]));
  for (const { pod, containerId, startedAt, restarts } of now) {
    const earlier = known.get(pod);
    assert.equal(restarts, 0, pod);
    if (earlier?.startedAt === undefined) continue;
    assert.deepEqual([containerId, startedAt ?? earlier.startedAt], [earlier.containerId, earlier.startedAt]);
  }
}
