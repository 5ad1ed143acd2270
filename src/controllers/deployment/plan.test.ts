import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { controllerReference } from '#api/meta/owner-reference';
import type { Deployment, ReplicaSet } from '#api/types/apps-v1';
import type { Pod } from '#api/types/core-v1';
import { aDeployment, aPod, aReplicaSet, aTemplate } from '#test/builders/workloads';
import { planDeployment, type DeploymentPlan } from './plan.ts';
import { REVISION, sizeAnnotations } from './plan-revision.ts';
import { boundsOf, totalReplicas, wantedReplicas } from './plan-size.ts';
import { currentSet, templateHash } from './plan-template.ts';

const rolling = (maxSurge: number | string, maxUnavailable: number | string) => ({
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
});

function aSetOf(deployment: Deployment, parts: Parameters<typeof aReplicaSet>[0], revision = 1): ReplicaSet {
  const annotations = { [REVISION]: String(revision), ...sizeAnnotations(deployment) };
  return aReplicaSet({ ...parts, meta: { annotations, ...parts?.meta } });
}

const sizes = ({ change }: DeploymentPlan): readonly (readonly [string, number])[] =>
  change.map(({ after }) => [after.metadata.name, wantedReplicas(after)] as const);

test('[CTL10] a new template gets a set named by its hash, with the revision after the highest', () => {
  const deployment = aDeployment({ image: 'nginx:2', spec: rolling(1, 0) });
  const old = aSetOf(deployment, { replicas: 3, status: { replicas: 3, availableReplicas: 3 } }, 4);
  const { create, change } = planDeployment({ deployment, sets: [old], pods: [] });
  const hash = templateHash(deployment.spec.template, 0);
  assert.deepEqual(change, []);
  assert.deepEqual(
    {
      name: create?.metadata.name,
      labels: create?.metadata.labels,
      annotations: create?.metadata.annotations,
      replicas: create?.spec.replicas,
      selector: create?.spec.selector.matchLabels,
      podLabels: create?.spec.template.metadata?.labels,
    },
    {
      name: `web-${hash}`,
      labels: { app: 'web', 'pod-template-hash': hash },
      annotations: {
        'deployment.kubernetes.io/revision': '5',
        'deployment.kubernetes.io/desired-replicas': '3',
        'deployment.kubernetes.io/max-replicas': '4',
      },
      replicas: 1,
      selector: { app: 'web', 'pod-template-hash': hash },
      podLabels: { app: 'web', 'pod-template-hash': hash },
    },
  );
});

test('[CTL11] a hash changes with the template and with collisions, not with the order of fields', () => {
  const template = aTemplate('nginx:1', { app: 'web', tier: 'a' });
  const reordered = { spec: template.spec, metadata: { labels: { tier: 'a', app: 'web' } } };
  assert.equal(templateHash(template, 0), templateHash(reordered, 0));
  assert.notEqual(templateHash(template, 0), templateHash(template, 1));
  assert.notEqual(templateHash(template, 0), templateHash(aTemplate('nginx:2'), 0));
});

test('[CTL12] percentages of surge round up, those of unavailability down, and both zero means one unavailable', () => {
  const bounds = (replicas: number, surge: string, unavailable: string) =>
    boundsOf(aDeployment({ spec: { replicas, ...rolling(surge, unavailable) } }));
  assert.deepEqual(bounds(10, '25%', '25%'), { maxSurge: 3, maxUnavailable: 2 });
  assert.deepEqual(bounds(3, '0%', '25%'), { maxSurge: 0, maxUnavailable: 1 });
  assert.deepEqual(bounds(2, '0%', '500%'), { maxSurge: 0, maxUnavailable: 2 });
});

test('[CTL13] pods of an old set that do not work go first, and do not count against availability', () => {
  const deployment = aDeployment({ image: 'nginx:2', spec: { replicas: 4, ...rolling(0, 1) } });
  const current = aSetOf(deployment, { name: 'web-new', image: 'nginx:2', replicas: 1 }, 2);
  const old = aSetOf(deployment, { replicas: 3, status: { availableReplicas: 1 } });
  assert.deepEqual(sizes(planDeployment({ deployment, sets: [old, current], pods: [] })), []);
  const ready = { ...current, status: { replicas: 1, availableReplicas: 1, observedGeneration: 1 } };
  assert.deepEqual(sizes(planDeployment({ deployment, sets: [old, ready], pods: [] })), [['web-abc', 2]]);
});

