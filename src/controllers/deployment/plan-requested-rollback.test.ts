import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment, ReplicaSet } from '#api/types/apps-v1';
import { aDeployment, aReplicaSet } from '#test/builders/workloads';
import { planRequestedRollback } from './plan-requested-rollback.ts';
import { REVISION } from './plan-revision.ts';

const KEY = 'deprecated.deployment.rollback.to';

const aSet = (image: string, revision: number, annotations: Readonly<Record<string, string>> = {}): ReplicaSet =>
  aReplicaSet({
    name: `web-${revision}`,
    image,
    meta: { annotations: { [REVISION]: String(revision), ...annotations } },
  });

const SETS = [aSet('nginx:1', 1, { cause: 'first' }), aSet('nginx:2', 2), aSet('nginx:3', 3)];

const asking = (revision: string, annotations: Readonly<Record<string, string>> = {}): Deployment => {
  const deployment = aDeployment({ image: 'nginx:3' });
  return { ...deployment, metadata: { ...deployment.metadata, annotations: { [KEY]: revision, ...annotations } } };
};

const imageOf = ({ spec }: Deployment): string | undefined => spec.template.spec.containers[0]?.image;

test('[CTL26] a deployment that asks for a revision gets its template and annotations, and asks no more', () => {
  const { next, event } = planRequestedRollback(asking('1', { cause: 'third', [REVISION]: '3' }), SETS) ?? {};
  assert.ok(next);
  assert.equal(imageOf(next), 'nginx:1');
  assert.equal('pod-template-hash' in (next.spec.template.metadata?.labels ?? {}), false);
  assert.deepEqual(next.metadata.annotations, { [REVISION]: '3', cause: 'first' });
  assert.deepEqual(event, {
    type: 'Normal',
    reason: 'DeploymentRollback',
    message: 'Rolled back deployment "web" to revision 1',
  });
});

test('[CTL26] zero asks for the revision before the present one', () => {
  const { next } = planRequestedRollback(asking('0'), SETS) ?? {};
  assert.ok(next);
  assert.equal(imageOf(next), 'nginx:2');
});

test('[CTL26] what cannot be done is told and forgotten', () => {
  const told = (revision: string, sets: readonly ReplicaSet[] = SETS): readonly unknown[] => {
    const { next, event } = planRequestedRollback(asking(revision), sets) ?? {};
    return [next && imageOf(next), next?.metadata.annotations, event?.reason, event?.message];
  };
  const missing = 'DeploymentRollbackRevisionNotFound';
  assert.deepEqual(told('7'), ['nginx:3', {}, missing, 'Unable to find the revision to rollback to.']);
  assert.deepEqual(told('0', SETS.slice(2)), ['nginx:3', {}, missing, 'Unable to find last revision.']);
  const same = 'The rollback revision contains the same template as current deployment "web"';
  assert.deepEqual(told('3'), ['nginx:3', {}, 'DeploymentRollbackTemplateUnchanged', same]);
});

test('[CTL26] a deployment that is paused, or whose sets are not in order yet, waits', () => {
  const paused = asking('1');
  assert.equal(planRequestedRollback({ ...paused, spec: { ...paused.spec, paused: true } }, SETS), undefined);
  assert.equal(planRequestedRollback(asking('1'), SETS.slice(0, 2)), undefined);
  assert.equal(planRequestedRollback(asking('1'), [...SETS, aSet('nginx:4', 4)]), undefined);
  assert.equal(planRequestedRollback(aDeployment({ image: 'nginx:3' }), SETS), undefined);
});
