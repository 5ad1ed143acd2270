import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Job, JobSpec, JobStatus } from '#api/types/batch-v1';
import type { Pod } from '#api/types/core-v1';
import { aJob, aJobPod, INDEXED } from '#test/builders/jobs';
import { CREATED } from '#test/builders/workloads';
import { noteFailures, waitAfterFailures } from './backoff.ts';
import { buildPod } from './build-pod.ts';
import { firstMissing, indexesOf, readIndexes, sizeOf, sizeOfShared, union, writeIndexes } from './index-set.ts';
import { planEvents } from './plan-events.ts';
import { indexOf, isTracked } from './pod-facts.ts';
import { planReport } from './plan-report.ts';
import { tally } from './plan-tally.ts';
import { deadlineInMs, planVerdict, type Finding } from './plan-verdict.ts';
import { planWork } from './plan-work.ts';

const NOW_MS = Date.parse(CREATED) + 3_600_000;
const NOW = '2026-01-01T01:00:00Z';

function find(job: Job, pods: readonly Pod[] = [], nowMs = NOW_MS): Finding {
  const snapshot = { job, pods, failures: noteFailures(undefined, pods, job.spec), nowMs };
  const counted = tally(snapshot);
  return { snapshot, counted, verdict: planVerdict(snapshot, counted) };
}

function work(job: Job, pods: readonly Pod[] = [], nowMs = NOW_MS) {
  const { snapshot, counted } = find(job, pods, nowMs);
  const { create, remove, ...rest } = planWork(snapshot, counted);
  return { create: create.map(({ index }) => index ?? 'a pod'), remove: remove.map(nameOf), ...rest };
}

const nameOf = ({ metadata }: Pod): string => metadata.name;
const report = (job: Job, pods: readonly Pod[] = [], nowMs = NOW_MS) => planReport(find(job, pods, nowMs));
const running = (name: string, index?: number): Pod => aJobPod({ name, ...(index === undefined ? {} : { index }) });
const succeeded = (name: string, index?: number): Pod =>
  aJobPod({ name, phase: 'Succeeded', ...(index === undefined ? {} : { index }) });
const failed = (name: string, index?: number): Pod =>
  aJobPod({ name, phase: 'Failed', ...(index === undefined ? {} : { index }) });
const uid = (name: string): string => `uid-of-${name}`;

test('[BAT20] as many pods run as may at once, and no more than are still needed', () => {
  assert.deepEqual(work(aJob({ parallelism: 2 })), { create: ['a pod', 'a pod'], remove: [] });
  assert.deepEqual(work(aJob({ parallelism: 5 }), [running('a'), succeeded('b')]).create, ['a pod']);
  assert.deepEqual(work(aJob({ parallelism: 2 }), [running('a'), running('b')]), { create: [], remove: [] });
  assert.equal(work(aJob({ completions: 9000, parallelism: 9000 })).create.length, 500);
  assert.deepEqual(work(aJob({ parallelism: 0 })), { create: [], remove: [] });
});

test('[BAT20] a job without a number of completions starts nothing once a pod has succeeded, and leaves what runs', () => {
  const { completions: _, ...spec } = aJob({ parallelism: 2 }).spec;
  const job = { ...aJob(), spec };
  assert.deepEqual(work(job).create.length, 2);
  assert.deepEqual(work(job, [running('a'), succeeded('b')]), { create: [], remove: [] });
});

test('[BAT20] surplus pods are removed, those that got least far first', () => {
  const pending = aJobPod({ name: 'b', phase: 'Pending' });
  assert.deepEqual(work(aJob(), [running('a'), pending]), { create: [], remove: ['b'] });
});

test('[BAT21] a pod is named, labelled, owned and held by its job', () => {
  const { metadata, spec } = buildPod(aJob(), {});
  assert.deepEqual(metadata, {
    generateName: 'pi-',
    namespace: 'default',
    labels: { job: 'pi' },
    annotations: {},
    finalizers: ['batch.kubernetes.io/job-tracking'],
    ownerReferences: [
      { apiVersion: 'batch/v1', kind: 'Job', name: 'pi', uid: 'uid-of-pi', controller: true, blockOwnerDeletion: true },
    ],
  });
  assert.equal(spec, aJob().spec.template.spec);
});

