import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StatefulSet, StatefulSetSpec, StatefulSetStatus } from '#api/types/apps-v1';
import type { PersistentVolumeClaim, Pod, PodStatus } from '#api/types/core-v1';
import type { ObjectMeta } from '#api/types/meta-v1';
import { aMeta, aPod, aTemplate, CREATED, readyStatus } from '#test/builders/workloads';
import { buildStatefulPod } from './build-pod.ts';
import { goesWithFormerPod, planClaimOwners, planUnused } from './plan-claims.ts';
import { claimsOf, ordinalOf, withIdentity } from './plan-identity.ts';
import { planReplicas } from './plan-replicas.ts';
import type { Revision, StatefulSnapshot } from './plan-snapshot.ts';
import { nextAvailableInMs, planStatefulSetStatus } from './plan-status.ts';

const NOW = '2026-01-01T01:00:00Z';
const OLD: Revision = { name: 'web-old', template: aTemplate('nginx:1') };
const NEW: Revision = { name: 'web-new', template: aTemplate('nginx:2') };
const ROLLING = { type: 'RollingUpdate', rollingUpdate: { partition: 0 } };

const aSet = (
  spec: Partial<StatefulSetSpec> = {},
  { status, meta = {} }: { readonly status?: StatefulSetStatus; readonly meta?: Partial<ObjectMeta> } = {},
): StatefulSet => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: aMeta('web', { generation: 2, ...meta }),
  spec: {
    replicas: 3,
    serviceName: 'front',
    selector: { matchLabels: { app: 'web' } },
    template: aTemplate('nginx:2'),
    updateStrategy: ROLLING,
    ...spec,
  },
  ...(status === undefined ? {} : { status }),
});

type PodParts = { readonly of?: Revision; readonly status?: PodStatus; readonly meta?: Partial<ObjectMeta> };
const SICK: PodParts = { status: { phase: 'Running' } };
const OUTDATED: PodParts = { of: OLD };
const ENDING: PodParts = { meta: { deletionTimestamp: NOW } };

const pod = (ordinal: number, { of = NEW, status = readyStatus(), meta = {} }: PodParts = {}): Pod =>
  aPod({
    name: `web-${ordinal}`,
    meta: { labels: { app: 'web', 'controller-revision-hash': of.name }, ...meta },
    status,
  });

const snapshot = (pods: readonly Pod[], set = aSet()): StatefulSnapshot => ({
  set,
  pods,
  current: OLD,
  update: NEW,
  nowMs: Date.parse(NOW),
});

/** `+2` is created, `-1` removed. */
function planned(pods: readonly Pod[], set = aSet()): string {
  const { create, remove } = planReplicas(snapshot(pods, set));
  const names = remove.map(({ metadata }) => metadata.name.replace('web', ''));
  return [...create.map(({ ordinal }) => `+${ordinal}`), ...names].join(' ');
}

const PARALLEL = aSet({ podManagementPolicy: 'Parallel' });

test('[WRK50] in order, a pod is created when all before it are well', () => {
  assert.equal(planned([]), '+0');
  assert.equal(planned([pod(0, SICK)]), '');
  assert.equal(planned([pod(0)]), '+1');
  assert.equal(planned([pod(0, ENDING), pod(1)]), '');
  assert.equal(planned([pod(1), pod(2)]), '+0');
  const slow = aSet({ minReadySeconds: 7200 });
  assert.equal(planned([pod(0)], slow), '');
  assert.equal(planned([pod(0), pod(1), pod(2)]), '');
});

test('[WRK51] in order, surplus pods go one by one from the highest, and only while all others are well', () => {
  const two = aSet({ replicas: 1 });
  assert.equal(planned([pod(0), pod(1), pod(2)], two), '-2');
  assert.equal(planned([pod(0), pod(1), pod(2, ENDING)], two), '');
  assert.equal(planned([pod(0, SICK), pod(1), pod(2)], two), '');
  assert.equal(planned([pod(0), pod(1, SICK), pod(2)], two), '-2');
  assert.equal(planned([pod(0), pod(1, SICK), pod(2, SICK)], two), '');
  assert.equal(planned([pod(0), pod(1), pod(2, SICK)], two), '-2');
});