test('[CTL13b] of old sets those not ready go before those not yet available, whichever set they are of, and then those that work', () => {
  const deployment = aDeployment({ image: 'nginx:3', spec: { replicas: 3, ...rolling(1, 1) } });
  const current = aSetOf(deployment, { name: 'web-new', image: 'nginx:3', replicas: 0 }, 3);
  const oldest = (status: ReplicaSet['status']): ReplicaSet =>
    aSetOf(deployment, { replicas: 2, ...(status && { status }) });
  const failed = aSetOf(
    deployment,
    { name: 'web-failed', image: 'nginx:2', replicas: 2, meta: { creationTimestamp: '2026-01-02T00:00:00Z' } },
    2,
  );
  const taken = (...sets: readonly ReplicaSet[]) => sizes(planDeployment({ deployment, sets, pods: [] }));
  const serving = oldest({ replicas: 2, readyReplicas: 2, observedGeneration: 1 });
  assert.deepEqual(taken(serving, failed, current), [['web-failed', 0]]);
  // Alone they go as far as enough others are ready, so that a rollout never waits for pods that are ready and never available.
  const grown = {
    ...serving,
    spec: { ...serving.spec, replicas: 4 },
    status: { ...serving.status, replicas: 4, readyReplicas: 4 },
  };
  assert.deepEqual(taken(grown, current), [['web-abc', 2]]);
  const working = { ...grown, status: { ...grown.status, availableReplicas: 3 } };
  assert.deepEqual(taken(working, failed, current), [
    ['web-abc', 2],
    ['web-failed', 0],
  ]);
});

test('[CTL19] nothing is taken away while a set still speaks of an earlier size', () => {
  const deployment = aDeployment({ image: 'nginx:2', spec: { replicas: 4, ...rolling(0, 1) } });
  const current = aSetOf(deployment, { name: 'web-new', image: 'nginx:2', replicas: 2 }, 2);
  const old = aSetOf(deployment, { replicas: 2, status: { availableReplicas: 2 } });
  const behind = { ...current, status: { replicas: 2, availableReplicas: 2, observedGeneration: 0 } };
  assert.deepEqual(sizes(planDeployment({ deployment, sets: [old, behind], pods: [] })), []);
  const heard = { ...behind, status: { ...behind.status, observedGeneration: 1 } };
  assert.deepEqual(sizes(planDeployment({ deployment, sets: [old, heard], pods: [] })), [['web-abc', 1]]);
});

test('[CTL14] Recreate stops everything, waits until nothing runs, then starts the new version', () => {
  const deployment = aDeployment({ image: 'nginx:2', spec: { strategy: { type: 'Recreate' } } });
  const old = aSetOf(deployment, { replicas: 3 });
  assert.deepEqual(sizes(planDeployment({ deployment, sets: [old], pods: [] })), [['web-abc', 0]]);
  const stopped = { ...old, spec: { ...old.spec, replicas: 0 } };
  const ownerReferences = [controllerReference(old, { apiVersion: 'apps/v1', kind: 'ReplicaSet' })];
  const ending = aPod({ meta: { ownerReferences, deletionTimestamp: '2026-01-01T00:00:00Z' } });
  assert.equal(planDeployment({ deployment, sets: [stopped], pods: [ending] }).create, undefined);
  const ended: Pod = { ...ending, status: { phase: 'Succeeded' } };
  assert.equal(planDeployment({ deployment, sets: [stopped], pods: [ended] }).create?.spec.replicas, 3);
});

test('[CTL15] a paused deployment follows its size and makes no new set', () => {
  const before = aDeployment();
  const deployment = aDeployment({ image: 'nginx:2', spec: { paused: true, replicas: 5 } });
  const set = aSetOf(before, { replicas: 3 });
  const plan = planDeployment({ deployment, sets: [set], pods: [] });
  assert.deepEqual(
    { create: plan.create, sizes: sizes(plan), rollout: plan.rollout },
    { create: undefined, sizes: [['web-abc', 5]], rollout: false },
  );
});

test('[CTL16] a size changed during a rollout is shared by the sets in proportion', () => {
  const before = aDeployment({ spec: { replicas: 10, ...rolling(3, 2) } });
  const deployment = aDeployment({ image: 'nginx:2', spec: { replicas: 15, ...rolling(3, 2) } });
  const old = aSetOf(before, { replicas: 8 });
  const current = aSetOf(before, { name: 'web-new', image: 'nginx:2', replicas: 5 }, 2);
  const plan = planDeployment({ deployment, sets: [old, current], pods: [] });
  assert.deepEqual(sizes(plan), [
    ['web-abc', 11],
    ['web-new', 7],
  ]);
});

test('[CTL17] rolling back makes the old set the newest and keeps its former revision on record', () => {
  const deployment = aDeployment({ image: 'nginx:1' });
  const first = aSetOf(deployment, { replicas: 0, image: 'nginx:1' }, 1);
  const second = aSetOf(deployment, { name: 'web-new', image: 'nginx:2', replicas: 3 }, 2);
  const { change } = planDeployment({ deployment, sets: [first, second], pods: [] });
  const annotations = change[0]?.after.metadata.annotations;
  assert.equal(annotations?.[REVISION], '3');
  assert.equal(annotations['deployment.kubernetes.io/revision-history'], '1');
});