test('[BAT21] a pod of an index knows it by annotation, label, variable, host name and name', () => {
  const { metadata, spec } = buildPod(aJob(INDEXED), { index: 2 });
  const index = { 'batch.kubernetes.io/job-completion-index': '2' };
  assert.deepEqual(
    [metadata.generateName, metadata.labels, metadata.annotations, spec.hostname],
    ['pi-2-', { job: 'pi', ...index }, index, 'pi-2'],
  );
  const fieldPath = "metadata.labels['batch.kubernetes.io/job-completion-index']";
  assert.deepEqual(spec.containers[0]?.env, [{ name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath } } }]);
  const long = aJob(INDEXED, {}, { name: 'x'.repeat(60) });
  assert.equal(buildPod(long, { index: 12 }).metadata.generateName, `${'x'.repeat(54)}-12-`);
});

test('[BAT22] each index has one pod, the lowest first; pods of no index, of a foreign one or of one that is taken go', () => {
  assert.deepEqual(work(aJob({ ...INDEXED, parallelism: 2 })).create, [0, 1]);
  assert.deepEqual(work(aJob(INDEXED), [running('a', 0), succeeded('b', 1)]).create, [2]);
  const pods = [running('a', 0), running('b'), running('c', 7), aJobPod({ name: 'd', index: 0, phase: 'Pending' })];
  assert.deepEqual(work(aJob(INDEXED), pods), { create: [], remove: ['b', 'c', 'd'] });
});

test('[BAT22] an indexed job is done when every index has succeeded once, however often', () => {
  const pods = [succeeded('a', 0), succeeded('b', 0), succeeded('c', 1)];
  const { status } = report(aJob(INDEXED), pods);
  assert.deepEqual([status.completedIndexes, status.succeeded], ['0,1', 2]);
  assert.equal(find(aJob(INDEXED), pods).verdict, undefined);
  assert.equal(
    find(aJob(INDEXED, { completedIndexes: '2', succeeded: 1 }), pods).verdict?.reason,
    'CompletionsReached',
  );
});

test('[BAT22] a job that becomes narrower forgets the indexes it no longer has', () => {
  const job = aJob({ ...INDEXED, completions: 2, parallelism: 2 }, { completedIndexes: '0,2', succeeded: 2 });
  const { status } = report(job);
  assert.deepEqual([status.completedIndexes, status.succeeded], ['0', 1]);
});

test('[BAT22] sets of indexes are written as upstream writes them, and what is written reads the same', () => {
  assert.equal(writeIndexes(indexesOf([7, 0, 2, 3, 4, 8])), '0,2-4,7,8');
  assert.deepEqual(readIndexes('0,x,2-4,9', 4), [
    [0, 0],
    [2, 3],
  ]);
  const some = fc.uniqueArray(fc.nat(40));
  fc.assert(
    fc.property(some, some, (left, right) => {
      const [a, b] = [indexesOf(left), indexesOf(right)];
      assert.deepEqual(readIndexes(writeIndexes(a), 41), a);
      assert.equal(sizeOf(union(a, b)), new Set([...left, ...right]).size);
      assert.equal(sizeOfShared(a, b), left.filter((index) => right.includes(index)).length);
      const missing = Array.from({ length: 41 }, (_, index) => index).filter((index) => !left.includes(index));
      assert.deepEqual(firstMissing(a, 5, 41), missing.slice(0, 5));
    }),
  );
});

test('[BAT23] failed pods are replaced after ten seconds, twice as long for each further failure, ten minutes at most', () => {
  const pods = [failed('a'), aJobPod({ name: 'b', phase: 'Failed', endedAt: 60 })];
  const startMs = Date.parse(CREATED);
  assert.deepEqual(work(aJob(), pods, startMs + 61_000), { create: [], remove: [], againInMs: 19_000 });
  assert.deepEqual(work(aJob(), pods, startMs + 80_000).create, ['a pod']);
  assert.equal(waitAfterFailures({ failures: 20, lastFailureMs: 0 }, 0), 600_000);
});

test('[BAT23] a success forgives the failures before it, and a pod that was looked at counts no second time', () => {
  const { spec } = aJob();
  const first = noteFailures(undefined, [failed('a')], spec);
  const again = noteFailures(first, [failed('a'), aJobPod({ name: 'b', phase: 'Failed', endedAt: 5 })], spec);
  assert.deepEqual([first.failures, again.failures], [1, 2]);
  const won = aJobPod({ name: 'c', phase: 'Succeeded', endedAt: 6 });
  const later = aJobPod({ name: 'd', phase: 'Failed', endedAt: 7 });
  assert.equal(noteFailures(again, [failed('a'), won, later], spec).failures, 1);
});

