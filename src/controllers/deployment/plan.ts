/** Decides the next step of a deployment: which replica sets to make, resize and remove now. One step a call; the next follows when its effects show. */
import { isTerminal } from '#api/core/pod-state';
import type { Unsaved } from '#api/object';
import type { Deployment, ReplicaSet } from '#api/types/apps-v1';
import type { Pod } from '#api/types/core-v1';
import { controllerOf } from '#api/meta/owner-reference';
import {
  broughtUpToDate,
  isScaledForAnotherSize,
  newReplicaSet,
  nextRevision,
  resized,
  revisionOf,
} from './plan-revision.ts';
import { planScaleDown, planScaleUp } from './plan-rolling.ts';
import { isRolling, planProportions, type Resize, byAge, wantedReplicas } from './plan-size.ts';
import { isComplete } from './plan-status.ts';
import { planNotes } from './plan-rollback.ts';
import { currentSet } from './plan-template.ts';
import { heldBack, type HeldBack } from './rollback-notes.ts';

export type DeploymentSnapshot = {
  readonly deployment: Deployment;
  /** The replica sets it owns. */
  readonly sets: readonly ReplicaSet[];
  /** The pods of those sets, whatever their phase. */
  readonly pods: readonly Pod[];
  /** Whether the last healthy revision takes the place of one that fails; it does not unless said. */
  readonly rollsBack?: boolean;
};

export type SetChange = { readonly before: ReplicaSet; readonly after: ReplicaSet };

export type DeploymentPlan = {
  readonly create?: Unsaved<ReplicaSet>;
  readonly change: readonly SetChange[];
  readonly remove: readonly ReplicaSet[];
  /** Whether this step belongs to a rollout, whose progress is to be judged. */
  readonly rollout: boolean;
  /** A rollback that begins with this step. */
  readonly rollback?: HeldBack | undefined;
};

export function planDeployment(snapshot: DeploymentSnapshot): DeploymentPlan {
  const { deployment, sets } = snapshot;
  if (deployment.metadata.deletionTimestamp !== undefined) return { ...NOTHING, rollout: false };
  const found = currentSet(deployment, sets);
  const rest = sets.filter((set) => set !== found);
  const revision = nextRevision(rest);
  const kept = found && broughtUpToDate(deployment, found, revision);
  const noted = planNotes({ ...snapshot, current: kept, others: rest }, snapshot.rollsBack === true);
  const plan = planStep(inPlace({ ...snapshot, ...noted, revision }));
  // What is noted on a set rides on its resize, or goes alone.
  const pairs = rest.map((set, index) => [set, noted.others[index] ?? set] as const);
  const originals = found === undefined ? pairs : [[found, noted.current ?? found] as const, ...pairs];
  const held = heldBack(found, rest) === undefined ? heldBack(noted.current, noted.others) : undefined;
  return { ...plan, change: withNotes(plan.change, originals), ...(held && { rollback: held }) };
}

/** While the newest revision is held back, the one that works is brought to its full size in its place. */
function inPlace(state: State): State {
  const held = heldBack(state.current, state.others);
  if (held === undefined) return state;
  const others = [held.failed, ...state.others.filter((set) => set !== held.fallback)];
  return { ...state, current: held.fallback, others };
}

type State = DeploymentSnapshot & {
  readonly current: ReplicaSet | undefined;
  readonly others: readonly ReplicaSet[];
  readonly revision: number;
};

const NOTHING: DeploymentPlan = { change: [], remove: [], rollout: true };

function planStep(state: State): DeploymentPlan {
  const { deployment, current, others } = state;
  const active = [...others, ...(current ? [current] : [])].filter(isActive);
  if (deployment.spec.paused === true) return { ...planScaling(state), remove: planCleanUp(state), rollout: false };
  if (active.some((set) => isScaledForAnotherSize(deployment, set))) return { ...planScaling(state), rollout: false };
  return isRolling(deployment) ? planRolling(state) : planRecreate(state);
}

function planRolling(state: State): DeploymentPlan {
  const { deployment, current, others } = state;
  if (current === undefined) return planCreation(state, planScaleUp(deployment, undefined, others));
  const size = planScaleUp(deployment, current, others);
  if (size !== wantedReplicas(current)) return planResizes(state, [{ set: current, replicas: size }]);
  const smaller = planScaleDown(deployment, current, others);
  return smaller.length > 0 ? planResizes(state, smaller) : planEnd(state);
}

