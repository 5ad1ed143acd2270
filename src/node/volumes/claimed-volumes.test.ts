import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Node } from '#api/core/node';
import { PersistentVolume } from '#api/core/persistent-volume';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { PROVISIONED_BY } from '#api/core/volume/annotations';
import { HOSTNAME_LABEL, LOCAL_PROVISIONER } from '#api/core/volume/local-volumes';
import type { ClaimedVolumes } from '../pods/agent-context.ts';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { aBoundPod } from '#test/builders/pod-on-node';
import { claimedVolumes } from './claimed-volumes.ts';

type Mounting = AsyncDisposable & {
  readonly cluster: TestCluster;
  readonly directory: string;
  readonly claimed: ClaimedVolumes;
  /** A claim, bound to a volume of this kind. */
  bound(name: string, spec: PersistentVolume['spec'], annotations?: Readonly<Record<string, string>>): Promise<void>;
};

const signal = new AbortController().signal;
const pod = aBoundPod();

async function aMounting(): Promise<Mounting> {
  const cluster = await aCluster();
  const { client } = cluster;
  const directory = await mkdtemp(join(tmpdir(), 'tutti-claims-'));
  await client.create(Node, { metadata: { name: 'node-1', labels: { [HOSTNAME_LABEL]: 'node-1' } }, spec: {} });
  const namespace = pod.metadata.namespace ?? '';
  return {
    cluster,
    directory,
    claimed: claimedVolumes({ client, nodeName: 'node-1', signal }),
    async bound(name, spec, annotations = {}) {
      const usual = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, volumeName: name };
      const claim = await client.create(PersistentVolumeClaim, { metadata: { namespace, name }, spec: usual });
      const claimRef = { namespace, name, uid: claim.metadata.uid };
      await client.create(PersistentVolume, {
        metadata: { name, annotations },
        spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, claimRef, ...spec },
      });
      const status = { ...claim.status, phase: 'Bound' };
      await client.update(PersistentVolumeClaim, { ...claim, status }, { subresource: 'status' });
    },
    async [Symbol.asyncDispose]() {
      await rm(directory, { recursive: true });
      await cluster[Symbol.asyncDispose]();
    },
  };
}

test('[STG50] the directory of a volume that the cluster made is there and open to everybody', async () => {
  await using mounting = await aMounting();
  const path = join(mounting.directory, 'volumes', 'pvc-1');
  await mounting.bound('pvc-1', { hostPath: { path } }, { [PROVISIONED_BY]: LOCAL_PROVISIONER });
  await mounting.claimed.setUp(pod, 'pvc-1', signal);
  assert.equal(await mounting.claimed.pathOf(pod, 'pvc-1'), path);
  assert.equal((await stat(path)).mode & 0o777, 0o777);
});

test('[STG50] a host path and a local path are mounted as they are', async () => {
  await using mounting = await aMounting();
  const path = join(mounting.directory, 'made');
  await mounting.bound('host', { hostPath: { path, type: 'DirectoryOrCreate' } });
  const terms = [{ matchExpressions: [{ key: HOSTNAME_LABEL, operator: 'In', values: ['node-1'] }] }];
  const nodeAffinity = { required: { nodeSelectorTerms: terms } };
  await mounting.bound('disk', { local: { path: mounting.directory }, nodeAffinity });
  // Nobody has set them up: the agent was started anew.
  assert.equal(await mounting.claimed.pathOf(pod, 'host'), path);
  assert.equal(await mounting.claimed.pathOf(pod, 'disk'), mounting.directory);
});

test('[STG51] what is missing of a claim is told', async () => {
  await using mounting = await aMounting();
  const { client } = mounting.cluster;
  const namespace = pod.metadata.namespace ?? '';
  const about = (name: string): string => `error processing PVC ${namespace}/${name}`;
  const refusal = async (name: string): Promise<string> =>
    await mounting.claimed.setUp(pod, name, signal).then(
      () => '',
      (error: unknown) => (error as Error).message,
    );
  assert.equal(
    await refusal('none'),
    `${about('none')}: failed to fetch PVC from API server: persistentvolumeclaims "none" not found`,
  );
  const usual = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  await client.create(PersistentVolumeClaim, { metadata: { namespace, name: 'free' }, spec: usual });
  assert.equal(await refusal('free'), `${about('free')}: PVC is not bound`);
  await mounting.bound('net', { nfs: { server: 'files', path: '/' } });
  assert.equal(await refusal('net'), 'persistent volumes other than hostPath and local are not supported by this node');
  const terms = [{ matchExpressions: [{ key: HOSTNAME_LABEL, operator: 'In', values: ['node-2'] }] }];
  await mounting.bound('away', {
    local: { path: '/disk' },
    nodeAffinity: { required: { nodeSelectorTerms: terms } },
  });
  assert.equal(
    await refusal('away'),
    'MountVolume.NodeAffinity check failed for volume "away" : no matching NodeSelectorTerms',
  );
});
