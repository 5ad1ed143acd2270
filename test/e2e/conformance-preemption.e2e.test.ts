/** What Kubernetes' conformance tests see of preemption, through kubectl on simulated nodes. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Pod } from '#api/core/pod';
import { podCondition } from '#api/core/pod-state';
import { eventually, TestCluster } from './cluster.ts';

const RESOURCE = 'example.com/fakecpu';
const CLASSES = ['p1', 'p2', 'p3', 'p4'];

type PodParts = {
  readonly namespace?: string;
  readonly node?: string;
  readonly finalizers?: readonly string[];
};

describe('conformance: preemption', { timeout: 300_000 }, () => {
  let cluster: TestCluster;
  let nodes: readonly string[];

  before(async () => {
    cluster = await TestCluster.start({ upArguments: ['--runtime', 'hollow', '--hollow-nodes', '2'] });
    for (const [index, name] of CLASSES.entries())
      await cluster.apply({
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name },
        value: index + 1,
      });
    const { items } = await cluster.json<{ readonly items: readonly Pod[] }>('get', 'nodes');
    nodes = items.map(({ metadata }) => metadata.name);
    // As many as three of the pods below, and no more than one of twice their size.
    for (const node of nodes)
      await cluster.kubectl(
        'patch',
        'node',
        node,
        '--subresource=status',
        '--type=merge',
        '-p',
        JSON.stringify({ status: { capacity: { [RESOURCE]: '6' }, allocatable: { [RESOURCE]: '6' } } }),
      );
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  const spec = (priorityClassName: string, amount: number): object => ({
    priorityClassName,
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'main',
        image: 'nginx:1.22',
        resources: { requests: { [RESOURCE]: `${amount}` }, limits: { [RESOURCE]: `${amount}` } },
      },
    ],
  });
  const pod = (
    name: string,
    podSpec: object,
    { namespace = 'default', node, finalizers = [] }: PodParts = {},
  ): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, finalizers },
    spec: { ...podSpec, ...(node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': node } }) },
  });
  const get = (name: string, namespace = 'default'): Promise<Pod> =>
    cluster.json<Pod>('get', 'pod', name, '-n', namespace);
  const isThere = async (name: string): Promise<boolean> =>
    (await cluster.kubectl('get', 'pod', name, '--ignore-not-found', '-o', 'name')) !== '';
  const running = (name: string, namespace?: string): Promise<Pod> =>
    eventually(async () => {
      const found = await get(name, namespace);
      return found.status?.phase === 'Running' && found;
    }, `${name} to run`);
  const fill = async (): Promise<void> => {
    await cluster.apply(pod('low', spec('p1', 5), { node: nodes[0] ?? '' }));
    await cluster.apply(pod('middle', spec('p3', 5), { node: nodes[1] ?? '' }));
    await Promise.all(['low', 'middle'].map((name) => running(name)));
  };
  const clear = async (...names: readonly string[]): Promise<void> => {
    await cluster.kubectl('delete', 'pods', '--ignore-not-found', ...names);
  };

  test('[CFM160] the pod of lowest priority goes for one of a higher priority, the others stay', async () => {
    await fill();
    await cluster.apply(pod('high', spec('p4', 5)));
    const high = await running('high');
    assert.equal(high.spec.nodeName, nodes[0]);
    assert.deepEqual([await isThere('low'), await isThere('middle')], [false, true]);
    await clear('low', 'middle', 'high');
  });

  test('[CFM161] a critical pod of the system drives off the pod of lowest priority', async () => {
    await fill();
    await cluster.apply(pod('critical', spec('system-cluster-critical', 5), { namespace: 'kube-system' }));
    const critical = await running('critical', 'kube-system');
    assert.equal(critical.spec.nodeName, nodes[0]);
    assert.deepEqual([await isThere('low'), await isThere('middle')], [false, true]);
    await cluster.kubectl('delete', 'pod', 'critical', '-n', 'kube-system');
    await clear('low', 'middle');
  });

  test('[CFM162] a victim that a finalizer holds shows why it was deleted', async () => {
    const finalizers = ['example.com/test-finalizer'];
    await cluster.apply(pod('victim', spec('p1', 5), { node: nodes[0] ?? '', finalizers }));
    await running('victim');
    await cluster.apply(pod('preemptor', spec('p4', 5), { node: nodes[0] ?? '' }));
    const victim = await eventually(async () => {
      const found = await get('victim');
      return found.metadata.deletionTimestamp !== undefined && found;
    }, 'the victim to be deleted');
    const { status, reason } = podCondition(victim, 'DisruptionTarget') ?? {};
    assert.deepEqual([status, reason], ['True', 'PreemptionByScheduler']);
    await cluster.kubectl('patch', 'pod', 'victim', '--type=merge', '-p', '{"metadata":{"finalizers":[]}}');
    await running('preemptor');
    await clear('victim', 'preemptor');
  });

  test('[CFM163] replica sets of rising priority drive each other off, and as many pods come up as there is room for', async () => {
    const set = (name: string, replicas: number, amount: number): object => ({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: `rs-${name}` },
      spec: {
        replicas,
        selector: { matchLabels: { name } },
        template: {
          metadata: { labels: { name } },
          spec: { ...spec(name, amount), nodeSelector: { 'kubernetes.io/hostname': nodes[0] } },
        },
      },
    });
    const available = (name: string, count: number): Promise<unknown> =>
      eventually(async () => {
        const { status } = await cluster.json<{ readonly status?: { readonly availableReplicas?: number } }>(
          'get',
          'rs',
          `rs-${name}`,
        );
        return (status?.availableReplicas ?? 0) === count;
      }, `${count} pods of rs-${name}`);
    await cluster.apply(set('p1', 3, 1));
    await cluster.apply(set('p2', 1, 3));
    await available('p1', 3);
    await available('p2', 1);
    await cluster.apply(set('p3', 1, 2));
    await available('p3', 1);
    await available('p1', 1);
    await cluster.apply(set('p4', 1, 4));
    await available('p4', 1);
    await Promise.all([available('p3', 1), available('p2', 0), available('p1', 0)]);
    await cluster.kubectl('delete', 'rs', ...CLASSES.map((name) => `rs-${name}`));
  });
});