const verdict = (spec: Partial<JobSpec>, status: JobStatus, pods: readonly Pod[] = []) =>
  find(aJob(spec, status), pods).verdict;

test('[BAT24] more failures than allowed fail the job, counted, noted or fresh', () => {
  const limit = { backoffLimit: 2 };
  const status = { failed: 1, uncountedTerminatedPods: { failed: [uid('a')] } };
  assert.equal(verdict(limit, status, [failed('a')]), undefined);
  assert.deepEqual(verdict(limit, status, [failed('a'), failed('b')]), {
    type: 'FailureTarget',
    reason: 'BackoffLimitExceeded',
    message: 'Job has reached the specified backoff limit',
  });
});

test('[BAT24] containers that restart in place count as failures too', () => {
  const template = { ...aJob().spec.template, spec: { ...aJob().spec.template.spec, restartPolicy: 'OnFailure' } };
  const pod = aJobPod({ phase: 'Failed' });
  const restarted = (count: number): Pod => {
    const containerStatuses = (pod.status?.containerStatuses ?? []).map((each) => ({ ...each, restartCount: count }));
    return { ...pod, status: { phase: 'Running', containerStatuses } };
  };
  assert.equal(verdict({ template, backoffLimit: 3 }, {}, [restarted(2)]), undefined);
  assert.equal(verdict({ template, backoffLimit: 3 }, {}, [restarted(3)])?.reason, 'BackoffLimitExceeded');
  assert.equal(verdict({ template, backoffLimit: 0 }, {}, [restarted(1)])?.reason, 'BackoffLimitExceeded');
});

test('[BAT24] a job fails when its time is up, unless it is suspended', () => {
  const spec = { activeDeadlineSeconds: 3600 };
  assert.deepEqual(verdict(spec, { startTime: CREATED }), {
    type: 'FailureTarget',
    reason: 'DeadlineExceeded',
    message: 'Job was active longer than specified deadline',
  });
  assert.equal(verdict({ ...spec, suspend: true }, { startTime: CREATED }), undefined);
  const { snapshot } = find(aJob({ activeDeadlineSeconds: 3605 }, { startTime: CREATED }));
  assert.equal(deadlineInMs(snapshot), 5000);
});

test('[BAT24] the end is announced when all pods were told to stop, and declared when they are gone and counted', () => {
  const spec = { backoffLimit: 0 };
  const pods = [failed('a'), running('b')];
  assert.equal(report(aJob(spec), pods).status.conditions, undefined);
  const ending = { ...pods[1]!, metadata: { ...pods[1]!.metadata, deletionTimestamp: NOW } };
  const first = report(aJob(spec), [pods[0]!, ending]);
  const types = ({ conditions = [] }: JobStatus): readonly string[] => conditions.map(({ type }) => type);
  assert.deepEqual(
    [types(first.status), first.release.map(nameOf), first.status.uncountedTerminatedPods],
    [['FailureTarget'], ['a', 'b'], { failed: [uid('a'), uid('b')] }],
  );
  const second = report(aJob(spec, first.status), [aJobPod({ name: 'b', deleted: true, tracked: false })]);
  assert.deepEqual([types(second.status), second.status.failed, second.status.terminating], [['FailureTarget'], 2, 1]);
  const { status } = report(aJob(spec, second.status));
  assert.deepEqual(status, {
    conditions: ['FailureTarget', 'Failed'].map((type) => ({
      type,
      status: 'True',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
      lastProbeTime: NOW,
      lastTransitionTime: NOW,
    })),
    startTime: NOW,
    failed: 2,
    ready: 0,
    terminating: 0,
    uncountedTerminatedPods: {},
  });
});

test('[BAT24] a complete job says when, and why', () => {
  const { status } = report(aJob({}, { succeeded: 3, startTime: CREATED }));
  assert.deepEqual(
    [status.completionTime, status.conditions?.map(({ type, reason, message }) => [type, reason, message])],
    [
      NOW,
      [
        ['SuccessCriteriaMet', 'CompletionsReached', 'Reached expected number of succeeded pods'],
        ['Complete', 'CompletionsReached', 'Reached expected number of succeeded pods'],
      ],
    ],
  );
});