function planRecreate(state: State): DeploymentPlan {
  const { deployment, current, others, pods } = state;
  const active = others.filter(isActive);
  if (active.length > 0) return planResizes(state, active.map(toZero));
  // The new version starts only when nothing of the old one runs any more, its ending included.
  const old = new Set(others.map(({ metadata }) => metadata.uid));
  if (pods.some((pod) => !isTerminal(pod) && old.has(controllerOf(pod)?.uid ?? ''))) return NOTHING;
  const replicas = wantedReplicas(deployment);
  if (current === undefined) return planCreation(state, replicas);
  return wantedReplicas(current) === replicas ? planEnd(state) : planResizes(state, [{ set: current, replicas }]);
}

/** Follows a changed number of replicas without moving the rollout on. */
function planScaling(state: State): DeploymentPlan {
  const { deployment, current, others } = state;
  const replicas = wantedReplicas(deployment);
  const only = activeOrLatest(state);
  if (only !== undefined) return planResizes(state, [{ set: only, replicas }]);
  const active = others.filter(isActive);
  if (current !== undefined && isSaturated(deployment, current)) return planResizes(state, active.map(toZero));
  if (!isRolling(deployment)) return NOTHING;
  const all = current !== undefined && isActive(current) ? [...active, current] : active;
  return planResizes(state, planProportions(deployment, all));
}

/** The only active set, or without one the newest; undefined while several are active. */
function activeOrLatest({ current, others }: State): ReplicaSet | undefined {
  const active = [...others, ...(current ? [current] : [])].filter(isActive);
  if (active.length > 1) return undefined;
  return active[0] ?? current ?? others.toSorted(byAge).at(-1);
}

function isSaturated(deployment: Deployment, set: ReplicaSet): boolean {
  const replicas = wantedReplicas(deployment);
  return (
    !isScaledForAnotherSize(deployment, set) &&
    wantedReplicas(set) === replicas &&
    (set.status?.availableReplicas ?? 0) === replicas
  );
}

function planEnd(state: State): DeploymentPlan {
  return { ...NOTHING, remove: isComplete(state.deployment, state.deployment.status) ? planCleanUp(state) : [] };
}

/** Old sets beyond the history to keep, the oldest revisions first; one that still has pods stays. */
function planCleanUp({ deployment, others }: State): readonly ReplicaSet[] {
  const limit = deployment.spec.revisionHistoryLimit;
  if (limit === undefined) return [];
  const kept = others.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return kept
    .toSorted((left, right) => revisionOf(left) - revisionOf(right) || byAge(left, right))
    .slice(0, Math.max(0, kept.length - limit))
    .filter(isEmpty);
}

function isEmpty(set: ReplicaSet): boolean {
  const observed = (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0);
  return observed && wantedReplicas(set) === 0 && (set.status?.replicas ?? 0) === 0;
}

function planCreation({ deployment, revision }: State, replicas: number): DeploymentPlan {
  const collisionCount = deployment.status?.collisionCount ?? 0;
  return { ...NOTHING, create: newReplicaSet(deployment, { replicas, revision, collisionCount }) };
}

function planResizes({ deployment }: State, resizes: readonly Resize[]): DeploymentPlan {
  const change = resizes
    .map(({ set, replicas }) => ({ before: set, after: resized(deployment, set, replicas) }))
    .filter(({ before, after }) => before !== after);
  return { ...NOTHING, change };
}

type Noted = readonly [before: ReplicaSet, after: ReplicaSet];

function withNotes(changes: readonly SetChange[], sets: readonly Noted[]): readonly SetChange[] {
  const original = new Map(sets.map(([before, noted]) => [noted, before]));
  const resizes = changes.map(({ before, after }) => ({ before: original.get(before) ?? before, after }));
  const resizedSets = new Set(resizes.map(({ before }) => before));
  const alone = sets.filter(([before, noted]) => before !== noted && !resizedSets.has(before));
  return [...resizes, ...alone.map(([before, after]) => ({ before, after }))];
}

const toZero = (set: ReplicaSet): Resize => ({ set, replicas: 0 });

function isActive(set: ReplicaSet): boolean {
  return wantedReplicas(set) > 0;
}
