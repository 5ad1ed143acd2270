/** Decides which pods a job needs and has not, and which it has and does not need. */
import { isIndexed, isSuspended } from '#api/batch/job-state';
import { isTerminating } from '#api/core/pod-state';
import type { JobSpec } from '#api/types/batch-v1';
import type { Pod } from '#api/types/core-v1';
import { planVictims } from '../replicaset/plan-victims.ts';
import { waitAfterFailures, waitOfIndex } from './backoff.ts';
import { firstMissing, union } from './index-set.ts';
import { indexesOfPods, ownIndexOf, type JobSnapshot, type Tally } from './plan-tally.ts';
import { waitsForEnd } from './pod-facts.ts';

/** A pod to be made; the pod whose failures it inherits, if its index failed before. */
export type NewPod = { readonly index?: number; readonly after?: Pod };

export type WorkPlan = {
  /** They are taken away from what they do, and do not count as failed. */
  readonly remove: readonly Pod[];
  readonly create: readonly NewPod[];
  /** When failures lie far enough back for more pods to be made. */
  readonly againInMs?: number;
};

// One look at a job creates or removes no more than this, as upstream.
const BURST = 500;

export function planWork(snapshot: JobSnapshot, counted: Tally): WorkPlan {
  const { spec } = snapshot.job;
  const wanted = wantedPods(spec, counted);
  const remove = planRemoval(snapshot, counted, counted.active.length - wanted);
  if (remove.length > 0 || isSuspended(spec)) return { remove, create: [] };
  // A pod that is ending keeps its place until it is known how it ended.
  const missing = wanted - counted.active.length - (waitsForEnd(spec) ? counted.terminating : 0);
  return missing > 0 ? planCreation(snapshot, counted, Math.min(missing, BURST)) : { remove, create: [] };
}

function wantedPods(spec: JobSpec, { succeeded, active }: Tally): number {
  const { completions, parallelism = 1 } = spec;
  if (isSuspended(spec)) return 0;
  // Once a pod has found the work done, nothing new is started, and what runs may end.
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(parallelism, completions - succeeded));
}

function planRemoval({ job, nowMs }: JobSnapshot, { active }: Tally, excess: number): readonly Pod[] {
  const { useless, useful } = isIndexed(job.spec) ? sortOut(active, job.spec, nowMs) : { useless: [], useful: active };
  const more = excess - useless.length;
  const victims = more > 0 ? planVictims(useful, more, { related: [], nowMs }) : [];
  const remove = [...useless, ...victims];
  return isSuspended(job.spec) ? remove : remove.slice(0, BURST);
}

/** Tells pods of an index of their own from those that have none, one the job does not have, or one that another works on too. */
function sortOut(pods: readonly Pod[], spec: JobSpec, nowMs: number): Record<'useless' | 'useful', readonly Pod[]> {
  const byIndex = Map.groupBy(pods, (pod) => ownIndexOf(pod, spec));
  const useless = [...(byIndex.get(undefined) ?? [])];
  byIndex.delete(undefined);
  for (const rivals of byIndex.values())
    if (rivals.length > 1) useless.push(...planVictims(rivals, rivals.length - 1, { related: [], nowMs }));
  const gone = new Set(useless);
  return { useless, useful: pods.filter((pod) => !gone.has(pod)) };
}

function planCreation(snapshot: JobSnapshot, counted: Tally, count: number): WorkPlan {
  const { job, failures, nowMs } = snapshot;
  if (job.spec.backoffLimitPerIndex !== undefined) return planIndexes(snapshot, counted, count);
  const waitMs = waitAfterFailures(failures, nowMs);
  if (waitMs > 0) return { remove: [], create: [], againInMs: waitMs };
  const create = isIndexed(job.spec)
    ? missingIndexes(snapshot, counted, count).map((index) => ({ index }))
    : Array.from({ length: count }, () => ({}));
  return { remove: [], create };
}

/** Each index waits for itself. */
function planIndexes(snapshot: JobSnapshot, counted: Tally, count: number): WorkPlan {
  const candidates = missingIndexes(snapshot, counted, count).map((index) => {
    const after = counted.heirless.get(index);
    const pod = after === undefined ? { index } : { index, after };
    return { pod, waitMs: waitOfIndex(after, snapshot.nowMs) };
  });
  const create = candidates.filter(({ waitMs }) => waitMs === 0).map(({ pod }) => pod);
  const waits = candidates.map(({ waitMs }) => waitMs).filter((waitMs) => waitMs > 0);
  return { remove: [], create, ...(waits.length === 0 ? {} : { againInMs: Math.min(...waits) }) };
}

function missingIndexes({ job, pods }: JobSnapshot, counted: Tally, count: number): readonly number[] {
  const { active, succeededIndexes, failedIndexes = [] } = counted;
  const ending = waitsForEnd(job.spec) ? pods.filter(isTerminating) : [];
  const taken = union(succeededIndexes, failedIndexes, indexesOfPods(active), indexesOfPods(ending));
  return firstMissing(taken, count, job.spec.completions ?? 0);
}
