/** `@kubernetes/client-node`, the library most JavaScript programs speak to Kubernetes with, against a simulated cluster. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  VersionApi,
  Watch,
  type V1ConfigMap,
  type V1Deployment,
} from '@kubernetes/client-node';
import { aClientFixture, type ClientFixture, simulated } from './client-node/client-fixture.ts';
import { eventually } from './cluster.ts';

const namespace = 'default';

const aDeployment = (name: string, replicas: number): V1Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'nginx:1.20' }] } },
  },
});

describe('client-node', { timeout: 180_000 }, () => {
  let fixture: ClientFixture;
  let core: CoreV1Api;
  let apps: AppsV1Api;

  before(async () => {
    fixture = await aClientFixture(simulated(2));
    core = fixture.config.makeApiClient(CoreV1Api);
    apps = fixture.config.makeApiClient(AppsV1Api);
  });

  after(async () => {
    await fixture?.[Symbol.asyncDispose]();
  });

  test('[TOOL21] typed calls make, read, list, replace and remove objects', async () => {
    const { gitVersion } = await fixture.config.makeApiClient(VersionApi).getCode();
    assert.match(gitVersion, /^v1\.\d+\.\d+/);
    const made = await apps.createNamespacedDeployment({ namespace, body: aDeployment('typed', 2) });
    assert.ok(made.metadata?.creationTimestamp instanceof Date);
    const ready = await eventually(async () => {
      const { status } = await apps.readNamespacedDeployment({ namespace, name: 'typed' });
      return status?.readyReplicas === 2 && status;
    }, 'the deployment');
    assert.equal(ready.availableReplicas, 2);
    const pods = await core.listNamespacedPod({ namespace, labelSelector: 'app=typed', limit: 1 });
    assert.equal(pods.items.length, 1);
    assert.equal(pods.metadata?.remainingItemCount, undefined);
    const rest = await core.listNamespacedPod({
      namespace,
      labelSelector: 'app=typed',
      _continue: pods.metadata?._continue ?? '',
    });
    assert.equal(rest.items.length, 1);
    const scale = await apps.readNamespacedDeploymentScale({ namespace, name: 'typed' });
    await apps.replaceNamespacedDeploymentScale({
      namespace,
      name: 'typed',
      body: Object.assign(scale, { spec: { replicas: 0 } }),
    });
    await eventually(async () => {
      const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'app=typed' });
      return items.length === 0;
    }, 'the end of the pods');
    const status = await apps.deleteNamespacedDeployment({ namespace, name: 'typed' });
    assert.equal(status.status, 'Success');
  });

  test('[TOOL21] a refusal arrives as the status that the library reads', async () => {
    const missing = await core.readNamespacedSecret({ namespace, name: 'missing' }).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(missing instanceof ApiException);
    assert.equal(missing.code, 404);
    const { kind, reason, message, details } = JSON.parse(missing.body as string) as Record<string, unknown>;
    assert.deepEqual(
      { kind, reason, message, details },
      {
        kind: 'Status',
        reason: 'NotFound',
        message: 'secrets "missing" not found',
        details: { name: 'missing', kind: 'secrets' },
      },
    );
  });

  test('[TOOL21] every kind of patch changes what it names', async () => {
    const name = 'patched';
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name }, data: { a: '1', b: '2' } } });
    const patch = (strategy: PatchStrategy, body: unknown): Promise<V1ConfigMap> =>
      core.patchNamespacedConfigMap(
        { namespace, name, body, fieldManager: 'test' },
        setHeaderOptions('Content-Type', strategy),
      );
    assert.deepEqual((await patch(PatchStrategy.MergePatch, { data: { a: null, c: '3' } })).data, { b: '2', c: '3' });
    const operations = [{ op: 'replace', path: '/data/b', value: '4' }];
    assert.deepEqual((await patch(PatchStrategy.JsonPatch, operations)).data, { b: '4', c: '3' });
    assert.deepEqual((await patch(PatchStrategy.StrategicMergePatch, { data: { d: '5' } })).data, {
      b: '4',
      c: '3',
      d: '5',
    });
    const applied = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { e: '6' } };
    const { data, metadata } = await patch(PatchStrategy.ServerSideApply, applied);
    assert.deepEqual(data, { b: '4', c: '3', d: '5', e: '6' });
    assert.ok(metadata?.managedFields?.some(({ manager, operation }) => manager === 'test' && operation === 'Apply'));
  });

  test('[TOOL21] objects of any kind go through the calls that take their kind from discovery', async () => {
    const objects = KubernetesObjectApi.makeApiClient(fixture.config);
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'any', namespace }, stringData: { a: 'b' } };
    await objects.create(secret);
    const read = await objects.read<typeof secret & { readonly data?: object }>(secret);
    assert.deepEqual(read.data, { a: 'Yg==' });
    await objects.patch(
      { ...secret, stringData: { a: 'c' } },
      undefined,
      undefined,
      'test',
      true,
      PatchStrategy.ServerSideApply,
    );
    assert.equal((await objects.list('v1', 'Secret', namespace)).items.length, 1);
    await objects.delete(secret);
    await assert.rejects(objects.read(secret), { code: 404 });
  });

  test('[TOOL23] an informer tells what is added, changed and removed, and holds what there is', async () => {
    const list = () => core.listNamespacedConfigMap({ namespace, labelSelector: 'informed' });
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const body = (n: number, labels: Record<string, string>): V1ConfigMap => ({
      metadata: { name: `informed-${n}`, labels },
    });
    await core.createNamespacedConfigMap({ namespace, body: body(1, { informed: 'yes' }) });
    const informer = makeInformer(fixture.config, path, list, 'informed');
    const told: string[] = [];
    for (const verb of ['add', 'update', 'delete'] as const)
      informer.on(verb, ({ metadata }) => told.push(`${verb} ${metadata?.name}`));
    informer.on('error', (error) => told.push(`error ${error}`));
    await informer.start();
    try {
      await core.createNamespacedConfigMap({ namespace, body: body(2, {}) });
      await core.replaceNamespacedConfigMap({ namespace, name: 'informed-2', body: body(2, { informed: 'yes' }) });
      await core.replaceNamespacedConfigMap({ namespace, name: 'informed-1', body: body(1, { informed: 'again' }) });
      await core.replaceNamespacedConfigMap({ namespace, name: 'informed-1', body: body(1, {}) });
      const wanted = ['add informed-1', 'add informed-2', 'update informed-1', 'delete informed-1'];
      await eventually(async () => told.length >= wanted.length, 'the events');
      assert.deepEqual(told, wanted);
      assert.equal(informer.get('informed-1', namespace), undefined);
      assert.equal(informer.list(namespace).length, 1);
    } finally {
      await informer.stop();
    }
  });

  test('[TOOL22] a watch tells every change from a revision on and ends when its time is over', async () => {
    const { metadata } = await core.listNamespacedConfigMap({ namespace });
    const phases: string[] = [];
    const query = {
      resourceVersion: metadata?.resourceVersion,
      timeoutSeconds: 2,
      fieldSelector: 'metadata.name=watched',
    };
    const { promise: ended, resolve } = Promise.withResolvers<unknown>();
    await new Watch(fixture.config).watch(
      `/api/v1/namespaces/${namespace}/configmaps`,
      query,
      (phase, object: V1ConfigMap) => phases.push(`${phase} ${object.data?.['n']}`),
      resolve,
    );
    const body = (n: number): V1ConfigMap => ({ metadata: { name: 'watched' }, data: { n: String(n) } });
    await core.createNamespacedConfigMap({ namespace, body: body(1) });
    await core.replaceNamespacedConfigMap({ namespace, name: 'watched', body: body(2) });
    await core.deleteNamespacedConfigMap({ namespace, name: 'watched' });
    assert.equal(await ended, null);
    assert.deepEqual(phases, ['ADDED 1', 'MODIFIED 2', 'DELETED 2']);
  });
});