test('[CTL18] once complete, old sets beyond the history are removed, oldest revision first, unless they have pods', () => {
  const done = { updatedReplicas: 3, replicas: 3, availableReplicas: 3, observedGeneration: 1 };
  const deployment = aDeployment({ image: 'nginx:9', spec: { revisionHistoryLimit: 1 }, status: done });
  const olds = [3, 1, 2].map((revision) =>
    aSetOf(
      deployment,
      {
        name: `web-${revision}`,
        image: `nginx:${revision}`,
        replicas: 0,
        status: { replicas: revision === 1 ? 1 : 0 },
      },
      revision,
    ),
  );
  const current = aSetOf(
    deployment,
    { name: 'web-9', image: 'nginx:9', status: { replicas: 3, availableReplicas: 3 } },
    9,
  );
  const { remove } = planDeployment({ deployment, sets: [...olds, current], pods: [] });
  assert.deepEqual(
    remove.map(({ metadata }) => metadata.name),
    ['web-2'],
  );
});

// A cluster of replica sets that do what they are told sooner or later, with pods that become available or fail at will.
type Model = { readonly deployment: Deployment; readonly sets: readonly ReplicaSet[] };

function applied({ deployment, sets }: Model, plan: DeploymentPlan): Model {
  const changed = new Map(plan.change.map(({ after }) => [after.metadata.uid, after]));
  const removed = new Set(plan.remove);
  const kept = sets.filter((set) => !removed.has(set)).map((set) => changed.get(set.metadata.uid) ?? set);
  if (plan.create === undefined) return { deployment, sets: kept };
  const { name = '', annotations = {} } = plan.create.metadata;
  const created = aReplicaSet({ name, replicas: plan.create.spec.replicas ?? 1, meta: { annotations } });
  return { deployment, sets: [...kept, { ...created, spec: plan.create.spec }] };
}

/** The set's controller has made the pods it was told to, `ready` of them are ready, and `available` of those long enough. */
function observed(
  set: ReplicaSet,
  { ready, available }: { readonly ready: number; readonly available: number },
): ReplicaSet {
  const replicas = wantedReplicas(set);
  const readyReplicas = Math.min(ready, replicas);
  const availableReplicas = Math.min(available, readyReplicas);
  return { ...set, status: { replicas, readyReplicas, availableReplicas, observedGeneration: 1 } };
}

const available = (set: ReplicaSet): number => Math.min(set.status?.availableReplicas ?? 0, wantedReplicas(set));
const ready = (set: ReplicaSet): number => Math.min(set.status?.readyReplicas ?? 0, wantedReplicas(set));
const sum = (sets: readonly ReplicaSet[], count: (set: ReplicaSet) => number): number =>
  sets.reduce((total, set) => total + count(set), 0);

const bound = fc.oneof(
  fc.nat(5),
  fc.nat(100).map((percent) => `${percent}%`),
);
const rollout = fc.record({
  replicas: fc.nat(20),
  surge: bound,
  unavailable: bound,
  versions: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }),
  luck: fc.infiniteStream(fc.nat(20)),
});

test('[CTL19] a rollout never has more pods than replicas and surge, nor takes away pods below the least available or ready', () => {
  fc.assert(
    fc.property(rollout, ({ replicas, surge, unavailable, versions, luck }) => {
      const spec = { replicas, ...rolling(surge, unavailable) };
      let model: Model = { deployment: aDeployment({ image: 'start', spec }), sets: [] };
      const settle = (lucky: boolean): void => {
        for (let step = 0; step < 60; step++) {
          const plan = planDeployment({ ...model, pods: [] });
          const before = model.sets;
          model = applied(model, plan);
          const { maxSurge, maxUnavailable } = boundsOf(model.deployment);
          const total = totalReplicas(model.sets);
          assert.ok(total <= Math.max(replicas + maxSurge, totalReplicas(before)), `${total} pods`);
          for (const working of [available, ready]) {
            const floor = Math.min(replicas - maxUnavailable, sum(before, working));
            assert.ok(sum(model.sets, working) >= floor, 'takes away too many');
          }
          const seen = () => (lucky ? { ready: 1000, available: 1000 } : { ready: next(), available: next() });
          model = { ...model, sets: model.sets.map((set) => observed(set, seen())) };
        }
      };
      const next = (): number => luck.next().value ?? 0;
      for (const image of versions) {
        model = { ...model, deployment: aDeployment({ image, spec }) };
        settle(false);
      }
      settle(true);
      const current = currentSet(model.deployment, model.sets);
      assert.ok(current !== undefined && wantedReplicas(current) === replicas, 'the newest version has all replicas');
      assert.equal(totalReplicas(model.sets), replicas);
    }),
    { numRuns: 60 },
  );
});
