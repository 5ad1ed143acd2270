/** What would help pods whose volumes keep them from every node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node } from '#api/core/node';
import { PersistentVolume } from '#api/core/persistent-volume';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { Pod } from '#api/core/pod';
import type { ApiObject } from '#api/object';
import { StorageClass } from '#api/storage/storage-class';
import { aCluster } from '#test/builders/cluster';
import { aNode } from '#test/builders/nodes';
import { aPod } from '#test/builders/workloads';
import { inTheirPlaces } from '../framework/in-their-places.ts';
import type { Plugin } from '../framework/plugin.ts';
import { defaultProfile } from '../plugins/default-profile.ts';
import { runScheduler } from '../scheduler.ts';
import { ClusterState } from '../snapshot/cluster-state.ts';
import { VolumeBinder, type VolumeBinderOptions } from '../volumes/volume-binder.ts';
import { PodExplainer, type SchedulingView } from './explainer.ts';
import { explainWaiting, type WaitingExplanation } from './explain-pod.ts';

/** A pod that claims `data`, among nodes in zones, with the scheduler's own knowledge of storage. */
function explainClaim(stored: readonly ApiObject[], nodes: readonly Node[]): WaitingExplanation {
  const get = <T>(kind: string, name: string): T | undefined =>
    stored.find((each) => each.kind === kind && each.metadata.name === name) as T | undefined;
  const state = new ClusterState({
    claim: (_namespace, name) => get('PersistentVolumeClaim', name),
    volume: (name) => get('PersistentVolume', name),
    storageClass: (name) => get('StorageClass', name),
    csiNode: () => undefined,
  });
  for (const node of nodes) state.setNode(node);
  const informers = {
    for: ({ kind }: { readonly kind: string }) => ({
      get: ({ name }: { readonly name: string }) => get(kind, name),
      list: () => stored.filter((each) => each.kind === kind),
    }),
  };
  const binder = new VolumeBinder({ informers } as unknown as VolumeBinderOptions);
  const spec = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };
  const pod = aPod({ spec, status: { phase: 'Pending' } });
  const plan = binder.plan(pod);
  assert.ok(plan);
  const { refused: because } = plan;
  const filter: Plugin =
    because === undefined
      ? binder.filter(plan)
      : { name: 'VolumeBinding', filter: () => ({ because, resolvable: false }) };
  const profile = { ...defaultProfile, filters: inTheirPlaces(defaultProfile.filters, [filter]) };
  return explainWaiting({ state, profile, pod, alike: [] });
}

const ZONE = 'topology.kubernetes.io/zone';
const HOSTNAME = 'kubernetes.io/hostname';
const stored = (kind: string, name: string, parts: object): ApiObject =>
  ({
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: 'default', annotations: {} },
    ...parts,
  }) as unknown as ApiObject;
const claimOf = (spec: object, annotations = {}): ApiObject =>
  stored('PersistentVolumeClaim', 'data', {
    metadata: { name: 'data', namespace: 'default', annotations },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } }, ...spec },
  });
const BOUND = { 'pv.kubernetes.io/bind-completed': 'yes' };
const inZone = (name: string, zone: string): Node => aNode({ name, labels: { [ZONE]: zone, [HOSTNAME]: name } });

test('[EXP14] where volumes can be used: the label that a node may lack, or a node that is there', () => {
  const affinity = { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values: ['a'] }] }] };
  const ofAffinity = stored('PersistentVolume', 'pv', { spec: { nodeAffinity: { required: affinity } } });
  const ofLabel = stored('PersistentVolume', 'pv', { metadata: { name: 'pv', labels: { [ZONE]: 'a' } }, spec: {} });
  for (const volume of [ofAffinity, ofLabel]) {
    const { changes } = explainClaim([claimOf({ volumeName: 'pv' }, BOUND), volume], [inZone('n1', 'b')]);
    assert.deepEqual(
      changes.map(({ text }) => text),
      [
        "label node n1 with topology.kubernetes.io/zone=a, if that is where it is: the pod's volumes can be used there only",
        'add 1 node labelled topology.kubernetes.io/zone=a',
      ],
    );
  }
  const here = { nodeSelectorTerms: [{ matchExpressions: [{ key: HOSTNAME, operator: 'In', values: ['gone'] }] }] };
  const lost = stored('PersistentVolume', 'pv', { spec: { nodeAffinity: { required: here } } });
  const { changes } = explainClaim([claimOf({ volumeName: 'pv' }, BOUND), lost], [inZone('n1', 'b')]);
  assert.deepEqual(changes, []);
});

