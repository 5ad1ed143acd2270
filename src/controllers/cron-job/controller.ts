/** Makes jobs when the schedules of cron jobs say so, and keeps few of those that have ended. */
import { CronJob } from '#api/batch/cron-job';
import { Job } from '#api/batch/job';
import { formatInZone } from '#api/batch/schedule/time-zone';
import { isApiError } from '#api/errors';
import { controllerOf, controllerReference } from '#api/meta/owner-reference';
import { semanticEqual } from '#api/meta/semantic-equal';
import { formatTime } from '#api/meta/time';
import { refOf, type Unsaved } from '#api/object';
import type { CronJobStatus } from '#api/types/batch-v1';
import type { ObjectReference } from '#api/types/core-v1';
import { asError } from '#base/errors';
import { keyOf, refOfKey } from '#client/key';
import { defineController, on, type Context, type Controller } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { controlledBy, indexedByController, ownerOf } from '../ownership/owner-keys.ts';
import { isNamespaceTerminating } from '../pods/change-pods.ts';
import {
  activeOf,
  type CronJobSnapshot,
  type Decision,
  jobNameOf,
  planHistory,
  planReview,
  planStart,
  planTiming,
} from './plan.ts';

const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

export function cronJob(): Controller {
  /** By uid, the schedules that were looked at. */
  const schedules = new Map<string, string>();
  return defineController({
    name: 'cronjob-controller',
    reads: [CronJob, Job],
    writes: [CronJob, Job],
    triggers: [
      on(CronJob, ({ before, after }) => {
        if (after === undefined && before !== undefined) schedules.delete(before.metadata.uid);
        return after === undefined ? [] : [keyOf(after)];
      }),
      on(Job, ({ before, after }, context) => {
        const owners = [before, after].map((job) => job && ownerOf(CronJob, job, context));
        return new Set(owners.filter((owner) => owner !== undefined).map(keyOf));
      }),
      indexedByController(Job),
    ],
    async reconcile(key, context) {
      const owner = context.get(CronJob, refOfKey(key));
      if (owner === undefined) return undefined;
      const jobs = controlledBy(Job, owner.metadata.uid, context);
      const snapshot = { cronJob: owner, jobs, gone: await goneOf(owner, jobs, context), nowMs: context.now() };
      const review = planReview(snapshot);
      for (const event of review.events) context.events.report(owner, event);
      const decision = decide(snapshot, review.status, schedules);
      const { status, failure } = await carryOut(decision, { owner, status: review.status }, context);
      for (const job of planHistory(owner, jobs)) await removeJob(owner, job, context);
      await writeStatus(owner, status, context);
      if (failure !== undefined) throw failure;
      return decision.againInMs === undefined ? {} : { againInMs: decision.againInMs };
    },
  });
}

/** A schedule that has changed is one for the future: what it would have meant in the past is nobody's wish. */
function decide(snapshot: CronJobSnapshot, status: CronJobStatus, schedules: Map<string, string>): Decision {
  const { uid } = snapshot.cronJob.metadata;
  const { schedule, timeZone = '' } = snapshot.cronJob.spec;
  const before = schedules.get(uid);
  const text = `${timeZone} ${schedule}`;
  schedules.set(uid, text);
  if (before === undefined || before === text) return planStart(snapshot, status);
  const timing = planTiming(snapshot.cronJob, snapshot.nowMs);
  if ('events' in timing) return timing;
  return { act: 'wait', againInMs: timing.moments.nextInMs, events: [] };
}

/** The listed jobs that are no more. Asked of the server itself: our copy of the jobs may be behind. */
async function goneOf(owner: CronJob, jobs: readonly Job[], { client }: Context): Promise<ReadonlySet<string>> {
  const present = new Set(jobs.map(({ metadata }) => metadata.uid));
  const gone = new Set<string>();
  for (const { uid = '', name = '', namespace } of owner.status?.active ?? []) {
    if (present.has(uid)) continue;
    const job = await unlessMissing(client.get(Job, { namespace, name }));
    if (job?.metadata.uid !== uid) gone.add(uid);
  }
  return gone;
}

type Standing = { readonly owner: CronJob; readonly status: CronJobStatus };
type Outturn = { readonly status: CronJobStatus; readonly failure?: Error };

