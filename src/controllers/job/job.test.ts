import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Job } from '#api/batch/job';
import { isFinished } from '#api/batch/job-state';
import { Event } from '#api/core/event';
import { Pod } from '#api/core/pod';
import { isActive, isTerminal } from '#api/core/pod-state';
import { ApiError, isApiError } from '#api/errors';
import type { ApiRequest, ApiResult } from '#api/request';
import type { JobSpec } from '#api/types/batch-v1';
import { seededRandom } from '#base/seeded-random';
import { createEventRecorder } from '#client/event-recorder';
import { inProcessClient } from '#client/in-process';
import { createInformers } from '#client/informers';
import { aCluster, type TestCluster } from '#test/builders/cluster';
import type { Controller } from '../framework/controller.ts';
import { runController } from '../framework/run-controller.ts';
import { job } from './controller.ts';
import { jobOrphans } from './orphans.ts';

const namespace = 'default';
const REF = { namespace, name: 'pi' };
const TEMPLATE = { spec: { restartPolicy: 'Never', containers: [{ name: 'work', image: 'busybox' }] } };
const FINALIZER = 'batch.kubernetes.io/job-tracking';

function run(cluster: TestCluster, controllers: readonly Controller[] = [job(), jobOrphans]): void {
  for (const controller of controllers)
    cluster.run(async (signal) => {
      const events = createEventRecorder({ ...cluster, signal, component: controller.name });
      await runController(controller, { ...cluster, signal, events });
    });
}

async function createJob({ client }: TestCluster, spec: Partial<JobSpec> = {}): Promise<Job> {
  return await client.create(Job, { metadata: REF, spec: { template: TEMPLATE, ...spec } });
}

const podsIn = async ({ client }: TestCluster): Promise<readonly Pod[]> => (await client.list(Pod)).items;

/** What an agent would say of a pod. */
async function end({ client }: TestCluster, pod: Pod, phase: string): Promise<void> {
  await client.update(Pod, { ...pod, status: { ...pod.status, phase } }, { subresource: 'status' });
}

async function endAll(cluster: TestCluster, phase: string): Promise<void> {
  for (const pod of (await podsIn(cluster)).filter(isActive)) await end(cluster, pod, phase);
  await cluster.world.advance(1000);
}

const statusOf = async ({ client }: TestCluster) => (await client.get(Job, REF)).status ?? {};

test('[BAT20] a job runs its pods one after the other, completes, and tells of it', async () => {
  await using cluster = await aCluster();
  run(cluster);
  await createJob(cluster, { completions: 2 });
  await cluster.world.advance(1000);
  assert.equal((await podsIn(cluster)).length, 1);
  await endAll(cluster, 'Succeeded');
  await endAll(cluster, 'Succeeded');
  const { active, succeeded, failed, terminating, ready, uncountedTerminatedPods, conditions } =
    await statusOf(cluster);
  assert.deepEqual(
    { active, succeeded, failed, terminating, ready, uncountedTerminatedPods },
    { active: undefined, succeeded: 2, failed: undefined, terminating: 0, ready: 0, uncountedTerminatedPods: {} },
  );
  assert.deepEqual(
    conditions?.map(({ type }) => type),
    ['SuccessCriteriaMet', 'Complete'],
  );
  const pods = await podsIn(cluster);
  assert.deepEqual(
    pods.map(({ metadata }) => metadata.finalizers),
    [undefined, undefined],
  );
  const events = (await cluster.client.list(Event)).items;
  assert.deepEqual(
    events.map(({ reason }) => reason),
    ['SuccessfulCreate', 'SuccessfulCreate', 'Completed'],
  );
  assert.equal(events[0]?.message, `Created pod: ${pods.map(({ metadata }) => metadata.name)[0]}`);
});

