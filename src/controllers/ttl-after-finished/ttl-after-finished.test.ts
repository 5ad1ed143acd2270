import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Job } from '#api/batch/job';
import { isApiError } from '#api/errors';
import { createEventRecorder } from '#client/event-recorder';
import { aCluster } from '#test/builders/cluster';
import { aJob } from '#test/builders/jobs';
import { CREATED } from '#test/builders/workloads';
import { runController } from '../framework/run-controller.ts';
import { ttlAfterFinished } from './controller.ts';
import { planExpiry } from './plan.ts';

const START_MS = Date.parse(CREATED);
const ended = { conditions: [{ type: 'Failed', status: 'True', lastTransitionTime: CREATED }] };

test('[BAT80] a job is kept for its time after it ended, one without a time for ever', () => {
  const left = (job: Job): number | undefined => planExpiry(job, START_MS + 20_000);
  assert.equal(left(aJob({ ttlSecondsAfterFinished: 30 }, ended)), 10_000);
  assert.equal(left(aJob({ ttlSecondsAfterFinished: 5 }, ended)), 0);
  assert.equal(left(aJob({}, ended)), undefined);
  assert.equal(left(aJob({ ttlSecondsAfterFinished: 5 })), undefined);
  assert.equal(left(aJob({ ttlSecondsAfterFinished: 5 }, ended, { deletionTimestamp: CREATED })), undefined);
});

test('[BAT81] a job whose time is over is deleted after its pods, unless it was given more time', async () => {
  await using cluster = await aCluster();
  const { client, world } = cluster;
  cluster.run(async (signal) => {
    const events = createEventRecorder({ ...cluster, signal, component: 'ttl' });
    await runController(ttlAfterFinished, { ...cluster, signal, events });
  });
  const ref = { namespace: 'default', name: 'pi' };
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'work', image: 'busybox' }] } };
  const created = await client.create(Job, { metadata: ref, spec: { template, ttlSecondsAfterFinished: 30 } });
  const condition = { status: 'True', lastTransitionTime: CREATED };
  const conditions = ['FailureTarget', 'Failed'].map((type) => ({ type, ...condition }));
  await client.update(Job, { ...created, status: { startTime: CREATED, conditions } }, { subresource: 'status' });
  await world.advance(20_000);
  const more = { type: 'application/merge-patch+json', document: { spec: { ttlSecondsAfterFinished: 60 } } } as const;
  await client.patch(Job, { ref, patch: more });
  await world.advance(20_000);
  assert.equal((await client.get(Job, ref)).metadata.deletionTimestamp, undefined);
  await world.advance(20_000);
  const { metadata } = await client.get(Job, ref).catch((error: unknown) => {
    if (isApiError(error, 'NotFound')) return { metadata: { finalizers: [] } };
    throw error;
  });
  assert.deepEqual(metadata.finalizers, ['foregroundDeletion']);
});