/** The status afterwards, and what went wrong. */
async function carryOut(decision: Decision, { owner, status }: Standing, context: Context): Promise<Outturn> {
  for (const event of decision.events) context.events.report(owner, event);
  if (decision.act === 'wait') return { status };
  const replaced = new Set<string | undefined>();
  try {
    for (const reference of decision.replace) {
      await replaceJob(owner, reference, context);
      replaced.add(reference.uid);
    }
    const job = await startJob(decision, owner, context);
    return { status: withJob(status, { replaced, job, scheduledMs: decision.scheduledMs }) };
  } catch (error) {
    return { status: withJob(status, { replaced }), failure: asError(error) };
  }
}

type Changes = {
  readonly replaced: ReadonlySet<string | undefined>;
  readonly job?: Job | undefined;
  readonly scheduledMs?: number;
};

function withJob({ active: before = [], ...status }: CronJobStatus, changes: Changes): CronJobStatus {
  const { active = [] } = activeOf(before, changes.replaced);
  const { job, scheduledMs } = changes;
  if (job === undefined || scheduledMs === undefined) return { ...status, ...activeOf(active, new Set()) };
  return { ...status, active: [...active, referenceTo(job)], lastScheduleTime: formatTime(scheduledMs) };
}

async function replaceJob(owner: CronJob, { name = '', namespace }: ObjectReference, context: Context): Promise<void> {
  const job = await unlessMissing(context.client.get(Job, { name, namespace }));
  if (job !== undefined && !(await removeJob(owner, job, context)))
    throw new Error(`could not replace job ${namespace ?? ''}/${name}`);
}

/** Whether it worked. */
async function removeJob(owner: CronJob, job: Job, { client, events }: Context): Promise<boolean> {
  const { name, uid } = job.metadata;
  try {
    const options = { propagationPolicy: 'Background', preconditions: { uid } } as const;
    await unlessMissing(client.delete(Job, refOf(job), options));
    events.report(owner, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted job ${name}` });
    return true;
  } catch (error) {
    const message = `Deleted job: ${asError(error).message}`;
    events.report(owner, { type: 'Warning', reason: 'FailedDelete', message });
    return false;
  }
}

type Start = Extract<Decision, { readonly act: 'start' }>;

/** The job of the moment, made now or before; undefined where there is none to take note of. */
async function startJob(start: Start, owner: CronJob, { client, events }: Context): Promise<Job | undefined> {
  const wanted = buildJob(owner, start);
  try {
    const job = await client.create(Job, wanted);
    events.report(owner, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created job ${job.metadata.name}` });
    return job;
  } catch (error) {
    if (isNamespaceTerminating(error)) return undefined;
    if (isApiError(error, 'AlreadyExists')) {
      // We made it, and could not write that down; or somebody else took the name.
      const job = await client.get(Job, { namespace: wanted.metadata.namespace, name: wanted.metadata.name ?? '' });
      return controllerOf(job)?.uid === owner.metadata.uid ? job : undefined;
    }
    const message = `Error creating job: ${asError(error).message}`;
    events.report(owner, { type: 'Warning', reason: 'FailedCreate', message });
    throw error;
  }
}

function buildJob(owner: CronJob, { scheduledMs, zone }: Start): Unsaved<Job> {
  const { metadata: { labels, annotations } = {}, spec } = owner.spec.jobTemplate;
  return {
    metadata: {
      name: jobNameOf(owner, scheduledMs),
      namespace: owner.metadata.namespace ?? '',
      ...(labels === undefined ? {} : { labels }),
      annotations: { ...annotations, [SCHEDULED_AT]: formatInZone(scheduledMs, zone) },
      ownerReferences: [controllerReference(owner, CronJob)],
    },
    spec,
  };
}

function referenceTo({ metadata }: Job): ObjectReference {
  const { namespace = '', name, uid, resourceVersion } = metadata;
  return { kind: Job.kind, apiVersion: Job.apiVersion, namespace, name, uid, resourceVersion };
}

async function writeStatus(owner: CronJob, status: CronJobStatus, { client }: Context): Promise<void> {
  if (semanticEqual(owner.status ?? {}, status)) return;
  await unlessMissing(client.update(CronJob, { ...owner, status }, { subresource: 'status' }));
}
