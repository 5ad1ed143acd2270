/** Decides what a deployment's status says: its counts, whether enough is available, and whether the rollout gets on. */
import { findCondition, removeCondition } from '#api/meta/conditions';
import { withoutZeros } from '#api/meta/without-zeros';
import { formatTime, parseTime } from '#api/meta/time';
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '#api/types/apps-v1';
import { boundsOf, totalReplicas, wantedReplicas } from './plan-size.ts';
import { currentSet } from './plan-template.ts';
import { heldBack, tellHeldBack } from './rollback-notes.ts';

export type StatusSnapshot = {
  readonly deployment: Deployment;
  /** The sets as this step has left them. */
  readonly sets: readonly ReplicaSet[];
  readonly nowMs: number;
  readonly rollout: boolean;
  /** What this step did about the set of the newest template. */
  readonly creation?: { readonly name: string; readonly failure?: string } | undefined;
};

export const TIMED_OUT = 'ProgressDeadlineExceeded';
const PROGRESSING = 'Progressing';
const ROLLED_BACK = 'RolledBack';
const AVAILABLE = 'Available';
const FAILURE = 'ReplicaFailure';
// A deadline of this many seconds means none.
const NO_DEADLINE = 2_147_483_647;
const NO_PODS = { replicas: 0, updatedReplicas: 0, readyReplicas: 0, availableReplicas: 0, observedGeneration: 0 };

