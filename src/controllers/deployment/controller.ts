/** Rolls a deployment's template out through replica sets, one planned step after another. */
import { Deployment } from '#api/apps/deployment';
import { ReplicaSet } from '#api/apps/replica-set';
import { Pod } from '#api/core/pod';
import { isTerminal } from '#api/core/pod-state';
import { isApiError } from '#api/errors';
import { selectorFrom } from '#api/meta/label-selector';
import { controllerOf } from '#api/meta/owner-reference';
import { semanticEqual } from '#api/meta/semantic-equal';
import { refOf, type Unsaved } from '#api/object';
import type { DeploymentStatus } from '#api/types/apps-v1';
import { asError } from '#base/errors';
import type { Change } from '#client/informer';
import { keyOf, refOfKey } from '#client/key';
import { defineController, NO_KEYS, on, type Context, type Controller, type Outcome } from '../framework/controller.ts';
import { claim, unlessMissing } from '../ownership/claim.ts';
import { claimable, controlledBy, indexedByController, ownerKeys, ownerOf } from '../ownership/owner-keys.ts';
import { planDeployment, type DeploymentPlan, type SetChange } from './plan.ts';
import { planRequestedRollback, type RequestedRollback } from './plan-requested-rollback.ts';
import { FAILURE_NOTE, HEALTHY_REVISION, REVISION, revisionOf } from './plan-revision.ts';
import { isSwitchedOff } from './plan-rollback.ts';
import { isRolling, wantedReplicas } from './plan-size.ts';
import { nextProgressCheckInMs, planDeploymentStatus, type StatusSnapshot } from './plan-status.ts';
import { currentSet, isSameTemplate } from './plan-template.ts';
import { tellHeldBack, type HeldBack } from './rollback-notes.ts';

export type DeploymentOptions = {
  /** Whether failed revisions are taken back, unless the deployment itself says otherwise. */
  readonly automaticRollback?: boolean;
};

export const deployment = ({ automaticRollback = true }: DeploymentOptions = {}): Controller =>
  defineController({
    name: 'deployment-controller',
    reads: [Deployment, ReplicaSet, Pod],
    writes: [Deployment, ReplicaSet],
    triggers: [
      on(Deployment, ({ after }) => (after === undefined ? [] : [keyOf(after)])),
      on(ReplicaSet, ownerKeys(Deployment)),
      on(Pod, recreatedDeployments),
      indexedByController(ReplicaSet),
      indexedByController(Pod),
    ],
    async reconcile(key, context) {
      const object = context.get(Deployment, refOfKey(key));
      if (object === undefined) return undefined;
      if (selectsEverything(object)) return await refuse(object, context);
      const selector = selectorFrom(object.spec.selector);
      const objects = claimable(ReplicaSet, object, context);
      const sets = await claim({ owner: object, ownerType: Deployment, type: ReplicaSet, selector, objects }, context);
      const asked = planRequestedRollback(object, sets);
      if (asked !== undefined) return await rollBack(object, asked, context);
      const pods = sets.flatMap(({ metadata }) => controlledBy(Pod, metadata.uid, context));
      const rollsBack = automaticRollback && !isSwitchedOff(object);
      const plan = planDeployment({ deployment: object, sets, pods, rollsBack });
      const after = await apply(plan, { deployment: object, sets }, context);
      return await writeStatus({ ...after, rollout: plan.rollout, nowMs: context.now() }, context);
    },
  });

/** A pod that has gone may be the last that a recreated deployment waits for. */
function recreatedDeployments({ before, after }: Change<Pod>, context: Context): readonly string[] {
  if (before === undefined || (after !== undefined && !isTerminal(after))) return NO_KEYS;
  const set = ownerOf(ReplicaSet, before, context);
  const owner = set && ownerOf(Deployment, set, context);
  return owner === undefined || isRolling(owner) ? [] : [keyOf(owner)];
}

function selectsEverything({ spec }: Deployment): boolean {
  return selectorFrom(spec.selector).requirements.length === 0;
}

async function refuse(object: Deployment, { client, events }: Context): Promise<undefined> {
  const message = 'This deployment is selecting all pods. A non-empty selector is required.';
  events.report(object, { type: 'Warning', reason: 'SelectingAll', message });
  const generation = object.metadata.generation ?? 0;
  if ((object.status?.observedGeneration ?? 0) >= generation) return undefined;
  const status = { ...object.status, observedGeneration: generation };
  await unlessMissing(client.update(Deployment, { ...object, status }, { subresource: 'status' }));
  return undefined;
}

/** Nothing else is done before the deployment is what was asked for. */
async function rollBack(
  object: Deployment,
  { next, event }: RequestedRollback,
  { client, events }: Context,
): Promise<undefined> {
  if ((await unlessMissing(client.update(Deployment, next))) !== undefined) events.report(object, event);
  return undefined;
}

type Applied = Pick<StatusSnapshot, 'deployment' | 'sets' | 'creation'>;

