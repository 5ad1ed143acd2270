/** Claims and volumes in front of real pods, and the kinds of storage and networking under real kubectl. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '#api/types/core-v1';
import type { Ingress } from '#api/types/networking-v1';
import { eventually, TestCluster } from './cluster.ts';
import { pod, shell, untilTold } from './pod-manifests.ts';

const SPEC = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };

const claim = (name: string, spec: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: { ...SPEC, ...spec },
});

/** A pod that runs a script with a claim mounted at `/data`. */
const withClaim = (name: string, claimName: string, script: string): object =>
  pod(name, {
    restartPolicy: 'Never',
    containers: [shell(script, { volumeMounts: [{ name: 'data', mountPath: '/data' }] })],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
  });

describe('storage', { timeout: 300_000 }, () => {
  let cluster: TestCluster;

  const phaseOf = async (...what: readonly string[]): Promise<string> =>
    await cluster.kubectl('get', ...what, '-o', 'jsonpath={.status.phase}');
  const untilPhase = (phase: string, ...what: readonly string[]): Promise<boolean> =>
    eventually(async () => (await phaseOf(...what)) === phase, `${what.join('/')} is ${phase}`);

  before(async () => {
    cluster = await TestCluster.start({ images: ['docker.io/library/busybox:1.36'] });
  });

  after(() => cluster[Symbol.asyncDispose]());

  test('[STG71] what one pod writes into a claim of the default class another reads, and it goes with the claim', async () => {
    assert.match(
      await cluster.kubectl('get', 'storageclass'),
      /^local \(default\) +tutti\.dev\/local +Delete +WaitForFirstConsumer +false/m,
    );
    await cluster.apply(claim('notes'));
    assert.equal(await phaseOf('pvc', 'notes'), 'Pending');
    await cluster.apply(withClaim('writer', 'notes', 'echo kept > /data/note'));
    await untilPhase('Succeeded', 'pod', 'writer');
    const { spec, status } = await cluster.json<PersistentVolumeClaim>('get', 'pvc', 'notes');
    assert.deepEqual([status?.phase, status?.capacity, spec.storageClassName], ['Bound', { storage: '1Gi' }, 'local']);
    await cluster.kubectl('delete', 'pod', 'writer');
    await cluster.apply(withClaim('reader', 'notes', 'cat /data/note'));
    await untilPhase('Succeeded', 'pod', 'reader');
    assert.equal(await cluster.kubectl('logs', 'reader'), 'kept\n');
    assert.match(await cluster.kubectl('describe', 'pvc', 'notes'), /^Used By: +reader$/m);
    const volume = await cluster.json<PersistentVolume>('get', 'pv', spec.volumeName ?? '');
    const path = volume.spec.hostPath?.path ?? '';
    assert.equal(await readFile(`${path}/note`, 'utf8'), 'kept\n');
    await cluster.kubectl('delete', 'pod/reader', 'pvc/notes');
    await eventually(() => Promise.resolve(!existsSync(path)), 'the directory is gone');
    await eventually(
      async () => (await cluster.tryKubectl('get', 'pv', volume.metadata.name)).code === 1,
      'the volume is gone',
    );
  });

  test('[STG72] a volume that an operator made serves a claim, and is kept with its data when the claim goes', async () => {
    const [node = ''] = await cluster.fields(['nodes'], '{.items[*].metadata.name}');
    const path = `${cluster.dataDir}/made`;
    await cluster.apply(
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: 'made' },
        spec: {
          accessModes: ['ReadWriteOnce'],
          capacity: { storage: '2Gi' },
          hostPath: { path, type: 'DirectoryOrCreate' },
          storageClassName: 'manual',
        },
      },
      claim('manual', { storageClassName: 'manual' }),
    );
    await untilPhase('Bound', 'pvc', 'manual');
    assert.match(
      await cluster.kubectl('get', 'pv'),
      /^made +2Gi +RWO +Retain +Bound +default\/manual +manual +<unset>/m,
    );
    await cluster.apply(withClaim('user', 'manual', `echo mine > /data/file; ${untilTold()}`));
    await untilPhase('Running', 'pod', 'user');
    await cluster.kubectl('delete', 'pvc', 'manual', '--wait=false');
    assert.match(await cluster.kubectl('get', 'pvc', 'manual'), /^manual +Terminating +made/m);
    const running = await cluster.json<Pod>('get', 'pod', 'user');
    assert.equal(running.spec.nodeName, node);
    await cluster.kubectl('delete', 'pod', 'user');
    await untilPhase('Released', 'pv', 'made');
    assert.equal(await readFile(`${path}/file`, 'utf8'), 'mine\n');
    await cluster.kubectl('delete', 'pv', 'made');
    assert.ok(existsSync(path));
  });

  test('[STG73] a pod whose claim has no volume waits, and says so', async () => {
    await cluster.apply(claim('never', { storageClassName: '' }), withClaim('waiting', 'never', 'true'));
    const message = await eventually(async () => {
      const { status } = await cluster.json<Pod>('get', 'pod', 'waiting');
      return status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message;
    }, 'the pod says why');
    assert.equal(
      message,
      '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    );
    const told = await cluster.kubectl('describe', 'pvc', 'never');
    assert.match(told, /FailedBinding .*no persistent volumes available for this claim and no storage class is set/);
    await cluster.kubectl('delete', 'pod/waiting', 'pvc/never');
  });

  test('[STG75] each pod of a stateful set has a claim of its own, which the pod after it finds again', async () => {
    const mounted = shell(`touch /data/$HOSTNAME; ${untilTold()}`, {
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    });
    await cluster.apply({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'store' },
      spec: {
        replicas: 2,
        serviceName: 'store',
        selector: { matchLabels: { app: 'store' } },
        template: {
          metadata: { labels: { app: 'store' } },
          spec: { containers: [mounted], terminationGracePeriodSeconds: 5 },
        },
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: SPEC }],
      },
    });
    await cluster.kubectl('rollout', 'status', 'statefulset/store', '--timeout=60s');
    assert.deepEqual(await cluster.fields(['pvc', '-l', 'app=store'], '{.items[*].status.phase}'), ['Bound', 'Bound']);
    await cluster.kubectl('exec', 'store-1', '--', 'touch', '/data/before');
    await cluster.kubectl('delete', 'pod', 'store-1');
    await cluster.kubectl('rollout', 'status', 'statefulset/store', '--timeout=60s');
    assert.equal(await cluster.kubectl('exec', 'store-1', '--', 'ls', '/data'), 'before\nstore-1\n');
    await cluster.kubectl('delete', 'statefulset/store', 'pvc/data-store-0', 'pvc/data-store-1');
  });

  test('[STG76] a generic ephemeral volume is there as long as its pod', async () => {
    const containers = [shell('df /data', { volumeMounts: [{ name: 'scratch', mountPath: '/data' }] })];
    const volumes = [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: SPEC } } }];
    await cluster.apply(pod('brief', { restartPolicy: 'Never', containers, volumes }));
    await untilPhase('Succeeded', 'pod', 'brief');
    assert.equal(await phaseOf('pvc', 'brief-scratch'), 'Bound');
    await cluster.kubectl('delete', 'pod', 'brief');
    await eventually(
      async () =>
        (await cluster.fields(['pvc,pv'], '{.items[*].metadata.name}')).every((name) => !name.includes('brief')),
      'the claim is gone',
    );
  });

  test('[STG77] the example of storage keeps what its pods wrote', async () => {
    await cluster.kubectl('apply', '-f', 'examples/storage/');
    const lines = async (): Promise<string> => {
      await cluster.kubectl('rollout', 'status', 'deployment/diary', '--timeout=60s');
      return await eventually(
        async () => (await cluster.kubectl('logs', 'deployment/diary')) || undefined,
        'the pod has counted',
      );
    };
    assert.equal(await lines(), '1\n');
    await cluster.kubectl('delete', 'pod', '-l', 'app=diary');
    assert.equal(await lines(), '2\n');
    await cluster.kubectl('delete', '-f', 'examples/storage/');
  });

  test('[STG74] kubectl makes, shows, describes, applies twice and removes objects of the storage and networking kinds', async () => {
    const create = (name: string, ...args: readonly string[]): Promise<string> =>
      cluster.kubectl('create', 'ingress', name, ...args);
    await create('web', '--rule=example.com/path*=web:80,tls=secret', '--class=nginx');
    assert.match(await cluster.kubectl('get', 'ing', 'web'), /^web +nginx +example\.com +80, 443/m);
    assert.match(await cluster.kubectl('describe', 'ingress', 'web'), /example\.com\s+\/path +web:80/);
    const ingress = await cluster.json<Ingress>('get', 'ingress', 'web');
    assert.equal(ingress.spec.rules?.[0]?.http?.paths[0]?.pathType, 'Prefix');
    const others = [
      { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', spec: { controller: 'example.com/ingress' } },
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        spec: { podSelector: { matchLabels: { app: 'web' } }, ingress: [{ from: [{ podSelector: {} }] }] },
      },
      { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', provisioner: 'example.com/disk' },
      { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', spec: {} },
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'VolumeAttachment',
        spec: { attacher: 'example.com', nodeName: 'n1', source: { persistentVolumeName: 'pv1' } },
      },
    ].map((object) => ({ ...object, metadata: { name: 'tested' } }));
    await cluster.apply(...others);
    for (const { kind } of others) {
      const what = `${kind.toLowerCase()}/tested`;
      assert.match(await cluster.kubectl('describe', what), /^Name: +tested$/m);
      assert.match(await cluster.kubectl('get', what, '-o', 'wide'), /^tested /m);
      assert.match(await cluster.kubectl('annotate', what, 'note=yes'), /annotated$/m);
    }
    await cluster.apply(...others);
    await cluster.kubectl('delete', 'ingress/web', ...others.map(({ kind }) => `${kind.toLowerCase()}/tested`));
    assert.match(await cluster.kubectl('get', 'servicecidr'), /^kubernetes +10\.|^kubernetes +198\./m);
  });

  test('[STG52] the node tells where it keeps volumes', async () => {
    const { items } = await cluster.json<{ readonly items: readonly Node[] }>('get', 'nodes');
    const [directory] = items.map(({ metadata }) => metadata.annotations?.['tutti.dev/volumes-directory']);
    assert.equal(directory, `${cluster.dataDir}/node/volumes`);
  });
});