test('[WRK52] in parallel, all are created and removed at once', () => {
  assert.equal(planned([], PARALLEL), '+0 +1 +2');
  assert.equal(planned([pod(0, SICK)], PARALLEL), '+1 +2');
  const one = aSet({ replicas: 1, podManagementPolicy: 'Parallel' });
  assert.equal(planned([pod(0, SICK), pod(1), pod(2)], one), '-2 -1');
});

test('[WRK53] ordinals start where the set says', () => {
  const set = aSet({ replicas: 2, ordinals: { start: 5 } });
  assert.equal(planned([], set), '+5');
  assert.equal(planned([pod(5)], set), '+6');
  assert.equal(planned([pod(5), pod(6), pod(0)], set), '-0');
});

test('[WRK54] a pod that has ended is replaced, whatever it ended with', () => {
  assert.equal(planned([pod(0, { status: { phase: 'Succeeded' } }), pod(1), pod(2)]), '-0');
  assert.equal(planned([pod(0), pod(1, { status: { phase: 'Failed' } }), pod(2)]), '-1');
  const ending = pod(0, { status: { phase: 'Failed' }, meta: { deletionTimestamp: NOW } });
  assert.equal(planned([ending, pod(1), pod(2)]), '');
});

test('[WRK55] an update goes from the highest ordinal down, one at a time', () => {
  const old = [pod(0, OUTDATED), pod(1, OUTDATED), pod(2, OUTDATED)];
  assert.equal(planned(old), '-2');
  assert.equal(planned([...old.slice(0, 2), pod(2)]), '-1');
  assert.equal(planned([...old.slice(0, 2), pod(2, SICK)]), '');
  assert.equal(planned([...old.slice(0, 2), pod(2, SICK)], PARALLEL), '');
  assert.equal(planned(old, aSet({ updateStrategy: { type: 'OnDelete' } })), '');
});

test('[WRK55] pods below the partition stay as they are, and come back as they were', () => {
  const set = aSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } });
  const old = [pod(0, OUTDATED), pod(1, OUTDATED), pod(2, OUTDATED)];
  assert.equal(planned(old, set), '-2');
  assert.equal(planned([...old.slice(0, 2), pod(2)], set), '');
  const revisionOf = (pods: readonly Pod[], of: StatefulSet): unknown =>
    planReplicas(snapshot(pods, of)).create.map(({ revision, template }) => [
      revision,
      template.spec.containers[0]?.image,
    ]);
  assert.deepEqual(revisionOf([pod(0, OUTDATED), pod(2)], set), [['web-old', 'nginx:1']]);
  assert.deepEqual(revisionOf([pod(0, OUTDATED), pod(1, OUTDATED)], set), [['web-new', 'nginx:2']]);
  const status = { replicas: 3, currentReplicas: 1 };
  const plain = aSet({ updateStrategy: { type: 'RollingUpdate' } }, { status });
  assert.deepEqual(revisionOf([], plain), [['web-old', 'nginx:1']]);
  assert.deepEqual(revisionOf([pod(0, OUTDATED)], plain), [['web-new', 'nginx:2']]);
});

test('[WRK56] as many as `maxUnavailable` are updated at once, those that are not well included', () => {
  const set = (maxUnavailable: number | string): StatefulSet =>
    aSet({
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable } },
    });
  const old = [pod(0, OUTDATED), pod(1, OUTDATED), pod(2, OUTDATED)];
  assert.equal(planned(old, set(2)), '-2 -1');
  assert.equal(planned(old, set('10%')), '-2');
  assert.equal(planned([...old.slice(0, 2), pod(2, SICK)], set(2)), '-1');
  assert.equal(planned([...old.slice(0, 2), pod(2, SICK)], set(1)), '');
});

test('[WRK57] a set that is being deleted leaves its pods alone', () => {
  const set = aSet({}, { meta: { deletionTimestamp: NOW } });
  assert.equal(planned([pod(0)], set), '');
});

