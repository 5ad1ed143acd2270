/** Runs the pods of jobs until enough of them have succeeded, and accounts for each of them once. */
import { Job } from '#api/batch/job';
import { isFinished } from '#api/batch/job-state';
import { Pod } from '#api/core/pod';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { JobStatus } from '#api/types/batch-v1';
import { asError } from '#base/errors';
import { keyOf, refOfKey } from '#client/key';
import { defineController, on, type Context, type Controller, type Outcome } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { controlledBy, indexedByController, ownerKeys } from '../ownership/owner-keys.ts';
import { createPod, removePod } from '../pods/change-pods.ts';
import { inSlowStart } from '../replicaset/slow-start.ts';
import { noteFailures, type FailureRecord } from './backoff.ts';
import { buildPod } from './build-pod.ts';
import { claimPods, dropFinalizer } from './claim-pods.ts';
import { planEvents } from './plan-events.ts';
import { planReport } from './plan-report.ts';
import { tally, type JobSnapshot } from './plan-tally.ts';
import { deadlineInMs, planVerdict, type Finding } from './plan-verdict.ts';
import { planWork } from './plan-work.ts';

const OWN_NAME = 'kubernetes.io/job-controller';

export function job(): Controller {
  const records: Records = new Map();
  return defineController({
    name: 'job-controller',
    reads: [Job, Pod],
    writes: [Job, Pod],
    triggers: [
      on(Job, ({ before, after }) => [before ?? after].filter((object) => object !== undefined).map(keyOf)),
      on(Pod, ownerKeys(Job)),
      indexedByController(Pod),
    ],
    async reconcile(key, context) {
      const object = context.get(Job, refOfKey(key));
      if (object === undefined || isFinished(object) || (object.spec.managedBy ?? OWN_NAME) !== OWN_NAME) {
        records.delete(key);
        return undefined;
      }
      const pauseMs = pauseOf(records.get(key), context.now());
      if (pauseMs > 0) return { againInMs: pauseMs };
      await claimPods(object, context);
      const look = (): Finding => findingOf(object, records, context);
      const failure = await see(look(), context);
      // What was just done shows: reads are never older than own writes.
      const finding = look();
      await report(finding, context);
      if (failure !== undefined) throw failure;
      return nextLook(finding);
    },
  });
}

/** By the key of the job. The uid tells a job from one that had its name before: the new one has not failed yet. */
type Records = Map<string, Glance>;
type Glance = {
  readonly uid: string;
  readonly failures: FailureRecord;
  readonly atMs: number;
  readonly pods: number;
};

// A look costs in proportion to the pods, and each of them asks for several.
const PAUSE_PER_POD_MS = 0.5;
const LONGEST_PAUSE_MS = 1000;

/** How long to leave the job alone: many pods that change together are seen to together. */
function pauseOf(last: Glance | undefined, nowMs: number): number {
  if (last === undefined) return 0;
  const pauseMs = Math.min(LONGEST_PAUSE_MS, Math.floor(last.pods * PAUSE_PER_POD_MS));
  // A clock that was set back must not make it longer.
  return Math.min(pauseMs, Math.max(0, last.atMs + pauseMs - nowMs));
}

function findingOf(object: Job, records: Records, context: Context): Finding {
  const key = keyOf(object);
  const { uid } = object.metadata;
  const pods = controlledBy(Pod, uid, context);
  const known = records.get(key);
  const failures = noteFailures(known?.uid === uid ? known.failures : undefined, pods, object.spec);
  const nowMs = context.now();
  records.set(key, { uid, failures, atMs: nowMs, pods: pods.length });
  const snapshot: JobSnapshot = { job: object, pods, failures, nowMs };
  const counted = tally(snapshot);
  return { snapshot, counted, verdict: planVerdict(snapshot, counted) };
}

/** Returns what went wrong, if anything. */
async function see({ snapshot, counted, verdict }: Finding, context: Context): Promise<Error | undefined> {
  const { job: owner } = snapshot;
  // When all is decided, those that run are stopped with their finalizers: they are yet to be counted.
  if (verdict !== undefined) return await firstFailure(counted.active, (pod) => removePod(owner, pod, context));
  // The pods of a job that goes away are the garbage collector's.
  if (owner.metadata.deletionTimestamp !== undefined) return undefined;
  const { remove, create } = planWork(snapshot, counted);
  const failure = await firstFailure(remove, (pod) => removeUncounted(owner, pod, context));
  if (failure !== undefined) return failure;
  const pods = create.values();
  return await inSlowStart(create.length, () => createPod(owner, buildPod(owner, pods.next().value ?? {}), context));
}

async function firstFailure(
  pods: readonly Pod[],
  act: (pod: Pod) => Promise<Error | undefined>,
): Promise<Error | undefined> {
  const failures = await Promise.all(pods.map(act));
  return failures.find((failure) => failure !== undefined);
}

async function removeUncounted(owner: Job, pod: Pod, context: Context): Promise<Error | undefined> {
  try {
    await dropFinalizer(pod, context);
  } catch (error) {
    return asError(error);
  }
  return await removePod(owner, pod, context);
}

async function report(finding: Finding, context: Context): Promise<void> {
  const { status, release } = planReport(finding);
  await writeStatus(finding.snapshot.job, status, context);
  const failure = await firstFailure(release, async (pod) => {
    try {
      await dropFinalizer(pod, context);
      return undefined;
    } catch (error) {
      return asError(error);
    }
  });
  if (failure !== undefined) throw failure;
}

async function writeStatus(owner: Job, status: JobStatus, { client, events }: Context): Promise<void> {
  if (semanticEqual(owner.status, status)) return;
  const written = await unlessMissing(client.update(Job, { ...owner, status }, { subresource: 'status' }));
  for (const event of written === undefined ? [] : planEvents(owner, status)) events.report(owner, event);
}

function nextLook({ snapshot, counted, verdict }: Finding): Outcome {
  if (verdict !== undefined) return {};
  const waits = [deadlineInMs(snapshot), planWork(snapshot, counted).againInMs].filter((ms) => ms !== undefined);
  return { againInMs: waits.length === 0 ? undefined : Math.min(...waits) };
}