test('[BAT23] a failed pod is replaced after a while, and at the limit the job fails', async () => {
  await using cluster = await aCluster();
  run(cluster);
  await createJob(cluster, { backoffLimit: 1 });
  await cluster.world.advance(1000);
  await endAll(cluster, 'Failed');
  assert.equal((await podsIn(cluster)).length, 1);
  await cluster.world.advance(10_000);
  assert.equal((await podsIn(cluster)).length, 2);
  await endAll(cluster, 'Failed');
  const { failed, conditions } = await statusOf(cluster);
  assert.deepEqual(
    [failed, conditions?.map(({ type, reason }) => [type, reason])],
    [
      2,
      [
        ['FailureTarget', 'BackoffLimitExceeded'],
        ['Failed', 'BackoffLimitExceeded'],
      ],
    ],
  );
});

test('[BAT23] a job that is made anew under its name does not wait for the failures of the old one', async () => {
  await using cluster = await aCluster();
  run(cluster);
  await createJob(cluster);
  await cluster.world.advance(1000);
  await endAll(cluster, 'Failed');
  await cluster.client.delete(Job, REF, { propagationPolicy: 'Background' });
  await createJob(cluster);
  await cluster.world.advance(1000);
  assert.equal((await podsIn(cluster)).filter(isActive).length, 1);
});

test('[BAT24] when the time is up, what runs is stopped and counted as failed', async () => {
  await using cluster = await aCluster();
  run(cluster);
  await createJob(cluster, { activeDeadlineSeconds: 30, parallelism: 2, completions: 2 });
  await cluster.world.advance(31_000);
  const { failed, conditions } = await statusOf(cluster);
  assert.deepEqual([failed, conditions?.at(-1)?.reason], [2, 'DeadlineExceeded']);
  assert.deepEqual(await podsIn(cluster), []);
});

test('[BAT28] suspending a job removes its pods, which do not count as failed; resuming starts them again', async () => {
  await using cluster = await aCluster();
  run(cluster);
  const created = await createJob(cluster, { parallelism: 2, completions: 2 });
  await cluster.world.advance(1000);
  const suspend = async (value: boolean): Promise<void> => {
    const patch = { type: 'application/merge-patch+json', document: { spec: { suspend: value } } } as const;
    await cluster.client.patch(Job, { ref: REF, patch });
    await cluster.world.advance(1000);
  };
  await suspend(true);
  assert.deepEqual(await podsIn(cluster), []);
  const suspended = await statusOf(cluster);
  assert.deepEqual([suspended.failed, suspended.conditions?.map(({ status }) => status)], [undefined, ['True']]);
  await suspend(false);
  const resumed = await statusOf(cluster);
  assert.deepEqual([resumed.active, resumed.conditions?.map(({ status }) => status)], [2, ['False']]);
  assert.notEqual(resumed.startTime, created.metadata.creationTimestamp);
});

test('[BAT31] pods of a job that is gone, that ended, or that they never had are let go of', async () => {
  await using cluster = await aCluster();
  run(cluster);
  await createJob(cluster);
  await cluster.world.advance(1000);
  const [pod] = await podsIn(cluster);
  assert.deepEqual(pod?.metadata.finalizers, [FINALIZER]);
  await cluster.client.delete(Job, REF, { propagationPolicy: 'Background' });
  const metadata = { namespace, name: 'stray', finalizers: [FINALIZER] };
  await cluster.client.create(Pod, { metadata, spec: TEMPLATE.spec });
  await cluster.world.advance(1000);
  const finalizers = (await podsIn(cluster)).map((each) => each.metadata.finalizers);
  assert.deepEqual(finalizers, [undefined, undefined]);
});

test('[BAT32] a job takes orphans that it selects, holds them, and lets go of what it no longer selects', async () => {
  await using cluster = await aCluster();
  const labels = { app: 'pi' };
  const spec = {
    manualSelector: true,
    selector: { matchLabels: labels },
    template: { ...TEMPLATE, metadata: { labels } },
  };
  await cluster.client.create(Pod, { metadata: { namespace, name: 'orphan', labels }, spec: TEMPLATE.spec });
  run(cluster);
  const { metadata } = await createJob(cluster, spec);
  await cluster.world.advance(1000);
  const held = async () => {
    const [pod, ...others] = await podsIn(cluster);
    return [pod?.metadata.ownerReferences?.[0]?.uid, pod?.metadata.finalizers, others.length];
  };
  assert.deepEqual(await held(), [metadata.uid, [FINALIZER], 0]);
  const patch = { type: 'application/merge-patch+json', document: { metadata: { labels: { app: 'e' } } } } as const;
  await cluster.client.patch(Pod, { ref: { namespace, name: 'orphan' }, patch });
  await cluster.world.advance(1000);
  assert.deepEqual(await held(), [undefined, undefined, 1]);
});