test('[WRK58] the status counts pods by state and revision', () => {
  const pods = [pod(0), pod(1, OUTDATED), pod(2, { ...OUTDATED, ...SICK }), pod(3, { ...OUTDATED, ...ENDING })];
  assert.deepEqual(planStatefulSetStatus(snapshot(pods, aSet({ minReadySeconds: 10 }))), {
    observedGeneration: 2,
    replicas: 4,
    readyReplicas: 3,
    currentReplicas: 2,
    updatedReplicas: 1,
    currentRevision: 'web-old',
    updateRevision: 'web-new',
    collisionCount: 0,
    availableReplicas: 3,
  });
  const soon = { ...snapshot(pods, aSet({ minReadySeconds: 10 })), nowMs: Date.parse(CREATED) + 4000 };
  assert.equal(nextAvailableInMs(soon), 6000);
  assert.equal(planStatefulSetStatus(soon).availableReplicas, 0);
});

test('[WRK58] when all pods are ready and new, the update is complete', () => {
  const { currentRevision, currentReplicas } = planStatefulSetStatus(snapshot([pod(0), pod(1), pod(2)]));
  assert.deepEqual([currentRevision, currentReplicas], ['web-new', 3]);
});

const CLAIM: PersistentVolumeClaim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: aMeta('data', { labels: { tier: 'db' } }),
  spec: { accessModes: ['ReadWriteOnce'] },
};
const WITH_CLAIM = { volumeClaimTemplates: [CLAIM] };

test('[WRK59] a pod has its name, its host name, its ordinal and its own claims', () => {
  const template = { ...aTemplate(), spec: { ...aTemplate().spec, volumes: [{ name: 'data' }, { name: 'tmp' }] } };
  const built = buildStatefulPod(aSet(WITH_CLAIM), { ordinal: 4, revision: 'web-new', template });
  assert.equal(built.metadata.name, 'web-4');
  assert.equal(built.metadata.generateName, undefined);
  assert.deepEqual(built.metadata.labels, {
    app: 'web',
    'statefulset.kubernetes.io/pod-name': 'web-4',
    'apps.kubernetes.io/pod-index': '4',
    'controller-revision-hash': 'web-new',
  });
  assert.deepEqual([built.spec.hostname, built.spec.subdomain], ['web-4', 'front']);
  assert.deepEqual(built.spec.volumes, [
    { name: 'data', persistentVolumeClaim: { claimName: 'data-web-4' } },
    { name: 'tmp' },
  ]);
  assert.deepEqual(claimsOf(aSet(WITH_CLAIM), 4), [
    {
      metadata: { name: 'data-web-4', namespace: 'default', labels: { tier: 'db', app: 'web' } },
      spec: { accessModes: ['ReadWriteOnce'] },
    },
  ]);
});

test('[WRK59] an ordinal has one spelling, so that no two pods have one identity', () => {
  const ordinals = ['web-0', 'web-10', 'web-01', 'web-00', 'web-', 'web-x1', 'other-1'].map((name) =>
    ordinalOf(aSet(), aPod({ name })),
  );
  assert.deepEqual(ordinals, [0, 10, undefined, undefined, undefined, undefined, undefined]);
});

test('[WRK59] a pod is known by its name, and gets back the labels of its identity', () => {
  const named = (name: string): number | undefined => ordinalOf(aSet(), aPod({ name }));
  assert.deepEqual([named('web-0'), named('web-12'), named('web-a'), named('other-1')], [0, 12, undefined, undefined]);
  const adopted = withIdentity(pod(1), 1);
  assert.equal(adopted.metadata.labels?.['apps.kubernetes.io/pod-index'], '1');
  assert.equal(withIdentity(adopted, 1), adopted);
});

