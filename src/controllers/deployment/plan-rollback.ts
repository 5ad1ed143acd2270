/** Decides whether a revision has failed, which one runs instead, and what is noted on the replica sets about it. */
import { findCondition } from '#api/meta/conditions';
import type { Deployment, ReplicaSet } from '#api/types/apps-v1';
import type { Pod } from '#api/types/core-v1';
import { FAILURE_NOTE, HEALTHY_REVISION, revisionOf } from './plan-revision.ts';
import { wantedReplicas } from './plan-size.ts';
import { isAbout, isComplete, TIMED_OUT } from './plan-status.ts';
import { fallbackFor, withNote } from './rollback-notes.ts';
import { whyUnavailable } from './why-unavailable.ts';

/** `"false"` on a deployment: its failed revisions stay, as upstream leaves them. */
const SWITCH = 'tutti.io/automatic-rollback';

export type RollbackSnapshot = {
  readonly deployment: Deployment;
  readonly current: ReplicaSet | undefined;
  readonly others: readonly ReplicaSet[];
  readonly pods: readonly Pod[];
};

/** The sets with what is to be noted on them, each in its place. */
export type Noted = Pick<RollbackSnapshot, 'current' | 'others'>;

export function isSwitchedOff({ metadata }: Deployment): boolean {
  return metadata.annotations?.[SWITCH] === 'false';
}

export function planNotes(snapshot: RollbackSnapshot, enabled: boolean): Noted {
  const { deployment, current } = snapshot;
  const others = snapshot.others.map((set) => withNote(set, FAILURE_NOTE, undefined));
  if (current === undefined) return { current, others };
  if (!enabled) return { current: withNote(current, FAILURE_NOTE, undefined), others };
  if (isHealthy(deployment, current)) {
    const proven = withNote(current, HEALTHY_REVISION, String(revisionOf(current)));
    return { current: withNote(proven, FAILURE_NOTE, undefined), others };
  }
  return hasFailed(snapshot, current)
    ? { current: withNote(current, FAILURE_NOTE, failureOf(snapshot, current)), others }
    : { current, others };
}

/** A deployment of no pods proves nothing. */
function isHealthy(deployment: Deployment, current: ReplicaSet): boolean {
  return (
    wantedReplicas(deployment) > 0 && isComplete(deployment, deployment.status) && isAvailable(deployment, current)
  );
}

/** Its own deadline has passed, and another revision is known to work. */
function hasFailed({ deployment, others }: RollbackSnapshot, current: ReplicaSet): boolean {
  if (deployment.spec.paused === true || !hasTimedOut(deployment, current)) return false;
  // Once it has worked, pods that are missing later are no failure of the revision.
  if (current.metadata.annotations?.[HEALTHY_REVISION] === String(revisionOf(current))) return false;
  return !isAvailable(deployment, current) && fallbackFor(current, others) !== undefined;
}

/** As the status says that was made of what is asked for now. */
function hasTimedOut({ status, metadata }: Deployment, current: ReplicaSet): boolean {
  const progress = findCondition(status?.conditions, 'Progressing');
  if (progress === undefined || status?.observedGeneration !== metadata.generation) return false;
  return progress.reason === TIMED_OUT && isAbout(progress, current);
}

function isAvailable(deployment: Deployment, set: ReplicaSet): boolean {
  return (set.status?.availableReplicas ?? 0) >= wantedReplicas(deployment);
}

function failureOf({ deployment, pods }: RollbackSnapshot, current: ReplicaSet): string {
  const already = current.metadata.annotations?.[FAILURE_NOTE];
  if (already !== undefined) return already;
  const late = `did not become available within ${deployment.spec.progressDeadlineSeconds}s`;
  const why = whyUnavailable(current, pods);
  return why === undefined ? late : `${late}: ${why}`;
}