/** The sets as they are afterwards. */
async function apply(plan: DeploymentPlan, before: Applied, context: Context): Promise<Applied> {
  const { deployment: owner } = before;
  const changed = new Map<string, ReplicaSet>();
  for (const change of plan.change) {
    const { uid } = change.before.metadata;
    changed.set(uid, await applyChange(owner, change, context));
    if (uid === plan.rollback?.failed.metadata.uid) reportRollback(owner, plan.rollback, context);
  }
  for (const set of plan.remove) {
    const { uid, resourceVersion } = set.metadata;
    await unlessMissing(context.client.delete(ReplicaSet, refOf(set), { preconditions: { uid, resourceVersion } }));
  }
  const removed = new Set(plan.remove.map(({ metadata }) => metadata.uid));
  const sets = before.sets
    .filter(({ metadata }) => !removed.has(metadata.uid))
    .map((set) => changed.get(set.metadata.uid) ?? set);
  if (plan.create === undefined) return { deployment: owner, sets };
  return await create(plan.create, { deployment: owner, sets }, context);
}

async function applyChange(owner: Deployment, { before, after }: SetChange, context: Context): Promise<ReplicaSet> {
  const updated = await context.client.update(ReplicaSet, after);
  const [from, to] = [wantedReplicas(before), wantedReplicas(after)];
  if (from !== to) reportScaling(owner, { name: before.metadata.name, from, to }, context);
  return updated;
}

type Scaling = { readonly name: string; readonly from: number; readonly to: number };

function reportScaling(owner: Deployment, { name, from, to }: Scaling, { events }: Context): void {
  const direction = to > from ? 'up' : 'down';
  const message = `Scaled ${direction} replica set ${name} from ${from} to ${to}`;
  events.report(owner, { type: 'Normal', reason: 'ScalingReplicaSet', message });
}

function reportRollback(owner: Deployment, held: HeldBack, { events }: Context): void {
  const message = `Rolled back to revision ${revisionOf(held.fallback)}: ${tellHeldBack(held)}`;
  events.report(owner, { type: 'Warning', reason: 'DeploymentRollback', message });
}

async function create(set: Unsaved<ReplicaSet>, before: Applied, context: Context): Promise<Applied> {
  const { deployment: owner, sets } = before;
  const name = set.metadata.name ?? '';
  try {
    const created = await context.client.create(ReplicaSet, set);
    const to = wantedReplicas(created);
    if (to > 0) reportScaling(owner, { name, from: 0, to }, context);
    return { ...before, sets: [...sets, created], creation: { name } };
  } catch (error) {
    if (isApiError(error, 'AlreadyExists')) return await resolveCollision(name, before, context);
    const failure = asError(error).message;
    const message = `Failed to create new replica set ${JSON.stringify(name)}: ${failure}`;
    context.events.report(owner, { type: 'Warning', reason: 'ReplicaSetCreateError', message });
    await writeStatus({ ...before, creation: { name, failure }, rollout: false, nowMs: context.now() }, context);
    throw error;
  }
}

/** The name is taken: by the very set we want, which we had not seen yet, or by another, and then the next try takes another name. */
async function resolveCollision(name: string, before: Applied, context: Context): Promise<Applied> {
  const { deployment: owner, sets } = before;
  const { namespace } = owner.metadata;
  const existing = await context.client.get(ReplicaSet, { namespace, name });
  const isOurs = controllerOf(existing)?.uid === owner.metadata.uid;
  if (isOurs && isSameTemplate(existing.spec.template, owner.spec.template)) {
    context.informer(ReplicaSet).observe(existing, 'written');
    return { ...before, sets: [...sets, existing], creation: { name } };
  }
  const status = { ...owner.status, collisionCount: (owner.status?.collisionCount ?? 0) + 1 };
  const updated = await context.client.update(Deployment, { ...owner, status }, { subresource: 'status' });
  return { deployment: updated, sets };
}

async function writeStatus(snapshot: StatusSnapshot, context: Context): Promise<Outcome> {
  const owner = await writeRevision(snapshot, context);
  const status: DeploymentStatus = planDeploymentStatus(snapshot);
  if (owner !== undefined && !semanticEqual(owner.status, status)) {
    await unlessMissing(context.client.update(Deployment, { ...owner, status }, { subresource: 'status' }));
  }
  return { againInMs: nextProgressCheckInMs(snapshot.deployment, status, snapshot.nowMs) };
}

/** The deployment carries the revision of its current set: what `kubectl rollout history` and `undo` count by. */
async function writeRevision(
  { deployment: owner, sets }: StatusSnapshot,
  { client }: Context,
): Promise<Deployment | undefined> {
  const current = currentSet(owner, sets);
  if (current === undefined || revisionOf(current) === 0 || revisionOf(current) === revisionOf(owner)) return owner;
  // `kubectl rollout undo` copies what it finds on a replica set.
  const { [HEALTHY_REVISION]: _healthy, [FAILURE_NOTE]: _failure, ...own } = owner.metadata.annotations ?? {};
  const annotations = { ...own, [REVISION]: String(revisionOf(current)) };
  const updated = { ...owner, metadata: { ...owner.metadata, annotations } };
  return await unlessMissing(client.update(Deployment, updated));
}
