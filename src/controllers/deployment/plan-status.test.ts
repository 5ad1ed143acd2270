import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment, DeploymentStatus, ReplicaSet } from '#api/types/apps-v1';
import { aDeployment, aReplicaSet } from '#test/builders/workloads';
import { nextProgressCheckInMs, planDeploymentStatus, type StatusSnapshot } from './plan-status.ts';

const startMs = Date.parse('2026-01-01T00:00:00Z');

type Step = { readonly at: number; readonly set: ReplicaSet; readonly creation?: StatusSnapshot['creation'] };

const aSetWith = (replicas: number, available: number): ReplicaSet =>
  aReplicaSet({ status: { replicas, readyReplicas: available, availableReplicas: available } });

/** Plays steps, each on the status that the one before left. */
function play(deployment: Deployment, steps: readonly Step[]): readonly DeploymentStatus[] {
  let current = deployment;
  return steps.map(({ at, set, creation }) => {
    const nowMs = startMs + at * 1000;
    const status = planDeploymentStatus({ deployment: current, sets: [set], nowMs, rollout: true, creation });
    current = { ...current, status };
    return status;
  });
}

const progressing = ({ conditions }: DeploymentStatus): readonly (string | undefined)[] => {
  const found = conditions?.find(({ type }) => type === 'Progressing');
  return [found?.status, found?.reason, found?.message, found?.lastUpdateTime];
};

test('[CTL25] a rollout is told from its creation to its success', () => {
  const statuses = play(aDeployment(), [
    { at: 0, set: aSetWith(0, 0), creation: { name: 'web-abc' } },
    { at: 1, set: aSetWith(3, 0) },
    { at: 2, set: aSetWith(3, 2) },
    { at: 3, set: aSetWith(3, 3) },
    { at: 900, set: aSetWith(3, 2) },
  ]);
  assert.deepEqual(statuses.map(progressing), [
    ['True', 'NewReplicaSetCreated', 'Created new replica set "web-abc"', '2026-01-01T00:00:00Z'],
    ['True', 'ReplicaSetUpdated', 'ReplicaSet "web-abc" is progressing.', '2026-01-01T00:00:01Z'],
    ['True', 'ReplicaSetUpdated', 'ReplicaSet "web-abc" is progressing.', '2026-01-01T00:00:02Z'],
    ['True', 'NewReplicaSetAvailable', 'ReplicaSet "web-abc" has successfully progressed.', '2026-01-01T00:00:03Z'],
    ['True', 'NewReplicaSetAvailable', 'ReplicaSet "web-abc" has successfully progressed.', '2026-01-01T00:00:03Z'],
  ]);
  const available = statuses.map(({ conditions }) => conditions?.find(({ type }) => type === 'Available')?.reason);
  assert.deepEqual(available.slice(1), [
    'MinimumReplicasUnavailable',
    'MinimumReplicasUnavailable',
    'MinimumReplicasAvailable',
    'MinimumReplicasUnavailable',
  ]);
});

test('[CTL25] a rollout that makes no progress within its deadline is told to have timed out', () => {
  const deployment = aDeployment();
  const [created, , late] = play(deployment, [
    { at: 0, set: aSetWith(0, 0), creation: { name: 'web-abc' } },
    { at: 10, set: aSetWith(3, 0) },
    { at: 611, set: aSetWith(3, 0) },
  ]);
  assert.ok(created !== undefined && late !== undefined);
  assert.deepEqual(progressing(late).slice(0, 3), [
    'False',
    'ProgressDeadlineExceeded',
    'ReplicaSet "web-abc" has timed out progressing.',
  ]);
  assert.equal(nextProgressCheckInMs(deployment, created, startMs + 100_000), 501_000);
  assert.equal(nextProgressCheckInMs(deployment, late, startMs), undefined);
});

test('[CTL25] a revision that comes back has time of its own, however the one before it ended', () => {
  const former = aReplicaSet({ name: 'web-former', image: 'nginx:1', replicas: 0 });
  for (const reason of ['NewReplicaSetAvailable', 'ProgressDeadlineExceeded']) {
    const message = `ReplicaSet "web-abc" has ended.`;
    const lastUpdateTime = '2025-12-31T00:00:00Z';
    const condition = { type: 'Progressing', status: 'True', reason, message, lastUpdateTime };
    const deployment = aDeployment({ image: 'nginx:1', status: { updatedReplicas: 3, conditions: [condition] } });
    const [found, late] = play(deployment, [
      { at: 0, set: former },
      { at: 611, set: former },
    ]);
    assert.deepEqual(
      [found, late].map((status) => status && progressing(status)[1]),
      ['FoundNewReplicaSet', 'ProgressDeadlineExceeded'],
    );
  }
});

test('[CTL25] pausing and resuming stop the clock, a failing set tells its failure, an existing set is found', () => {
  const paused = planDeploymentStatus({
    deployment: aDeployment({ spec: { paused: true } }),
    sets: [aSetWith(3, 3)],
    nowMs: startMs,
    rollout: false,
  });
  assert.deepEqual(progressing(paused).slice(0, 3), ['Unknown', 'DeploymentPaused', 'Deployment is paused']);
  const resumed = play(aDeployment({ status: paused }), [{ at: 5, set: aSetWith(3, 2) }])[0];
  assert.equal(resumed && progressing(resumed)[1], 'DeploymentResumed');
  const [found] = play(aDeployment(), [{ at: 0, set: aSetWith(0, 0) }]);
  assert.deepEqual(found && progressing(found).slice(0, 3), [
    'True',
    'FoundNewReplicaSet',
    'Found new replica set "web-abc"',
  ]);
  const failure = {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message: 'quota',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };
  const [failed] = play(aDeployment(), [{ at: 0, set: aReplicaSet({ status: { conditions: [failure] } }) }]);
  assert.deepEqual(
    failed?.conditions?.find(({ type }) => type === 'ReplicaFailure'),
    { ...failure, lastUpdateTime: failure.lastTransitionTime },
  );
});
