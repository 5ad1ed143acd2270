import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CronJob } from '#api/batch/cron-job';
import { Job } from '#api/batch/job';
import { isFinished } from '#api/batch/job-state';
import { Event } from '#api/core/event';
import { ApiError } from '#api/errors';
import { formatTime } from '#api/meta/time';
import type { CronJobSpec } from '#api/types/batch-v1';
import { seededRandom } from '#base/seeded-random';
import type { Client } from '#client/client';
import { createEventRecorder } from '#client/event-recorder';
import { inProcessClient } from '#client/in-process';
import { createInformers } from '#client/informers';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import { runController } from '../framework/run-controller.ts';
import { cronJob } from './controller.ts';

const namespace = 'default';
const REF = { namespace, name: 'tick' };
const TEMPLATE = { spec: { restartPolicy: 'Never', containers: [{ name: 'work', image: 'busybox' }] } };
const MINUTE_MS = 60_000;

function run(cluster: TestCluster): void {
  cluster.run(async (signal) => {
    const events = createEventRecorder({ ...cluster, signal, component: 'cronjob-controller' });
    await runController(cronJob(), { ...cluster, signal, events });
  });
}

async function createCronJob({ client }: TestCluster, spec: Partial<CronJobSpec> = {}): Promise<CronJob> {
  const jobTemplate = { metadata: { labels: { app: 'tick' } }, spec: { template: TEMPLATE } };
  return await client.create(CronJob, { metadata: REF, spec: { schedule: '* * * * *', jobTemplate, ...spec } });
}

const jobsIn = async (client: Client): Promise<readonly Job[]> =>
  (await client.list(Job)).items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
const namesIn = async ({ client }: TestCluster) => (await jobsIn(client)).map(({ metadata }) => metadata.name);

async function complete({ client, world }: TestCluster, job: Job): Promise<void> {
  const now = formatTime(world.clock.now());
  const condition = { status: 'True', lastTransitionTime: now };
  const conditions = ['SuccessCriteriaMet', 'Complete'].map((type) => ({ type, ...condition }));
  const status = { startTime: now, completionTime: now, succeeded: 1, conditions };
  await client.update(Job, { ...job, status }, { subresource: 'status' });
}

test('[BAT61] a job is made each minute, from the template, with its moment in its name and in an annotation', async () => {
  await using cluster = await aCluster();
  run(cluster);
  const { metadata } = await createCronJob(cluster, { timeZone: 'Asia/Tokyo' });
  await cluster.world.advance(2 * MINUTE_MS + 1000);
  const jobs = await jobsIn(cluster.client);
  assert.deepEqual(
    jobs.map((job) => [job.metadata.name, job.metadata.labels, job.metadata.annotations]),
    [
      ['tick-29453761', '2026-01-01T09:01:00+09:00'],
      ['tick-29453762', '2026-01-01T09:02:00+09:00'],
    ].map(([name, moment]) => [name, { app: 'tick' }, { 'batch.kubernetes.io/cronjob-scheduled-timestamp': moment }]),
  );
  assert.equal(jobs[0]?.metadata.ownerReferences?.[0]?.uid, metadata.uid);
  const { status } = await cluster.client.get(CronJob, REF);
  assert.deepEqual(
    [status?.lastScheduleTime, status?.active?.map(({ kind, name }) => `${kind}/${name}`)],
    ['2026-01-01T00:02:00Z', ['Job/tick-29453761', 'Job/tick-29453762']],
  );
  const events = (await cluster.client.list(Event)).items.map(({ reason, message }) => `${reason} ${message}`);
  assert.deepEqual(events, [
    'SuccessfulCreate Created job tick-29453761',
    'SuccessfulCreate Created job tick-29453762',
  ]);
});

test('[BAT63] a running job is replaced when the next is due', async () => {
  await using cluster = await aCluster();
  run(cluster);
  await createCronJob(cluster, { concurrencyPolicy: 'Replace' });
  await cluster.world.advance(3 * MINUTE_MS + 1000);
  assert.deepEqual(await namesIn(cluster), ['tick-29453763']);
  const { status } = await cluster.client.get(CronJob, REF);
  assert.deepEqual(
    status?.active?.map(({ name }) => name),
    ['tick-29453763'],
  );
});

test('[BAT65] ended jobs beyond those that are kept are removed', async () => {
  await using cluster = await aCluster();
  run(cluster);
  await createCronJob(cluster, { successfulJobsHistoryLimit: 2 });
  await cluster.world.advance(1000);
  for (let minute = 0; minute < 5; minute++) {
    await cluster.world.advance(MINUTE_MS);
    for (const job of (await jobsIn(cluster.client)).filter((each) => !isFinished(each))) await complete(cluster, job);
  }
  await cluster.world.advance(1000);
  assert.deepEqual(await namesIn(cluster), ['tick-29453764', 'tick-29453765']);
  const { status } = await cluster.client.get(CronJob, REF);
  assert.deepEqual(status, {
    lastScheduleTime: '2026-01-01T00:05:00Z',
    lastSuccessfulTime: '2026-01-01T00:05:01Z',
  });
});

test('[BAT67] a schedule that has changed holds from now on', async () => {
  await using cluster = await aCluster();
  run(cluster);
  const { client, world } = cluster;
  await createCronJob(cluster, { schedule: '0 0 1 1 *' });
  await world.advance(10 * MINUTE_MS + 30_000);
  const patch = { type: 'application/merge-patch+json', document: { spec: { schedule: '* * * * *' } } } as const;
  await client.patch(CronJob, { ref: REF, patch });
  await world.advance(5000);
  assert.deepEqual(await namesIn(cluster), []);
  await world.advance(MINUTE_MS);
  assert.deepEqual(await namesIn(cluster), ['tick-29453771']);
});

for (const seed of [1, 2, 3, 4]) {
  test(`[BAT68] no moment gets two jobs, and none is forgotten, whatever requests fail, seed ${seed}`, async () => {
    await using cluster = await aCluster({ seed });
    const { world, logger, signal, handle } = cluster;
    const random = seededRandom(seed);
    const user = { name: 'controllers', groups: ['system:masters'] };
    const lost = (): ApiError => new ApiError('ServiceUnavailable', 'the connection was lost');
    const client = inProcessClient(async (request) => {
      const chance = random();
      if (chance < 0.15) throw lost();
      const result = await handle(request);
      if (chance < 0.3 && request.verb !== 'watch') throw lost();
      return result;
    }, user);
    run({ ...cluster, client, informers: createInformers({ client, world, logger, signal }) });
    await createCronJob(cluster, { successfulJobsHistoryLimit: 100 });
    for (let minute = 0; minute < 30; minute++) {
      await world.advance(MINUTE_MS);
      for (const job of (await jobsIn(cluster.client)).filter((each) => !isFinished(each)))
        await complete(cluster, job);
    }
    const names = await namesIn(cluster);
    const expected = Array.from({ length: 30 }, (_, index) => `tick-${29_453_761 + index}`);
    // The last minute's may be yet to come: its request failed.
    assert.deepEqual(names.slice(0, 29), expected.slice(0, 29));
  });
}