const PER_INDEX = { ...INDEXED, backoffLimitPerIndex: 1 };
const FAILURES = 'batch.kubernetes.io/job-index-failure-count';
const attempt = (name: string, index: number, failures: number): Pod =>
  aJobPod({ name, index, phase: 'Failed', annotations: { [FAILURES]: String(failures) } });

test('[BAT25] with a limit for each index, a failed pod waits for its heir, who takes over its count', () => {
  const pods = [attempt('a', 0, 0), running('b', 1), running('c', 2)];
  const job = aJob(PER_INDEX);
  assert.deepEqual(report(job, pods).release, []);
  const { snapshot, counted } = find(job, pods);
  const [heir] = planWork(snapshot, counted).create;
  assert.equal(heir?.after, pods[0]);
  assert.equal(buildPod(job, heir!).metadata.annotations?.[FAILURES], '1');
  assert.deepEqual(report(job, [...pods, running('d', 0)]).release.map(nameOf), ['a']);
});

test('[BAT25] an index that failed too often is given up, and the others go on', () => {
  const pods = [attempt('a', 0, 1), running('b', 1)];
  const job = aJob(PER_INDEX);
  assert.deepEqual([report(job, pods).status.failedIndexes, work(job, pods).create], ['0', [2]]);
  assert.equal(find(job, pods).verdict, undefined);
});

test('[BAT25] a job with failed indexes fails when all others are done, or when they are too many', () => {
  const status = { completedIndexes: '1-2', failedIndexes: '0', succeeded: 2 };
  assert.deepEqual(verdict(PER_INDEX, status), {
    type: 'FailureTarget',
    reason: 'FailedIndexes',
    message: 'Job has failed indexes',
  });
  assert.deepEqual(verdict({ ...PER_INDEX, maxFailedIndexes: 0 }, { failedIndexes: '0' }), {
    type: 'FailureTarget',
    reason: 'MaxFailedIndexesExceeded',
    message: 'Job has exceeded the specified maximal number of failed indexes',
  });
});

test('[BAT25] each index waits for itself', () => {
  const pods = [attempt('a', 0, 1), aJobPod({ name: 'b', index: 1, phase: 'Failed', endedAt: 3599 }), running('c', 2)];
  const job = aJob({ ...PER_INDEX, backoffLimitPerIndex: 5 });
  assert.deepEqual(work(job, pods), { create: [0], remove: [], againInMs: 9000 });
});

