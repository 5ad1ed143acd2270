import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Node } from '#api/core/node';
import { PersistentVolume } from '#api/core/persistent-volume';
import { PROVISIONED_BY } from '#api/core/volume/annotations';
import { HOSTNAME_LABEL, LOCAL_PROVISIONER, VOLUMES_DIRECTORY } from '#api/core/volume/local-volumes';
import { anAgent } from '#test/builders/agent';
import { aCluster } from '#test/builders/cluster';
import { aMeta } from '#test/builders/workloads';
import { pathToRemove, runLocalVolumes } from './local-volumes.ts';

const directory = '/data/volumes';
const onNode = (name: string) => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: HOSTNAME_LABEL, operator: 'In', values: [name] }] }] },
});

type Parts = { readonly path?: string; readonly spec?: PersistentVolume['spec']; readonly provisioner?: string };

const aVolume = ({ path = `${directory}/pvc-1`, spec = {}, provisioner = LOCAL_PROVISIONER }: Parts = {}) =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: aMeta('pvc-1', { annotations: { [PROVISIONED_BY]: provisioner } }),
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      hostPath: { path },
      nodeAffinity: onNode('node-1'),
      persistentVolumeReclaimPolicy: 'Delete',
      ...spec,
    },
    status: { phase: 'Released' },
  }) satisfies PersistentVolume;

test('[STG52] only a released volume that was made on this node is removed, and only its own directory', () => {
  const path = (volume: PersistentVolume): string | undefined =>
    pathToRemove({ after: volume }, { nodeName: 'node-1', directory });
  assert.equal(path(aVolume()), '/data/volumes/pvc-1');
  const others: readonly PersistentVolume[] = [
    { ...aVolume(), status: { phase: 'Bound' } },
    aVolume({ provisioner: 'example.com/disk' }),
    aVolume({ spec: { persistentVolumeReclaimPolicy: 'Retain' } }),
    aVolume({ spec: { nodeAffinity: onNode('node-2') } }),
    aVolume({ path: '/data' }),
    aVolume({ path: '/data/volumes/pvc-2' }),
    aVolume({ path: '/data/volumes/../pvc-1' }),
  ];
  assert.deepEqual(
    others.map(path),
    others.map(() => undefined),
  );
});

test('[STG52] the directory of a volume whose claim is gone goes, and then the volume', async () => {
  await using cluster = await aCluster();
  const real = await mkdtemp(join(tmpdir(), 'tutti-local-'));
  try {
    await mkdir(join(real, 'pvc-1', 'deep'), { recursive: true });
    await mkdir(join(real, 'pvc-2'));
    cluster.run((signal) =>
      runLocalVolumes({ ...cluster, signal, nodeName: 'node-1', directory: real, storage: 'real' }),
    );
    const { metadata, spec, status } = aVolume({ path: join(real, 'pvc-1') });
    const { name, annotations = {} } = metadata;
    const made = await cluster.client.create(PersistentVolume, { metadata: { name, annotations }, spec });
    const unprotected = { ...made, metadata: { ...made.metadata, finalizers: [] } };
    const free = await cluster.client.update(PersistentVolume, unprotected);
    await cluster.client.update(PersistentVolume, { ...free, status }, { subresource: 'status' });
    // Files are removed in real time.
    for (let tries = 0; tries < 200 && (await cluster.client.list(PersistentVolume)).items.length > 0; tries++) {
      await cluster.world.settle();
      await pause(10);
    }
    assert.deepEqual((await cluster.client.list(PersistentVolume)).items, []);
    assert.deepEqual(await readdir(real), ['pvc-2']);
  } finally {
    await rm(real, { recursive: true });
  }
});

test('[STG52] a node tells where it keeps volumes', async () => {
  await using cluster = await aCluster();
  await anAgent(cluster, { dirs: { pods: '', logs: '', seccomp: '', volumes: directory } });
  const { metadata } = await cluster.client.get(Node, { name: 'node-1' });
  assert.equal(metadata.annotations?.[VOLUMES_DIRECTORY], directory);
});