export function planDeploymentStatus(snapshot: StatusSnapshot): DeploymentStatus {
  const { deployment, sets } = snapshot;
  const counts = countsOf(deployment, sets);
  const available = withAvailability(withBeginning(snapshot), snapshot, counts);
  const judged = snapshot.rollout ? withFailure(withJudgement(available, snapshot, counts), snapshot) : available;
  const conditions = withRollback(judged, snapshot);
  const collisionCount = deployment.status?.collisionCount;
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    ...withoutZeros(counts),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** Every replica is of the newest template and available. */
export function isComplete(deployment: Deployment, status: DeploymentStatus | undefined): boolean {
  const replicas = wantedReplicas(deployment);
  const has = { ...NO_PODS, ...status };
  return (
    has.updatedReplicas === replicas &&
    has.replicas === replicas &&
    has.availableReplicas === replicas &&
    has.observedGeneration >= (deployment.metadata.generation ?? 0)
  );
}

/** When the rollout's deadline must be looked at again, if nothing happens until then. */
export function nextProgressCheckInMs(
  deployment: Deployment,
  status: DeploymentStatus,
  nowMs: number,
): number | undefined {
  const condition = findCondition(status.conditions, PROGRESSING);
  const deadline = deadlineOf(deployment);
  if (deadline === undefined || condition === undefined || deployment.spec.paused === true) return undefined;
  if (isComplete(deployment, status) || condition.reason === TIMED_OUT) return undefined;
  // Times are kept in whole seconds: one more makes sure that the deadline has passed by then.
  return Math.max(0, (parseTime(condition.lastUpdateTime) ?? nowMs) + deadline * 1000 - nowMs) + 1000;
}

function deadlineOf({ spec }: Deployment): number | undefined {
  const seconds = spec.progressDeadlineSeconds;
  return seconds === undefined || seconds === NO_DEADLINE ? undefined : seconds;
}

/** The end of another revision's rollout, good or bad, says nothing about the one that came back: its own time begins now. */
function isAboutFormer(progress: DeploymentCondition, current: ReplicaSet): boolean {
  const isEnd = progress.reason === TIMED_OUT || progress.reason === 'NewReplicaSetAvailable';
  return isEnd && (progress.message ?? '').startsWith('ReplicaSet ') && !isAbout(progress, current);
}

/** Whether the condition tells of this set, and not of that of another revision. */
export function isAbout({ message = '' }: DeploymentCondition, { metadata }: ReplicaSet): boolean {
  return message.startsWith(`ReplicaSet ${JSON.stringify(metadata.name)} `);
}

type Counts = Required<
  Pick<
    DeploymentStatus,
    | 'replicas'
    | 'updatedReplicas'
    | 'readyReplicas'
    | 'availableReplicas'
    | 'unavailableReplicas'
    | 'terminatingReplicas'
  >
>;

function countsOf(deployment: Deployment, sets: readonly ReplicaSet[]): Counts {
  const sum = (field: 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas'): number =>
    sets.reduce((total, { status }) => total + (status?.[field] ?? 0), 0);
  const availableReplicas = sum('availableReplicas');
  return {
    replicas: sum('replicas'),
    updatedReplicas: currentSet(deployment, sets)?.status?.replicas ?? 0,
    readyReplicas: sum('readyReplicas'),
    availableReplicas,
    unavailableReplicas: Math.max(0, totalReplicas(sets) - availableReplicas),
    terminatingReplicas: sum('terminatingReplicas'),
  };
}

type Conditions = readonly DeploymentCondition[];
type Said = readonly [type: string, status: string, reason: string, message: string];

/** Without a deadline nobody judges the progress, and a judgement of before is dropped. */
function withBeginning(snapshot: StatusSnapshot): Conditions {
  const { deployment, rollout } = snapshot;
  const had = deployment.status?.conditions ?? [];
  if (deadlineOf(deployment) === undefined) return rollout ? removeCondition(had, PROGRESSING) : had;
  return withStart(withPause(had, snapshot), snapshot);
}

function withJudgement(conditions: Conditions, snapshot: StatusSnapshot, counts: Counts): Conditions {
  const { deployment, nowMs } = snapshot;
  if (deadlineOf(deployment) === undefined) return conditions;
  const progress = findCondition(conditions, PROGRESSING);
  // A finished rollout stays finished when a pod comes or goes.
  if (counts.replicas === counts.updatedReplicas && progress?.reason === 'NewReplicaSetAvailable') return conditions;
  if (heldBack(currentSet(deployment, snapshot.sets), snapshot.sets) !== undefined) return conditions;
  const subject = subjectOf(snapshot);
  if (isComplete(deployment, { observedGeneration: deployment.metadata.generation ?? 0, ...counts })) {
    const message = `${subject} has successfully progressed.`;
    return said(conditions, [PROGRESSING, 'True', 'NewReplicaSetAvailable', message], nowMs);
  }
  if (hasProgressed(deployment.status, counts)) return withStep(conditions, `${subject} is progressing.`, nowMs);
  if (!hasTimedOut(deployment, progress, nowMs)) return conditions;
  const message = `${subject} has timed out progressing.`;
  return said(conditions, [PROGRESSING, 'False', TIMED_OUT, message], nowMs);
}

/** A revision that is held back has failed, whatever the pods of the one in its place do. */
function withRollback(conditions: Conditions, { deployment, sets, nowMs }: StatusSnapshot): Conditions {
  const current = currentSet(deployment, sets);
  const held = heldBack(current, sets);
  if (held === undefined) return removeCondition(conditions, ROLLED_BACK);
  return said(conditions, [ROLLED_BACK, 'True', TIMED_OUT, tellHeldBack(held)], nowMs);
}

function withPause(conditions: Conditions, { deployment, nowMs }: StatusSnapshot): Conditions {
  const reason = findCondition(conditions, PROGRESSING)?.reason;
  if (reason === TIMED_OUT) return conditions;
  const paused = deployment.spec.paused === true;
  if (paused === (reason === 'DeploymentPaused')) return conditions;
  const word = paused ? 'Paused' : 'Resumed';
  const message = `Deployment is ${word.toLowerCase()}`;
  return said(conditions, [PROGRESSING, 'Unknown', `Deployment${word}`, message], nowMs);
}

function withStart(conditions: Conditions, { deployment, sets, creation, nowMs }: StatusSnapshot): Conditions {
  if (creation?.failure !== undefined) {
    const message = `Failed to create new replica set ${JSON.stringify(creation.name)}: ${creation.failure}`;
    return said(conditions, [PROGRESSING, 'False', 'ReplicaSetCreateError', message], nowMs);
  }
  if (creation !== undefined) {
    const message = `Created new replica set ${JSON.stringify(creation.name)}`;
    return said(conditions, [PROGRESSING, 'True', 'NewReplicaSetCreated', message], nowMs);
  }
  const current = currentSet(deployment, sets);
  const progress = findCondition(conditions, PROGRESSING);
  if (current === undefined || (progress !== undefined && !isAboutFormer(progress, current))) return conditions;
  const message = `Found new replica set ${JSON.stringify(current.metadata.name)}`;
  return said(conditions, [PROGRESSING, 'True', 'FoundNewReplicaSet', message], nowMs);
}

/** Each step counts as an update, also when the last one said the same. */
function withStep(conditions: Conditions, message: string, nowMs: number): Conditions {
  const before = findCondition(conditions, PROGRESSING);
  const stays = before?.status === 'True' ? before.lastTransitionTime : undefined;
  const next = conditionOf([PROGRESSING, 'True', 'ReplicaSetUpdated', message], nowMs);
  const step = stays === undefined ? next : { ...next, lastTransitionTime: stays };
  return [...removeCondition(conditions, PROGRESSING), step];
}

/** A set that cannot make its pods says why; the newest set is heard first. */
function withFailure(conditions: Conditions, { deployment, sets }: StatusSnapshot): Conditions {
  const current = currentSet(deployment, sets);
  const heard = [...(current === undefined ? [] : [current]), ...sets];
  const failure = heard.map(({ status }) => findCondition(status?.conditions, FAILURE)).find(Boolean);
  if (failure === undefined) return removeCondition(conditions, FAILURE);
  const { status, reason, message, lastTransitionTime } = failure;
  const before = findCondition(conditions, FAILURE);
  if (before?.status === status && before.reason === reason) return conditions;
  const times = lastTransitionTime === undefined ? {} : { lastUpdateTime: lastTransitionTime, lastTransitionTime };
  const copied = { type: FAILURE, status, ...times, reason: reason ?? '', message: message ?? '' };
  return [...removeCondition(conditions, FAILURE), copied];
}

function withAvailability(
  conditions: Conditions,
  { deployment, nowMs }: StatusSnapshot,
  { availableReplicas }: Counts,
): Conditions {
  const enough = availableReplicas >= wantedReplicas(deployment) - boundsOf(deployment).maxUnavailable;
  return enough
    ? said(conditions, [AVAILABLE, 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.'], nowMs)
    : said(
        conditions,
        [AVAILABLE, 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.'],
        nowMs,
      );
}

function hasProgressed(status: DeploymentStatus | undefined, now: Counts): boolean {
  const before = { ...NO_PODS, ...status };
  return (
    now.updatedReplicas > before.updatedReplicas ||
    now.replicas - now.updatedReplicas < before.replicas - before.updatedReplicas ||
    now.readyReplicas > before.readyReplicas ||
    now.availableReplicas > before.availableReplicas
  );
}

function hasTimedOut(deployment: Deployment, progress: DeploymentCondition | undefined, nowMs: number): boolean {
  if (progress === undefined || progress.reason === 'NewReplicaSetAvailable') return false;
  const sinceMs = parseTime(progress.lastUpdateTime);
  return sinceMs !== undefined && sinceMs + (deadlineOf(deployment) ?? Infinity) * 1000 < nowMs;
}

function subjectOf({ deployment, sets }: StatusSnapshot): string {
  const current = currentSet(deployment, sets);
  if (current !== undefined) return `ReplicaSet ${JSON.stringify(current.metadata.name)}`;
  return `Deployment ${JSON.stringify(deployment.metadata.name)}`;
}

/** The same status for the same reason is no news; a new reason for the same status keeps the time of transition. */
function said(conditions: Conditions, what: Said, nowMs: number): Conditions {
  const next = conditionOf(what, nowMs);
  const before = findCondition(conditions, next.type);
  if (before?.status === next.status && before.reason === next.reason) return conditions;
  const stays = before?.status === next.status ? before.lastTransitionTime : undefined;
  const settled = stays === undefined ? next : { ...next, lastTransitionTime: stays };
  return [...removeCondition(conditions, next.type), settled];
}

function conditionOf([type, status, reason, message]: Said, nowMs: number): DeploymentCondition {
  const now = formatTime(nowMs);
  return { type, status, lastUpdateTime: now, lastTransitionTime: now, reason, message };
}