test('[BAT33] a job that somebody else manages is left alone', async () => {
  await using cluster = await aCluster();
  run(cluster);
  await createJob(cluster, { managedBy: 'acme.io/queue' });
  await cluster.world.advance(5000);
  assert.deepEqual([await podsIn(cluster), await statusOf(cluster)], [[], {}]);
});

test('[BAT35] many pods that change together are seen to together', async () => {
  await using cluster = await aCluster();
  run(cluster);
  await createJob(cluster, { completions: 200, parallelism: 200 });
  await cluster.world.advance(1000);
  const before = cluster.requests.length;
  await endAll(cluster, 'Succeeded');
  await cluster.world.advance(1000);
  const writes = cluster.requests.slice(before).filter(({ plural, verb }) => plural === 'jobs' && verb === 'update');
  assert.equal((await statusOf(cluster)).conditions?.at(-1)?.type, 'Complete');
  assert.ok(writes.length <= 5, `${writes.length} writes for 200 pods`);
});

/** Requests that fail before they are done, and ones whose answer is lost after they were: the sender cannot tell which. */
function aFaultyLine({ handle }: TestCluster, random: () => number, faults: { share: number }) {
  const lost = (): ApiError => new ApiError('ServiceUnavailable', 'the connection was lost');
  return async (request: ApiRequest): Promise<ApiResult> => {
    const chance = random();
    if (chance < faults.share) throw lost();
    const result = await handle(request);
    if (chance < 2 * faults.share && request.verb !== 'watch') throw lost();
    return result;
  };
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`[BAT29] every pod is counted once, whatever requests fail and whoever else removes pods, seed ${seed}`, async () => {
    await using cluster = await aCluster({ seed });
    const { world, logger, signal, client } = cluster;
    const random = seededRandom(seed);
    const faults = { share: 0.15 };
    const user = { name: 'controllers', groups: ['system:masters'] };
    const faulty = inProcessClient(aFaultyLine(cluster, random, faults), user);
    const informers = createInformers({ client: faulty, world, logger, signal });
    run({ ...cluster, client: faulty, informers });
    const indexed = seed % 2 === 0;
    await createJob(cluster, {
      completions: 12,
      parallelism: 4,
      backoffLimit: 1000,
      ...(indexed ? { completionMode: 'Indexed' } : {}),
    });
    const ends = { succeeded: new Set<string>(), failed: new Set<string>() };
    for (let minute = 0; minute < 600 && !isFinished(await client.get(Job, REF)); minute++) {
      if (minute === 300) faults.share = 0;
      for (const pod of (await podsIn(cluster)).filter((each) => !isTerminal(each))) {
        const chance = random();
        try {
          if (chance < 0.3) await end(cluster, pod, 'Succeeded');
          else if (chance < 0.4) await end(cluster, pod, 'Failed');
          else if (chance < 0.45) await client.delete(Pod, { namespace, name: pod.metadata.name });
          if (chance < 0.3) ends.succeeded.add(pod.metadata.uid);
          else if (chance < 0.45) ends.failed.add(pod.metadata.uid);
        } catch (error) {
          if (!isApiError(error, 'Conflict', 'NotFound')) throw error;
        }
      }
      await world.advance(60_000);
    }
    await world.advance(3_600_000);
    const { succeeded = 0, failed = 0, conditions, completedIndexes } = await statusOf(cluster);
    const left = (await podsIn(cluster)).filter(({ metadata }) => metadata.finalizers !== undefined);
    assert.deepEqual([conditions?.at(-1)?.type, left], ['Complete', []]);
    assert.deepEqual([succeeded, failed], [indexed ? 12 : ends.succeeded.size, ends.failed.size]);
    if (indexed) assert.equal(completedIndexes, '0-11');
  });
}
