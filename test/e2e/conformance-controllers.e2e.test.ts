/** What Kubernetes' conformance tests see of controllers, on a cluster of simulated nodes. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ApiObject } from '#api/object';
import { eventually, TestCluster } from './cluster.ts';

type Listed = {
  readonly items: readonly (ApiObject & { readonly status?: { readonly phase?: string; readonly podIP?: string } })[];
};

const LABELS = { app: 'demo' };
const SPEC = { containers: [{ name: 'web', image: 'nginx:1.22', ports: [{ containerPort: 80 }] }] };
const template = (labels: object): object => ({ metadata: { labels }, spec: SPEC });

describe('conformance: controllers', { timeout: 300_000 }, () => {
  let cluster: TestCluster;

  before(async () => {
    cluster = await TestCluster.start({ upArguments: ['--runtime', 'hollow', '--hollow-nodes', '2'] });
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  const controller = (name: string, replicas: number): object => ({
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name, labels: { rc: name } },
    spec: { replicas, selector: { rc: name }, template: template({ rc: name }) },
  });
  const deployment = (name: string, replicas: number): object => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas, selector: { matchLabels: { deploy: name } }, template: template({ deploy: name }) },
  });
  const list = (what: string, selector: string): Promise<Listed> => cluster.json<Listed>('get', what, '-l', selector);
  const namesOf = async (what: string, selector: string): Promise<readonly string[]> =>
    (await list(what, selector)).items.map(({ metadata }) => metadata.name);
  /** Waits until so many pods run. */
  const running = (selector: string, count: number): Promise<Listed['items']> =>
    eventually(async () => {
      const { items } = await list('pods', selector);
      return items.length === count && items.every(({ status }) => status?.phase === 'Running') && items;
    }, `${count} pods of ${selector}`);
  const gone = (what: string, selector: string): Promise<unknown> =>
    eventually(async () => (await namesOf(what, selector)).length === 0, `the end of ${what} of ${selector}`);
  const ownersOf = ({ metadata }: ApiObject): readonly string[] =>
    (metadata.ownerReferences ?? []).map(({ kind, name }) => `${kind}/${name}`);

  test('[CFM108] each pod of a replication controller takes an annotation by patch', async () => {
    await cluster.apply(controller('patched', 2));
    for (const { metadata } of await running('rc=patched', 2)) {
      await cluster.kubectl('patch', 'pod', metadata.name, '-p', '{"metadata":{"annotations":{"x":"y"}}}');
    }
    const { items } = await list('pods', 'rc=patched');
    assert.deepEqual(
      items.map(({ metadata }) => metadata.annotations?.['x']),
      ['y', 'y'],
    );
  });

  test('[CFM120] a replication controller and a service are exposed; endpoints are the pods at the target port', async () => {
    await cluster.apply(controller('exposed', 1));
    const [pod] = await running('rc=exposed', 1);
    await cluster.kubectl('expose', 'rc', 'exposed', '--name=rm2', '--port=1234', '--target-port=6379');
    await cluster.kubectl('expose', 'service', 'rm2', '--name=rm3', '--port=2345', '--target-port=6379');
    for (const [name, port] of [
      ['rm2', 1234],
      ['rm3', 2345],
    ] as const) {
      const endpoints = await eventually(async () => {
        const found = await cluster.fields(
          ['endpoints', name],
          '{.subsets[*].addresses[*].ip} {.subsets[*].ports[*].port}',
        );
        return found.length === 2 && found;
      }, `endpoints of ${name}`);
      assert.deepEqual(endpoints, [pod?.status?.podIP, '6379']);
      assert.deepEqual(await cluster.fields(['service', name], '{.spec.ports[*].port}'), [String(port)]);
    }
  });

  test('[CFM121] a replication controller is scaled down and up again by kubectl, and goes with its pods', async () => {
    await cluster.apply(controller('scaled', 2));
    await running('rc=scaled', 2);
    await cluster.kubectl('scale', 'rc', 'scaled', '--replicas=1', '--timeout=1m');
    await running('rc=scaled', 1);
    await cluster.kubectl('scale', 'rc', 'scaled', '--replicas=2', '--timeout=1m');
    await running('rc=scaled', 2);
    await cluster.kubectl('delete', 'rc', 'scaled');
    await gone('pods', 'rc=scaled');
  });

  test('[CFM122] what is deleted in the background takes its dependents along, over two steps', async () => {
    await cluster.apply(controller('back', 2), deployment('back', 2));
    await running('rc=back', 2);
    await running('deploy=back', 2);
    await cluster.kubectl('delete', 'rc', 'back', '--cascade=background');
    await cluster.kubectl('delete', 'deployment', 'back', '--cascade=background');
    for (const [what, selector] of [
      ['pods', 'rc=back'],
      ['replicasets', 'deploy=back'],
      ['pods', 'deploy=back'],
    ] as const) {
      await gone(what, selector);
    }
  });

  test('[CFM123] what is deleted as an orphan leaves its dependents without an owner', async () => {
    await cluster.apply(controller('orphan', 2), deployment('orphan', 1));
    await running('rc=orphan', 2);
    await running('deploy=orphan', 1);
    await cluster.kubectl('delete', 'rc', 'orphan', '--cascade=orphan');
    await cluster.kubectl('delete', 'deployment', 'orphan', '--cascade=orphan');
    const pods = await running('rc=orphan', 2);
    const { items: sets } = await list('replicasets', 'deploy=orphan');
    assert.deepEqual([...pods, ...sets].map(ownersOf), [[], [], []]);
    const [pod] = await running('deploy=orphan', 1);
    assert.deepEqual(pod === undefined ? [] : ownersOf(pod), [`ReplicaSet/${sets[0]?.metadata.name}`]);
  });

  test('[CFM124] what is deleted in the foreground stays until its dependents have gone', async () => {
    await cluster.apply(controller('fore', 2));
    const [held] = await running('rc=fore', 2);
    const name = held?.metadata.name ?? '';
    await cluster.kubectl('patch', 'pod', name, '-p', '{"metadata":{"finalizers":["test.example/hold"]}}');
    await cluster.kubectl('delete', 'rc', 'fore', '--cascade=foreground', '--wait=false');
    await eventually(async () => (await namesOf('pods', 'rc=fore')).length === 1, 'the free pod is gone');
    const finalizers = await cluster.fields(['rc', 'fore'], '{.metadata.finalizers[*]}');
    assert.deepEqual(finalizers, ['foregroundDeletion']);
    await cluster.kubectl('patch', 'pod', name, '-p', '{"metadata":{"finalizers":null}}');
    await gone('pods', 'rc=fore');
    await gone('rc', 'rc=fore');
  });

  test('[CFM125] a dependent with another owner that lives stays, and forgets the one that goes', async () => {
    await cluster.apply(controller('dying', 2), controller('staying', 0));
    const [shared] = await running('rc=dying', 2);
    const name = shared?.metadata.name ?? '';
    const [uid = ''] = await cluster.fields(['rc', 'staying'], '{.metadata.uid}');
    const second = { apiVersion: 'v1', kind: 'ReplicationController', name: 'staying', uid };
    const add = [{ op: 'add', path: '/metadata/ownerReferences/-', value: second }];
    await cluster.kubectl('patch', 'pod', name, '--type=json', '-p', JSON.stringify(add));
    await cluster.kubectl('delete', 'rc', 'dying', '--cascade=foreground');
    const left = await running('rc=dying', 1);
    assert.deepEqual(
      left.map((pod) => [pod.metadata.name, ownersOf(pod)]),
      [[name, ['ReplicationController/staying']]],
    );
  });

  test('[CFM126] owners in a circle hold nothing up', async () => {
    const names = ['one', 'two', 'three'];
    for (const name of names) {
      await cluster.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { set: 'circle' } }, spec: SPEC });
    }
    const uids = new Map(
      await Promise.all(
        names.map(async (name) => [name, (await cluster.fields(['pod', name], '{.metadata.uid}'))[0]] as const),
      ),
    );
    for (const [index, name] of names.entries()) {
      const owner = names[(index + 1) % names.length] ?? '';
      const reference = {
        apiVersion: 'v1',
        kind: 'Pod',
        name: owner,
        uid: uids.get(owner),
        controller: true,
        blockOwnerDeletion: true,
      };
      await cluster.kubectl('patch', 'pod', name, '-p', JSON.stringify({ metadata: { ownerReferences: [reference] } }));
    }
    await cluster.kubectl('delete', 'pod', 'one', '--cascade=foreground', '--wait=false');
    await gone('pods', 'set=circle');
  });

  test('[CFM127] a namespace that goes takes pods and services along, and comes back empty', async () => {
    await cluster.kubectl('create', 'namespace', 'brief');
    await cluster.kubectl('create', 'deployment', 'web', '--image=nginx:1.22', '-n', 'brief');
    await cluster.kubectl('expose', 'deployment', 'web', '--port=80', '-n', 'brief');
    await cluster.kubectl('rollout', 'status', 'deployment/web', '-n', 'brief', '--timeout=60s');
    await cluster.kubectl('delete', 'namespace', 'brief', '--timeout=60s');
    await cluster.kubectl('create', 'namespace', 'brief');
    const { items } = await cluster.json<Listed>('get', 'pods,services,deployments', '-n', 'brief');
    assert.deepEqual(items, []);
  });

  test('[CFM128] pods that a controller selects are adopted, and released when their label changes', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'alone', labels: { ...LABELS, rc: 'adopts' } },
      spec: SPEC,
    };
    await cluster.apply(pod);
    await cluster.apply(controller('adopts', 1));
    const adopted = await eventually(async () => {
      const { items } = await list('pods', 'rc=adopts');
      const [first] = items;
      return first !== undefined && ownersOf(first).length === 1 && items;
    }, 'the adoption');
    assert.deepEqual(
      adopted.map((each) => [each.metadata.name, ownersOf(each)]),
      [['alone', ['ReplicationController/adopts']]],
    );
    await cluster.kubectl('label', 'pod', 'alone', 'rc=released', '--overwrite');
    await eventually(async () => {
      const { items } = await list('pods', 'rc=released');
      return items[0] !== undefined && ownersOf(items[0]).length === 0;
    }, 'the release');
    await running('rc=adopts', 1);
  });

  test('[CFM129] a replication controller that a quota stops says so, and no longer once it asks for less', async () => {
    await cluster.kubectl('create', 'namespace', 'bounded');
    await cluster.kubectl('create', 'quota', 'few', '--hard=pods=2', '-n', 'bounded');
    await eventually(async () => {
      const hard = await cluster.fields(['quota', 'few', '-n', 'bounded'], '{.status.hard.pods}');
      return hard[0] === '2';
    }, 'the quota is counted');
    const metadata = { name: 'greedy', namespace: 'bounded' };
    await cluster.apply({ ...controller('greedy', 3), metadata });
    const failure = (): Promise<readonly string[]> =>
      cluster.fields(['rc', 'greedy', '-n', 'bounded'], '{.status.conditions[?(@.type=="ReplicaFailure")].reason}');
    await eventually(async () => (await failure())[0] === 'FailedCreate', 'the condition');
    await cluster.kubectl('scale', 'rc', 'greedy', '--replicas=2', '-n', 'bounded');
    await eventually(async () => (await failure()).length === 0, 'the end of the condition');
  });
});
