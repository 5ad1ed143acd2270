import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Deployment, ReplicaSet } from '#api/types/apps-v1';
import { aDeployment, aReplicaSet } from '#test/builders/workloads';
import { planDeployment, type DeploymentPlan } from './plan.ts';
import { boundsOf, totalReplicas, wantedReplicas } from './plan-size.ts';
import { planDeploymentStatus } from './plan-status.ts';
import { currentSet } from './plan-template.ts';
import { fallbackFor, heldBack } from './rollback-notes.ts';

// Replica sets do what they are told; pods of images that begin with `bad` never work, those of others sooner or later.
type Model = { readonly deployment: Deployment; readonly sets: readonly ReplicaSet[]; readonly nowMs: number };

const STEP_MS = 20_000;
const DEADLINE_S = 60;
const imageOf = ({ spec }: ReplicaSet): string => spec.template.spec.containers[0]?.image ?? '';

function applied(sets: readonly ReplicaSet[], plan: DeploymentPlan): readonly ReplicaSet[] {
  const changed = new Map(plan.change.map(({ after }) => [after.metadata.uid, after]));
  const removed = new Set(plan.remove);
  const kept = sets.filter((set) => !removed.has(set)).map((set) => changed.get(set.metadata.uid) ?? set);
  if (plan.create === undefined) return kept;
  const { name = '', annotations = {} } = plan.create.metadata;
  const created = aReplicaSet({ name, replicas: plan.create.spec.replicas ?? 1, meta: { annotations } });
  return [...kept, { ...created, spec: plan.create.spec }];
}

function observed(set: ReplicaSet, luck: () => number): ReplicaSet {
  const replicas = wantedReplicas(set);
  const availableReplicas = imageOf(set).startsWith('bad') ? 0 : Math.min(replicas, luck());
  return { ...set, status: { replicas, readyReplicas: availableReplicas, availableReplicas, observedGeneration: 1 } };
}

function step({ deployment, sets, nowMs }: Model, luck: () => number): Model {
  const plan = planDeployment({ deployment, sets, pods: [], rollsBack: true });
  const next = applied(sets, plan);
  const known = new Set(sets.map(({ metadata }) => metadata.uid));
  const created = next.find(({ metadata }) => !known.has(metadata.uid));
  const status = planDeploymentStatus({
    deployment,
    sets: next,
    nowMs,
    rollout: plan.rollout,
    creation: created && { name: created.metadata.name },
  });
  return {
    deployment: { ...deployment, status },
    sets: next.map((set) => observed(set, luck)),
    nowMs: nowMs + STEP_MS,
  };
}

const working = (set: ReplicaSet): number => Math.min(set.status?.availableReplicas ?? 0, wantedReplicas(set));
const sum = (sets: readonly ReplicaSet[]): number => sets.reduce((total, set) => total + working(set), 0);

function assertBounds(before: Model, { deployment, sets }: Model): void {
  const replicas = wantedReplicas(deployment);
  const { maxSurge, maxUnavailable } = boundsOf(deployment);
  const total = totalReplicas(sets);
  assert.ok(total <= Math.max(replicas + maxSurge, totalReplicas(before.sets)), `${total} pods`);
  const sizes = new Map(sets.map((set) => [set.metadata.uid, wantedReplicas(set)]));
  const left = before.sets.reduce((all, set) => all + Math.min(working(set), sizes.get(set.metadata.uid) ?? 0), 0);
  assert.ok(left >= Math.min(replicas - maxUnavailable, sum(before.sets)), 'takes away too many');
}

function assertEnd({ deployment, sets }: Model): void {
  const current = currentSet(deployment, sets);
  assert.ok(current !== undefined);
  const others = sets.filter((set) => set !== current);
  const held = heldBack(current, others);
  const runs = held?.fallback ?? current;
  const told = deployment.status?.conditions?.some(({ type }) => type === 'RolledBack') ?? false;
  assert.equal(told, held !== undefined);
  if (held === undefined && imageOf(current).startsWith('bad')) {
    assert.equal(fallbackFor(current, others), undefined, 'a revision that works is passed over');
    return;
  }
  assert.deepEqual(
    [wantedReplicas(runs), totalReplicas(sets)],
    [wantedReplicas(deployment), wantedReplicas(deployment)],
  );
  assert.ok(!imageOf(runs).startsWith('bad'), 'what runs works');
}

const bound = fc.oneof(
  fc.nat(5),
  fc.nat(100).map((percent) => `${percent}%`),
);
const life = fc.record({
  replicas: fc.integer({ min: 1, max: 12 }),
  surge: bound,
  unavailable: bound,
  versions: fc.array(fc.constantFrom('good:a', 'good:b', 'bad:a', 'bad:b'), { minLength: 1, maxLength: 6 }),
  steps: fc.infiniteStream(fc.integer({ min: 1, max: 12 })),
  luck: fc.infiniteStream(fc.nat(12)),
});

test('[CTL90] whatever fails and in whatever order, a rollback keeps to the bounds of a rollout and ends with a revision that works', () => {
  fc.assert(
    fc.property(life, ({ replicas, surge, unavailable, versions, steps, luck }) => {
      const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } };
      const spec = { replicas, strategy, progressDeadlineSeconds: DEADLINE_S };
      let model: Model = { deployment: aDeployment({ image: 'good:start', spec }), sets: [], nowMs: 0 };
      const run = (count: number, chance: () => number): void => {
        for (let left = count; left > 0; left--) {
          const next = step(model, chance);
          assertBounds(model, next);
          model = next;
        }
      };
      for (const [index, image] of versions.entries()) {
        const { status } = model.deployment;
        const meta = { generation: index + 2 };
        model = { ...model, deployment: aDeployment({ image, spec, meta, ...(status && { status }) }) };
        run(steps.next().value ?? 1, () => luck.next().value ?? 0);
      }
      run(60, () => 1000);
      assertEnd(model);
    }),
    { numRuns: 150 },
  );
});