test('[EXP14] a claim that finds no volume: one of its size and class, on a node that nothing else keeps the pod from', () => {
  const later = stored('StorageClass', 'later', {
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  const open = explainClaim([claimOf({ storageClassName: 'later' }), later], [inZone('n1', 'b')]);
  assert.deepEqual(
    open.changes.map(({ text, creates }) => [text, creates?.map(({ kind }) => kind)]),
    [
      [
        'create a persistent volume of 2Gi of storage class later that node n1 can use, for the claim data',
        ['PersistentVolume'],
      ],
    ],
  );
  const stuck = explainClaim([claimOf({ storageClassName: '' })], [inZone('n1', 'b')]);
  assert.deepEqual(
    stuck.changes.map(({ text }) => text),
    ['create a persistent volume of 2Gi, for the claim data'],
  );
});

test('[EXP14] a volume that may be made in some zones only: a node that is in one of them', () => {
  const made = stored('StorageClass', 'made', {
    provisioner: 'csi.example.com',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: ['a', 'c'] }] }],
  });
  const { changes } = explainClaim([claimOf({ storageClassName: 'made' }), made], [inZone('n1', 'b')]);
  assert.deepEqual(
    changes.map(({ text }) => text),
    [
      "label node n1 with topology.kubernetes.io/zone=a, if that is where it is: the pod's volumes can be used there only",
      'add 1 node labelled topology.kubernetes.io/zone=a',
    ],
  );
});

test('[EXP14] a driver that has too little storage left: a volume made by hand, or a node where there is more', () => {
  const made = stored('StorageClass', 'made', { provisioner: 'csi', volumeBindingMode: 'WaitForFirstConsumer' });
  const driver = stored('CSIDriver', 'csi', { spec: { storageCapacity: true } });
  const left = (zone: string, capacity: string): ApiObject =>
    stored('CSIStorageCapacity', `left-${zone}`, {
      storageClassName: 'made',
      nodeTopology: { matchLabels: { [ZONE]: zone } },
      capacity,
    });
  const cordoned = aNode({ name: 'n2', labels: { [ZONE]: 'b' }, spec: { unschedulable: true } });
  const { refusals, changes } = explainClaim(
    [claimOf({ storageClassName: 'made' }), made, driver, left('a', '1Gi'), left('b', '2Gi')],
    [inZone('n1', 'a'), cordoned],
  );
  assert.deepEqual(
    refusals.map(({ reason, examples }) => [reason, examples]),
    [
      ['node(s) did not have enough free storage', ['n1']],
      ['node(s) were unschedulable', ['n2']],
    ],
  );
  assert.deepEqual(
    changes.map(({ text }) => text),
    [
      'uncordon node n2',
      'create a persistent volume of 2Gi of storage class made that node n1 can use, for the claim data',
      'add 1 node like n2 (4 cpu, 8Gi memory)',
      'tolerate node.kubernetes.io/unschedulable in the pod',
    ],
  );
});

test('[EXP14] a volume that is created as it was told is the one that the claim gets', async () => {
  await using cluster = await aCluster();
  const { client, world } = cluster;
  let view: SchedulingView | undefined;
  cluster.run((signal) => runScheduler({ ...cluster, signal, onView: (each) => (view = each) }));
  await client.create(StorageClass, {
    metadata: { name: 'later' },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  const { metadata, spec, status } = inZone('n1', 'b');
  const node = await client.create(Node, { metadata: { name: metadata.name, labels: metadata.labels ?? {} }, spec });
  await client.update(Node, { ...node, ...(status && { status }) }, { subresource: 'status' });
  const resources = { requests: { storage: '2Gi' } };
  const selector = { matchLabels: { tier: 'fast' } };
  await client.create(PersistentVolumeClaim, {
    metadata: { name: 'data', namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources, storageClassName: 'later', selector },
  });
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  const pod = await client.create(Pod, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { containers: [{ name: 'main', image: 'i' }], volumes },
  });
  await world.settle();
  assert.ok(view);
  const { changes } = await new PodExplainer({ view, world }).explain(pod);
  const [edit] = changes[0]?.edits ?? [];
  assert.ok(edit?.create);
  const { metadata: made } = await client.create(PersistentVolume, edit.create as PersistentVolume);
  const volume = await client.get(PersistentVolume, made);
  await client.update(PersistentVolume, { ...volume, status: { phase: 'Available' } }, { subresource: 'status' });
  await world.advance(20_000);
  const { spec: kept } = await client.get(PersistentVolume, made);
  assert.equal(kept.claimRef?.name, 'data');
});
