/** Work that ends, on real containers: jobs of all kinds and cron jobs, made and watched with real kubectl. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { CronJob, Job } from '#api/types/batch-v1';
import { eventually, TestCluster } from './cluster.ts';

const IMAGE = 'busybox:1.36';
const IMAGES = ['docker.io/library/busybox:latest'];
// A cron job has no shorter time than a minute.
const TICKS_WITHIN_MS = 90_000;

const aJob = (name: string, script: string, spec: Partial<Job['spec']> = {}): object => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name },
  spec: {
    ...spec,
    template: {
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'work', image: IMAGE, command: ['sh', '-c', script] }],
      },
    },
  },
});

describe('jobs and cron jobs', { timeout: 400_000 }, () => {
  let cluster: TestCluster;

  before(async () => {
    cluster = await TestCluster.start({ images: IMAGES });
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  const kubectl = (...args: readonly string[]): Promise<string> => cluster.kubectl(...args);
  const job = (name: string): Promise<Job> => cluster.json<Job>('get', 'job', name);
  const waitFor = (condition: string, name: string): Promise<string> =>
    kubectl('wait', `--for=condition=${condition}`, `job/${name}`, '--timeout=90s');
  const podsOf = (name: string): Promise<readonly string[]> =>
    cluster.fields(['pods', '-l', `batch.kubernetes.io/job-name=${name}`], '{.items[*].metadata.name}');

  test('[BAT90] a job is created, completes and shows its output, and its pods go with it', async () => {
    assert.equal(
      await kubectl('create', 'job', 'hello', `--image=${IMAGE}`, '--', 'echo', 'hello'),
      'job.batch/hello created\n',
    );
    assert.equal(await waitFor('complete', 'hello'), 'job.batch/hello condition met\n');
    assert.equal(await kubectl('logs', 'job/hello'), 'hello\n');
    assert.match(
      await kubectl('get', 'jobs', '-o', 'wide'),
      /^NAME +STATUS +COMPLETIONS +DURATION +AGE +CONTAINERS +IMAGES +SELECTOR\nhello +Complete +1\/1 +\d+s +\d+s +hello +busybox:1.36 +batch.kubernetes.io\/controller-uid=\S+\n$/,
    );
    assert.match(
      await kubectl('describe', 'job', 'hello'),
      /Normal +SuccessfulCreate .*Created pod: hello-\w+\n.*Normal +Completed .*Job completed/s,
    );
    const [pod] = await podsOf('hello');
    assert.match(pod ?? '', /^hello-\w{5}$/);
    await kubectl('delete', 'job', 'hello');
    await eventually(async () => (await podsOf('hello')).length === 0, 'the pod to go with its job');
  });

  test('[BAT91] the pods of an indexed job know their indexes', async () => {
    const script = 'echo $JOB_COMPLETION_INDEX on $(hostname)';
    await cluster.apply(aJob('indexed', script, { completionMode: 'Indexed', completions: 3, parallelism: 2 }));
    await waitFor('complete', 'indexed');
    const { status } = await job('indexed');
    assert.deepEqual([status?.completedIndexes, status?.succeeded], ['0-2', 3]);
    const output = await kubectl('logs', '-l', 'batch.kubernetes.io/job-name=indexed', '--tail=-1');
    assert.deepEqual(output.trim().split('\n').toSorted(), ['0 on indexed-0', '1 on indexed-1', '2 on indexed-2']);
  });

  test('[BAT92] a failing job is tried again after a while, then fails and says why', async () => {
    await cluster.apply(aJob('failing', 'exit 3', { backoffLimit: 1 }));
    await waitFor('failed', 'failing');
    const { status } = await job('failing');
    assert.equal(status?.failed, 2);
    assert.deepEqual(
      status?.conditions?.map(({ type, reason, message }) => [type, reason, message]),
      ['FailureTarget', 'Failed'].map((type) => [
        type,
        'BackoffLimitExceeded',
        'Job has reached the specified backoff limit',
      ]),
    );
    assert.equal((await podsOf('failing')).length, 2);
    assert.match(await kubectl('get', 'job', 'failing'), /^failing +Failed +0\/1 /m);
  });

  test('[BAT92] a job that takes too long is stopped', async () => {
    await cluster.apply(aJob('slow', 'sleep 1000', { activeDeadlineSeconds: 3 }));
    await waitFor('failed', 'slow');
    const { status } = await job('slow');
    assert.deepEqual([status?.failed, status?.conditions?.at(-1)?.reason], [1, 'DeadlineExceeded']);
    await eventually(async () => (await podsOf('slow')).length === 0, 'the pod to be stopped');
  });

  test('[BAT92] an exit code that the failure policy forbids fails the job at once', async () => {
    const onExitCodes = { operator: 'In', values: [42] };
    await cluster.apply(
      aJob('strict', 'exit 42', { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes }] } }),
    );
    await waitFor('failed', 'strict');
    const condition = (await job('strict')).status?.conditions?.at(-1);
    assert.equal(condition?.reason, 'PodFailurePolicy');
    assert.match(
      condition?.message ?? '',
      /^Container work for pod default\/strict-\w+ failed with exit code 42 matching FailJob rule at index 0$/,
    );
  });

  test('[BAT92] containers that fail and are started again in place get a job done too', async () => {
    // The first run of each pod's container leaves a mark and fails.
    const script = 'test -e /marks/seen && exit 0; touch /marks/seen; exit 1';
    const volumes = [{ name: 'marks', emptyDir: {} }];
    const volumeMounts = [{ name: 'marks', mountPath: '/marks' }];
    const containers = [{ name: 'work', image: IMAGE, command: ['sh', '-c', script], volumeMounts }];
    const template = { spec: { restartPolicy: 'OnFailure', containers, volumes } };
    const metadata = { name: 'stubborn' };
    const spec = { completions: 2, parallelism: 2, template };
    await cluster.apply({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec });
    await waitFor('complete', 'stubborn');
    const { status } = await job('stubborn');
    assert.deepEqual([status?.succeeded, status?.failed], [2, undefined]);
  });

  test('[BAT96] a disruption that the failure policy ignores costs no retry', async () => {
    const rules = [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }];
    await cluster.apply(aJob('robust', 'sleep 1000', { backoffLimit: 0, podFailurePolicy: { rules } }));
    await eventually(async () => (await job('robust')).status?.ready === 1, 'the pod to run');
    const [first] = await podsOf('robust');
    const [node = ''] = await cluster.fields(['nodes'], '{.items[0].metadata.name}');
    const selector = '--pod-selector=batch.kubernetes.io/job-name=robust';
    await kubectl('drain', node, selector, '--ignore-daemonsets', '--timeout=60s');
    await kubectl('uncordon', node);
    await eventually(async () => {
      const [pod] = await podsOf('robust');
      return pod !== undefined && pod !== first && (await job('robust')).status?.ready === 1;
    }, 'another pod to run');
    const { status } = await job('robust');
    assert.deepEqual([status?.failed, status?.conditions], [undefined, undefined]);
    await kubectl('delete', 'job', 'robust');
  });

  test('[BAT96] a job takes back a pod that lost its owner, and lets go of one that is relabelled', async () => {
    await cluster.apply(aJob('owner', 'sleep 1000', { parallelism: 2, completions: 2 }));
    await eventually(async () => (await job('owner')).status?.ready === 2, 'two pods to run');
    const [orphan = '', stray = ''] = await podsOf('owner');
    const ownerOf = (pod: string): Promise<readonly string[]> =>
      cluster.fields(['pod', pod], '{.metadata.ownerReferences[*].name}');
    await kubectl('patch', 'pod', orphan, '--type=json', '-p', '[{"op":"remove","path":"/metadata/ownerReferences"}]');
    await eventually(async () => (await ownerOf(orphan))[0] === 'owner', 'the pod to be adopted');
    await kubectl('label', 'pod', stray, 'batch.kubernetes.io/controller-uid-');
    await eventually(async () => (await ownerOf(stray)).length === 0, 'the pod to be released');
    await kubectl('delete', 'job/owner', `pod/${stray}`);
  });

  test('[BAT93] suspending a running job stops its pods, resuming starts them again', async () => {
    await cluster.apply(aJob('paused', 'sleep 1000', { parallelism: 2, completions: 2 }));
    await eventually(async () => (await job('paused')).status?.ready === 2, 'two pods to run');
    await kubectl('patch', 'job', 'paused', '-p', '{"spec":{"suspend":true}}');
    await waitFor('suspended', 'paused');
    await eventually(async () => (await podsOf('paused')).length === 0, 'the pods to stop');
    assert.match(await kubectl('get', 'job', 'paused'), /^paused +Suspended +0\/2 /m);
    await kubectl('patch', 'job', 'paused', '-p', '{"spec":{"suspend":false}}');
    await eventually(async () => (await job('paused')).status?.ready === 2, 'two pods to run again');
    assert.equal((await job('paused')).status?.failed, undefined);
    await kubectl('delete', 'job', 'paused');
  });

  test('[BAT97] a job made suspended is labelled, started, listed and deleted by its label', async () => {
    await cluster.apply(aJob('planned', 'echo done', { suspend: true, completions: 2, parallelism: 2 }));
    await waitFor('suspended', 'planned');
    assert.deepEqual(await podsOf('planned'), []);
    await kubectl('label', 'job', 'planned', 'stage=one');
    await kubectl('annotate', 'job', 'planned', 'note=updated');
    await kubectl('patch', 'job', 'planned', '--type=merge', '-p', '{"spec":{"suspend":false}}');
    await waitFor('complete', 'planned');
    const [listed, ...others] = await cluster.fields(['jobs', '-l', 'stage=one'], '{.items[*].metadata.name}');
    assert.deepEqual([listed, others], ['planned', []]);
    assert.equal((await job('planned')).metadata.annotations?.['note'], 'updated');
    assert.equal(await kubectl('delete', 'jobs', '-l', 'stage=one'), 'job.batch "planned" deleted\n');
    await eventually(async () => (await podsOf('planned')).length === 0, 'the pods to go with it');
  });

  test('[BAT98] the examples run as they are', async () => {
    await kubectl('apply', '-f', 'examples/batch/');
    await waitFor('complete', 'report');
    assert.equal((await job('report')).status?.completedIndexes, '0-3');
    const output = await kubectl('logs', '-l', 'app=report', '--tail=-1');
    assert.deepEqual(
      output.trim().split('\n').toSorted(),
      [0, 1, 2, 3].map((part) => `part ${part} of the report, written on report-${part}`),
    );
    await kubectl('create', 'job', '--from=cronjob/clean-up', 'clean-up-now');
    await waitFor('complete', 'clean-up-now');
    assert.match(await kubectl('get', 'cronjob', 'clean-up'), /^clean-up +15 2 \* \* \* +Europe\/Berlin +False /m);
    assert.match(
      await kubectl('apply', '-f', 'examples/batch/'),
      /^cronjob.batch\/clean-up unchanged\njob.batch\/report unchanged\n$/,
    );
    await kubectl('delete', '-f', 'examples/batch/');
  });

  test('[BAT94] a job with a time to live goes when that is over, with its pods', async () => {
    await cluster.apply(aJob('brief', 'true', { ttlSecondsAfterFinished: 2 }));
    await eventually(async () => (await cluster.tryKubectl('get', 'job', 'brief')).code !== 0, 'the job to go');
    assert.deepEqual(await podsOf('brief'), []);
  });

  test('[BAT95] a cron job makes jobs, by hand and by the clock, and takes them with it', async () => {
    const line = ['create', 'cronjob', 'tick', `--image=${IMAGE}`, '--schedule=* * * * *', '--', 'echo', 'tick'];
    assert.equal(await kubectl(...line), 'cronjob.batch/tick created\n');
    assert.match(
      await kubectl('get', 'cronjobs'),
      /^NAME +SCHEDULE +TIMEZONE +SUSPEND +ACTIVE +LAST SCHEDULE +AGE\ntick +\* \* \* \* \* +<none> +False +0 +<none> +\d+s\n$/,
    );
    assert.equal(await kubectl('create', 'job', '--from=cronjob/tick', 'now'), 'job.batch/now created\n');
    await waitFor('complete', 'now');
    assert.equal(await kubectl('logs', 'job/now'), 'tick\n');
    const due = await eventually(
      async () => (await kubectl('get', 'jobs', '-o', 'name')).match(/tick-\d+/)?.[0] ?? false,
      'the next minute',
      TICKS_WITHIN_MS,
    );
    await waitFor('complete', due);
    const { status } = await eventually(async () => {
      const tick = await cluster.json<CronJob>('get', 'cronjob', 'tick');
      return tick.status?.lastSuccessfulTime !== undefined && tick;
    }, 'the success to be seen');
    assert.ok(status?.lastScheduleTime);
    assert.match(await kubectl('describe', 'cronjob', 'tick'), new RegExp(`SuccessfulCreate .*Created job ${due}`));
    await kubectl('delete', 'cronjob', 'tick');
    await eventually(
      async () => !/tick-|now/.test(await kubectl('get', 'jobs', '-o', 'name')),
      'the jobs to go with it',
    );
  });
});