test('[WRK60] claims go with the set or with a pod that is scaled away, as the policy says', () => {
  const claim = { ...CLAIM, metadata: aMeta('data-web-1') };
  const owners = (whenDeleted: string, whenScaled: string, ordinal: number): readonly string[] => {
    const set = aSet({ persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled }, replicas: 1 });
    const { ownerReferences = [] } = planClaimOwners(set, pod(ordinal), claim).metadata;
    return ownerReferences.map(({ kind, name }) => `${kind}/${name}`);
  };
  assert.deepEqual([owners('Retain', 'Retain', 0), owners('Retain', 'Retain', 1)], [[], []]);
  assert.deepEqual(
    [owners('Delete', 'Retain', 0), owners('Delete', 'Retain', 1)],
    [['StatefulSet/web'], ['StatefulSet/web']],
  );
  assert.deepEqual([owners('Retain', 'Delete', 0), owners('Retain', 'Delete', 1)], [[], ['Pod/web-1']]);
  assert.deepEqual(
    [owners('Delete', 'Delete', 0), owners('Delete', 'Delete', 1)],
    [['StatefulSet/web'], ['Pod/web-1']],
  );
  const set = aSet({ persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' } });
  const kept = planClaimOwners(set, pod(1), claim);
  assert.equal(planClaimOwners(set, pod(1), kept), kept);
  assert.equal(planClaimOwners(aSet(), pod(1), kept).metadata.ownerReferences, undefined);
  assert.equal(goesWithFormerPod(kept, 'web-1'), false);
});

test('[WRK60b] a claim made for a pod that never was goes when that is scaled away, if it is as it was made', () => {
  const made = (whenScaled: string) =>
    aSet({ persistentVolumeClaimRetentionPolicy: { whenScaled }, replicas: 1, volumeClaimTemplates: [CLAIM] });
  const set = made('Delete');
  const claim = (ordinal: number, spec: object = {}, labels = claimsOf(set, ordinal)[0]?.metadata.labels ?? {}) => ({
    ...CLAIM,
    metadata: aMeta(`data-web-${ordinal}`, { labels }),
    spec: { ...CLAIM.spec, volumeMode: 'Filesystem', storageClassName: 'local', ...spec },
  });
  const gone = (each: PersistentVolumeClaim, of = set): boolean =>
    planUnused(
      of,
      () => [each],
      (ordinal) => ordinal === 5,
    ).length === 1;
  assert.deepEqual(
    [gone(claim(1)), gone(claim(7)), gone({ ...claim(1), metadata: aMeta('other-web-1') })],
    [true, true, false],
  );
  assert.deepEqual([gone(claim(0)), gone(claim(5)), gone(claim(1), made('Retain'))], [false, false, false]);
  // Something may be in it, or somebody has prepared it.
  assert.deepEqual(
    [gone(claim(1, { volumeName: 'v' })), gone(claim(1, { dataSource: { kind: 'VolumeSnapshot', name: 's' } }))],
    [false, false],
  );
  assert.deepEqual(
    [gone(claim(1, {}, { app: 'mine' })), gone(claim(1, { resources: { requests: { storage: '9Gi' } } }))],
    [false, false],
  );
});

const state = fc.constantFrom<PodParts | undefined>(
  undefined,
  {},
  SICK,
  OUTDATED,
  { ...OUTDATED, ...SICK },
  ENDING,
  { status: { phase: 'Failed' } },
  { status: { phase: 'Pending' } },
);
const situation = fc.record({
  states: fc.array(state, { maxLength: 7 }),
  replicas: fc.nat(5),
  partition: fc.nat(5),
  start: fc.nat(2),
});

test('[WRK50] in order, whatever the pods are like, one thing happens at a time and no pod is taken from a set that ails', () => {
  fc.assert(
    fc.property(situation, ({ states, replicas, partition, start }) => {
      const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition } };
      const set = aSet({ replicas, ordinals: { start }, updateStrategy });
      const present = states.flatMap((parts, ordinal) => (parts === undefined ? [] : [pod(ordinal, parts)]));
      const { create, remove } = planReplicas(snapshot(present, set));
      assert.ok(create.length + remove.length <= 1);
      const [created] = create;
      if (created !== undefined) {
        assert.ok(created.ordinal >= start && created.ordinal < start + replicas);
        assert.equal(states[created.ordinal], undefined);
      }
      const [removed] = remove;
      if (removed === undefined || removed.status?.phase === 'Failed') return;
      // A working pod goes only when all that are to be, up to it, are there and well.
      const ordinal = ordinalOf(set, removed) ?? -1;
      const wanted = Array.from({ length: replicas }, (_, index) => start + index).filter((each) => each !== ordinal);
      const isThere = (each: number): boolean => states[each] !== undefined && states[each] !== ENDING;
      assert.ok(wanted.every(isThere));
    }),
    { seed: 1, numRuns: 2000 },
  );
});
