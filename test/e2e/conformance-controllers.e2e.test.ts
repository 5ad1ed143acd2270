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

  /** What a quota says is used, once it says what is expected. */
  const used = (namespace: string, name: string, expected: Readonly<Record<string, string>>): Promise<unknown> =>
    eventually(
      async () => {
        const quota = await cluster.json<{ readonly status?: { readonly used?: Readonly<Record<string, string>> } }>(
          'get',
          'quota',
          name,
          '-n',
          namespace,
        );
        return Object.entries(expected).every(([resource, amount]) => quota.status?.used?.[resource] === amount);
      },
      `${name} says ${JSON.stringify(expected)}`,
    );

  test('[CFM140] a quota counts what is made of each kind, refuses what is too much, and gives back what goes', async () => {
    await cluster.kubectl('create', 'namespace', 'metered');
    const metadata = (name: string): object => ({ name, namespace: 'metered' });
    const counted = async (): Promise<Readonly<Record<string, string>>> =>
      (await cluster.json<{ status: { used: Record<string, string> } }>('get', 'quota', 'all', '-n', 'metered')).status
        .used;
    const hard = {
      configmaps: '10',
      secrets: '10',
      services: '10',
      'services.nodeports': '1',
      'services.loadbalancers': '1',
      replicationcontrollers: '10',
      'count/replicasets.apps': '10',
      pods: '5',
      'requests.cpu': '1',
      'requests.memory': '500Mi',
      'requests.ephemeral-storage': '50Gi',
      'requests.example.com/dongle': '3',
    };
    await cluster.apply({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: metadata('all'), spec: { hard } });
    await used('metered', 'all', { secrets: '0', pods: '0', 'requests.cpu': '0', 'services.nodeports': '0' });
    // The authority of the API server is there in every namespace.
    const before = Number((await counted())['configmaps']);
    const resources = { requests: { cpu: '500m', memory: '252Mi', 'ephemeral-storage': '30Gi' } };
    const dongles = { 'example.com/dongle': '2' };
    const bound = {
      requests: { ...resources.requests, ...dongles },
      limits: dongles,
    };
    const podWith = (name: string, asked: object): object => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: metadata(name),
      spec: { containers: [{ name: 'web', image: 'nginx:1.22', resources: asked }] },
    });
    const service = (name: string, type: string): object => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata(name),
      spec: { type, ports: [{ port: 80 }] },
    });
    const { spec } = deployment('set', 0) as { readonly spec: object };
    await cluster.apply(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('one') },
      { apiVersion: 'v1', kind: 'Secret', metadata: metadata('one') },
      service('plain', 'ClusterIP'),
      service('port', 'NodePort'),
      { ...controller('one', 0), metadata: metadata('one') },
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: metadata('one'), spec },
      podWith('one', bound),
    );
    await used('metered', 'all', {
      configmaps: String(before + 1),
      secrets: '1',
      services: '2',
      'services.nodeports': '1',
      replicationcontrollers: '1',
      'count/replicasets.apps': '1',
      pods: '1',
      'requests.cpu': '500m',
      'requests.memory': '252Mi',
      'requests.ephemeral-storage': '30Gi',
      'requests.example.com/dongle': '2',
    });
    for (const [object, what] of [
      [podWith('two', { ...resources, requests: { ...resources.requests, cpu: '600m' } }), 'requests.cpu=600m'],
      [podWith('three', bound), 'requests.example.com/dongle=2'],
      [service('second', 'NodePort'), 'services.nodeports=1'],
      [service('balanced', 'LoadBalancer'), 'services.nodeports=1'],
    ] as const) {
      await assert.rejects(cluster.apply(object), (error: Error) => {
        assert.match(error.message, /exceeded quota: all/);
        assert.ok(error.message.includes(what), error.message);
        return true;
      });
    }
    await cluster.kubectl('delete', '-n', 'metered', 'configmap/one', 'secret/one', 'service/plain', 'service/port');
    await cluster.kubectl('delete', '-n', 'metered', 'rc/one', 'rs/one', 'pod/one');
    await used('metered', 'all', {
      configmaps: String(before),
      secrets: '0',
      services: '0',
      'services.nodeports': '0',
      replicationcontrollers: '0',
      'count/replicasets.apps': '0',
      pods: '0',
      'requests.cpu': '0',
      'requests.example.com/dongle': '0',
    });
  });

  test('[CFM141] quotas with scopes count the pods that fit them: by class of service and by whether their time is limited', async () => {
    await cluster.kubectl('create', 'namespace', 'scoped');
    const scopes = {
      'best-effort': 'BestEffort',
      'not-best-effort': 'NotBestEffort',
      ending: 'Terminating',
      lasting: 'NotTerminating',
    };
    await cluster.apply(
      ...Object.entries(scopes).map(([name, scope]) => ({
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name, namespace: 'scoped' },
        spec: { hard: { pods: '5' }, scopes: [scope] },
      })),
    );
    const counts = async (expected: Readonly<Record<string, string>>): Promise<void> => {
      for (const [name, pods] of Object.entries(expected)) await used('scoped', name, { pods });
    };
    await counts({ 'best-effort': '0', 'not-best-effort': '0', ending: '0', lasting: '0' });
    const resources = { requests: { cpu: '100m' }, limits: { cpu: '100m' } };
    const metadata = (name: string): object => ({ name, namespace: 'scoped' });
    const container = { name: 'web', image: 'nginx:1.22' };
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: metadata('plain'),
      spec: { containers: [container] },
    });
    await counts({ 'best-effort': '1', 'not-best-effort': '0', ending: '0', lasting: '1' });
    const limited = { activeDeadlineSeconds: 3600, containers: [{ ...container, resources }] };
    await cluster.apply({ apiVersion: 'v1', kind: 'Pod', metadata: metadata('limited'), spec: limited });
    await counts({ 'best-effort': '1', 'not-best-effort': '1', ending: '1', lasting: '1' });
    await cluster.kubectl('delete', '-n', 'scoped', 'pod/plain', 'pod/limited');
    await counts({ 'best-effort': '0', 'not-best-effort': '0', ending: '0', lasting: '0' });
  });

  const daemon = (name: string, spec: object = {}): object => ({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, labels: { kind: name } },
    spec: {
      selector: { matchLabels: { ds: name } },
      template: { ...template({ ds: name }), spec: { ...SPEC, ...spec } },
    },
  });
  const nodesOf = async (name: string): Promise<readonly string[]> =>
    (await cluster.fields(['pods', '-l', `ds=${name}`], '{.items[*].spec.nodeName}')).toSorted();

  test('[CFM142] a daemon set has a pod on each node, replaces one that is lost or failed, and goes by label with its pods', async () => {
    await cluster.apply(daemon('each'));
    const pods = await running('ds=each', 2);
    assert.deepEqual(await nodesOf('each'), ['hollow-1', 'hollow-2']);
    const [lost, failed] = pods.map(({ metadata }) => metadata.name);
    await cluster.kubectl('delete', 'pod', lost ?? '');
    await running('ds=each', 2);
    await cluster.kubectl('patch', 'pod', failed ?? '', '--subresource=status', '-p', '{"status":{"phase":"Failed"}}');
    await eventually(async () => !(await namesOf('pods', 'ds=each')).includes(failed ?? ''), 'the failed pod is gone');
    await running('ds=each', 2);
    await cluster.kubectl('delete', 'daemonsets', '-l', 'kind=each');
    await gone('pods', 'ds=each');
  });

  test('[CFM143] a daemon set follows the labels of nodes and its own choice of them', async () => {
    await cluster.apply(daemon('chosen', { nodeSelector: { colour: 'blue' } }));
    await eventually(
      async () => (await cluster.fields(['ds', 'chosen'], '{.status.observedGeneration}')).length === 1,
      'a look at it',
    );
    assert.deepEqual(await nodesOf('chosen'), []);
    await cluster.kubectl('label', 'node', 'hollow-1', 'colour=blue');
    await running('ds=chosen', 1);
    assert.deepEqual(await nodesOf('chosen'), ['hollow-1']);
    await cluster.kubectl('label', 'node', 'hollow-1', 'colour=green', '--overwrite');
    await gone('pods', 'ds=chosen');
    const patch = {
      spec: { updateStrategy: { type: 'RollingUpdate' }, template: { spec: { nodeSelector: { colour: 'green' } } } },
    };
    await cluster.kubectl('patch', 'ds', 'chosen', '-p', JSON.stringify(patch));
    await running('ds=chosen', 1);
    await cluster.kubectl('delete', 'ds', 'chosen');
  });

  test('[CFM144] a deployment is scaled through its scale, and a template that changes in the middle of a rollout wins', async () => {
    await cluster.apply(deployment('roll', 2));
    await running('deploy=roll', 2);
    await cluster.kubectl('scale', 'deployment', 'roll', '--replicas=4');
    await running('deploy=roll', 4);
    const scale = await cluster.fields(
      ['deployment', 'roll', '--subresource=scale'],
      '{.spec.replicas} {.status.replicas}',
    );
    assert.deepEqual(scale, ['4', '4']);
    for (const image of ['nginx:2', 'nginx:3'])
      await cluster.kubectl('set', 'image', 'deployment/roll', `web=${image}`);
    await cluster.kubectl('rollout', 'status', 'deployment/roll', '--timeout=60s');
    const images = await eventually(async () => {
      const found = await cluster.fields(['pods', '-l', 'deploy=roll'], '{.items[*].spec.containers[0].image}');
      return found.length === 4 && found;
    }, 'the old pods are gone');
    assert.deepEqual([...new Set(images)], ['nginx:3']);
    await cluster.kubectl('delete', 'deployment', 'roll');
    await gone('pods', 'deploy=roll');
  });

  test('[CFM145] replica sets are changed by replace and patch, adopt and release pods, and go by label with their pods', async () => {
    const set = (replicas: number): object => ({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'set', labels: { kind: 'set' } },
      spec: { replicas, selector: { matchLabels: { rs: 'set' } }, template: template({ rs: 'set' }) },
    });
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'stray', labels: { rs: 'set' } },
      spec: SPEC,
    });
    await cluster.apply(set(1));
    await eventually(async () => {
      const [first, ...others] = (await list('pods', 'rs=set')).items;
      return first !== undefined && others.length === 0 && ownersOf(first)[0] === 'ReplicaSet/set';
    }, 'the adoption');
    await cluster.kubectl('label', 'pod', 'stray', 'rs=released', '--overwrite');
    await eventually(async () => {
      const [first] = (await list('pods', 'rs=released')).items;
      return first !== undefined && ownersOf(first).length === 0;
    }, 'the release');
    await cluster.apply(set(2));
    await running('rs=set', 2);
    const patch = {
      metadata: { labels: { patched: 'yes' } },
      spec: { replicas: 3, template: { spec: { containers: [{ name: 'web', image: 'nginx:9' }] } } },
    };
    await cluster.kubectl('patch', 'rs', 'set', '-p', JSON.stringify(patch));
    await running('rs=set', 3);
    assert.deepEqual(
      await cluster.fields(['rs', 'set'], '{.metadata.labels.patched} {.spec.template.spec.containers[0].image}'),
      ['yes', 'nginx:9'],
    );
    await cluster.kubectl('delete', 'rs', '-l', 'kind=set');
    await gone('pods', 'rs=set');
  });

  test('[CFM146] a pod whose node loses its taint in time stays, while another goes', async () => {
    const toleration = { key: 'test.example/evict', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 4 };
    const on = (name: string, nodeName: string): object => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { tolerates: name } },
      spec: { ...SPEC, nodeName, tolerations: [toleration] },
    });
    await cluster.apply(on('spared', 'hollow-1'), on('driven-off', 'hollow-2'));
    await running('tolerates=spared', 1);
    await running('tolerates=driven-off', 1);
    await cluster.kubectl('taint', 'node', 'hollow-1', 'test.example/evict=yes:NoExecute');
    await cluster.kubectl('taint', 'node', 'hollow-1', 'test.example/evict-');
    // Its time begins later than that of the other one.
    await cluster.kubectl('taint', 'node', 'hollow-2', 'test.example/evict=yes:NoExecute');
    await gone('pods', 'tolerates=driven-off');
    const [spared] = await running('tolerates=spared', 1);
    assert.equal(spared?.metadata.deletionTimestamp, undefined);
    await cluster.kubectl('taint', 'node', 'hollow-2', 'test.example/evict-');
  });

  test('[CFM147] a pod of a runtime class runs, with the overhead of the class if it has one', async () => {
    const runtimeClass = { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', handler: 'runc' };
    await cluster.apply(
      { ...runtimeClass, metadata: { name: 'light' } },
      { ...runtimeClass, metadata: { name: 'heavy' }, overhead: { podFixed: { cpu: '10m', memory: '1Mi' } } },
    );
    const of = (name: string): object => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { class: name } },
      spec: { ...SPEC, runtimeClassName: name },
    });
    await cluster.apply(of('light'), of('heavy'));
    for (const name of ['light', 'heavy']) await running(`class=${name}`, 1);
    const overheads = await Promise.all(
      ['light', 'heavy'].map((name) => cluster.fields(['pod', name], '{.spec.overhead}')),
    );
    assert.deepEqual(overheads, [[], ['{"cpu":"10m","memory":"1Mi"}']]);
  });
});