const policy = (action: string): Partial<JobSpec> => ({
  podReplacementPolicy: 'Failed',
  podFailurePolicy: {
    rules: [
      { action: 'Count', onExitCodes: { operator: 'In', values: [7] } },
      { action, onExitCodes: { containerName: 'work', operator: 'NotIn', values: [1, 2] } },
      { action, onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    ],
  },
});
const exits = (exitCode: number, index?: number): Pod =>
  aJobPod({ name: 'a', phase: 'Failed', exitCode, ...(index === undefined ? {} : { index }) });
const disrupted: Pod = {
  ...failed('a'),
  status: { phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True' }] },
};

test('[BAT26] a failure that a rule forbids fails the job, and tells which pod met which rule', () => {
  const message = (pod: Pod): string | undefined => verdict(policy('FailJob'), {}, [pod])?.message;
  assert.equal(verdict(policy('FailJob'), {}, [exits(3)])?.reason, 'PodFailurePolicy');
  assert.deepEqual(
    [message(exits(3)), message(disrupted), message(exits(1)), message(exits(7))],
    [
      'Container work for pod default/a failed with exit code 3 matching FailJob rule at index 1',
      'Pod default/a has condition DisruptionTarget matching FailJob rule at index 2',
      undefined,
      undefined,
    ],
  );
});

test('[BAT26] a failure that a rule ignores is not counted, but its pod goes', () => {
  const { status, release } = report(aJob(policy('Ignore')), [disrupted]);
  assert.deepEqual([status.uncountedTerminatedPods, release.map(nameOf)], [{}, ['a']]);
});

test('[BAT26] a rule can give up an index at its first failure', () => {
  const spec = { ...PER_INDEX, ...policy('FailIndex') };
  assert.equal(report(aJob(spec), [exits(3, 1)]).status.failedIndexes, '1');
  assert.equal(report(aJob(spec), [exits(1, 1)]).status.failedIndexes, '');
});

test('[BAT27] a job succeeds as soon as a rule of its success policy is met, and stops the rest', () => {
  const spec = {
    ...INDEXED,
    successPolicy: { rules: [{ succeededIndexes: '0,2', succeededCount: 2 }, { succeededCount: 2 }] },
  };
  const met = { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message: 'Matched rules at index 0' };
  assert.deepEqual(verdict(spec, { completedIndexes: '0,2', succeeded: 2 }, [running('b', 1)]), met);
  assert.equal(verdict(spec, { completedIndexes: '1,2', succeeded: 2 })?.message, 'Matched rules at index 1');
  assert.equal(verdict(spec, { completedIndexes: '1', succeeded: 1 }), undefined);
  const all = { ...INDEXED, successPolicy: { rules: [{ succeededIndexes: '0-1' }] } };
  assert.equal(verdict(all, { completedIndexes: '0', succeeded: 1 }), undefined);
});

test('[BAT28] a suspended job runs nothing, says so, and starts its time anew when it is resumed', () => {
  const suspended = aJob({ suspend: true }, { startTime: CREATED });
  assert.deepEqual(work(suspended, [running('a')]), { create: [], remove: ['a'] });
  const { status } = report(suspended);
  const events = (job: Job, after: JobStatus): readonly string[] =>
    planEvents(job, after).map(({ type, reason, message }) => `${type} ${reason} ${message}`);
  const condition = ({ conditions = [] }: JobStatus): unknown =>
    conditions.map(({ type, status: is, reason, message }) => [type, is, reason, message]);
  assert.deepEqual(
    [condition(status), events(suspended, status)],
    [[['Suspended', 'True', 'JobSuspended', 'Job suspended']], ['Normal Suspended Job suspended']],
  );
  const resumed = aJob({}, status);
  const after = report(resumed).status;
  assert.deepEqual(
    [condition(after), after.startTime, events(resumed, after)],
    [[['Suspended', 'False', 'JobResumed', 'Job resumed']], NOW, ['Normal Resumed Job resumed']],
  );
  assert.equal(report(aJob({ suspend: true })).status.startTime, undefined);
});

test('[BAT29] a pod’s uid is noted before its finalizer goes, and moves into the counter after it went', () => {
  const pods = [succeeded('a'), failed('b'), running('c')];
  const first = report(aJob(), pods);
  assert.deepEqual(
    [first.status.uncountedTerminatedPods, first.status.succeeded, first.status.failed, first.release.map(nameOf)],
    [{ succeeded: [uid('a')], failed: [uid('b')] }, undefined, undefined, ['a', 'b']],
  );
  // The finalizer of one could not be removed.
  const again = report(aJob({}, first.status), [
    aJobPod({ name: 'a', phase: 'Succeeded', tracked: false }),
    failed('b'),
  ]);
  assert.deepEqual(
    [again.status.uncountedTerminatedPods, again.status.succeeded, again.status.failed, again.release.map(nameOf)],
    [{ failed: [uid('b')] }, 1, undefined, ['b']],
  );
});

test('[BAT29] at most 500 pods are noted at a time', () => {
  const pods = Array.from({ length: 700 }, (_, index) => succeeded(`p${index}`));
  const { status, release } = report(aJob({ completions: 700 }), pods);
  assert.deepEqual([status.uncountedTerminatedPods?.succeeded?.length, release.length], [500, 500]);
  assert.deepEqual(
    status.conditions?.map(({ type }) => type),
    ['SuccessCriteriaMet'],
  );
});

test('[BAT30] a pod that is being deleted counts as failed and is replaced at once, or first when it has ended', () => {
  const ending = aJobPod({ name: 'a', deleted: true });
  assert.deepEqual(report(aJob(), [ending]).status.uncountedTerminatedPods, { failed: [uid('a')] });
  assert.deepEqual(work(aJob(), [ending]).create, ['a pod']);
  const patient = aJob({ podReplacementPolicy: 'Failed' });
  assert.deepEqual(report(patient, [ending]).status.uncountedTerminatedPods, {});
  assert.deepEqual(work(patient, [ending]).create, []);
  const ended = aJobPod({ name: 'a', deleted: true, phase: 'Failed' });
  assert.deepEqual(work(patient, [ended]).create, ['a pod']);
});

test('[BAT34] an ended job says so once, and tells of pods that succeeded in vain', () => {
  const job = aJob({}, { succeeded: 4 });
  const events = planEvents(job, report(job).status).map(({ type, reason, message }) => [type, reason, message]);
  assert.deepEqual(events, [
    ['Warning', 'TooManySucceededPods', 'Too many succeeded pods running after completion count reached'],
    ['Normal', 'Completed', 'Job completed'],
  ]);
  const failing = aJob({ backoffLimit: 0 }, { failed: 1 });
  const { status } = report(failing);
  assert.deepEqual(
    planEvents(failing, status).map(({ reason }) => reason),
    ['BackoffLimitExceeded'],
  );
  assert.deepEqual(planEvents({ ...failing, status }, status), []);
});

const anyPod = fc.record({
  phase: fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed'),
  index: fc.option(fc.nat(5), { nil: undefined }),
  deleted: fc.boolean(),
  tracked: fc.boolean(),
  exitCode: fc.constantFrom(1, 3, 7),
});
const anySpec = fc
  .record({
    parallelism: fc.nat(4),
    completions: fc.nat(5),
    completionMode: fc.constantFrom('Indexed', 'NonIndexed'),
    suspend: fc.boolean(),
    backoffLimit: fc.nat(8),
    podReplacementPolicy: fc.constantFrom('Failed', 'TerminatingOrFailed'),
  })
  .chain((spec) =>
    fc.constantFrom<Partial<JobSpec>>(
      spec,
      { ...spec, ...policy('Ignore') },
      spec.completionMode === 'Indexed' ? { ...spec, backoffLimitPerIndex: 1 } : spec,
    ),
  );
const anyJob = fc.tuple(anySpec, fc.array(anyPod, { maxLength: 8 })).map(([spec, parts]) => {
  const pods = parts.map(({ index, ...part }, at) =>
    aJobPod({ name: `p${at}`, ...part, ...(index === undefined ? {} : { index }) }),
  );
  return { job: aJob(spec), pods };
});

test('[BAT20] whatever pods there are, no more are started than may run and are needed, and no index twice', () => {
  fc.assert(
    fc.property(anyJob, ({ job, pods }) => {
      const { snapshot, counted } = find(job, pods, NOW_MS + 86_400_000);
      const { create, remove } = planWork(snapshot, counted);
      const { parallelism = 0, completions = 0, suspend } = job.spec;
      assert.ok(remove.every((pod) => counted.active.includes(pod)));
      assert.equal(new Set(remove).size, remove.length);
      if (suspend === true) assert.equal(remove.length, counted.active.length);
      if (create.length === 0) return;
      const running = counted.active.length + create.length;
      assert.ok(remove.length === 0 && suspend !== true);
      assert.ok(running <= parallelism && running + counted.succeeded <= completions);
      if (job.spec.completionMode !== 'Indexed') return;
      const indexes = [...counted.active.map(indexOf), ...create.map(({ index }) => index)];
      assert.equal(new Set(indexes).size, indexes.length);
      assert.ok(create.every(({ index = -1 }) => index >= 0 && index < completions));
    }),
    { numRuns: 500 },
  );
});

test('[BAT29] whatever pods there are, what is let go of was noted or does not count, and nothing is noted twice', () => {
  fc.assert(
    fc.property(anyJob, ({ job, pods }) => {
      const { status, release } = report(job, pods);
      const { succeeded = [], failed: lost = [] } = status.uncountedTerminatedPods ?? {};
      const noted = [...succeeded, ...lost];
      assert.equal(new Set(noted).size, noted.length);
      assert.ok(release.every(isTracked));
      assert.ok(noted.every((each) => release.some(({ metadata }) => metadata.uid === each)));
      const isOver = status.conditions?.some(({ type }) => type === 'Complete' || type === 'Failed') ?? false;
      if (isOver) assert.deepEqual([release, noted, status.active, status.terminating], [[], [], undefined, 0]);
      // A second look at the same pods, all of which still have their finalizers, notes nothing more.
      const again = report({ ...job, status }, pods);
      assert.deepEqual(again.status.uncountedTerminatedPods, status.uncountedTerminatedPods);
    }),
    { numRuns: 500 },
  );
});
