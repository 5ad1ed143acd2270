/** Keeps the pods of a stateful set: each with its name, its storage and its place in the order. */
import { ControllerRevision } from '#api/apps/controller-revision';
import { StatefulSet } from '#api/apps/stateful-set';
import { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import { Pod } from '#api/core/pod';
import { selectorFrom } from '#api/meta/label-selector';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { StatefulSetStatus } from '#api/types/apps-v1';
import { asError } from '#base/errors';
import { keyOf, refOfKey } from '#client/key';
import { defineController, on, type Context, type Outcome } from '../framework/controller.ts';
import { forget, keepHistory, type History } from '../history/history.ts';
import { planForgotten, templateOf } from '../history/plan-history.ts';
import { claim, unlessMissing } from '../ownership/claim.ts';
import { claimable, controlledBy, indexedByController, ownerKeys } from '../ownership/owner-keys.ts';
import { createStatefulPod, keepIdentity, removeStatefulPod } from './change-pods.ts';
import { dropUnusedClaims } from './claims.ts';
import { ordinalOf, revisionOf } from './plan-identity.ts';
import { planReplicas } from './plan-replicas.ts';
import type { Revision, StatefulSnapshot } from './plan-snapshot.ts';
import { nextAvailableInMs, planStatefulSetStatus } from './plan-status.ts';

const HASH = 'controller.kubernetes.io/hash';

export const statefulSet = defineController({
  name: 'statefulset-controller',
  reads: [StatefulSet, Pod, ControllerRevision, PersistentVolumeClaim],
  writes: [StatefulSet, Pod, ControllerRevision, PersistentVolumeClaim],
  triggers: [
    on(StatefulSet, ({ after }) => (after === undefined ? [] : [keyOf(after)])),
    on(Pod, ownerKeys(StatefulSet)),
    on(ControllerRevision, ownerKeys(StatefulSet)),
    indexedByController(Pod),
    indexedByController(ControllerRevision),
  ],
  async reconcile(key, context) {
    const set = context.get(StatefulSet, refOfKey(key));
    if (set === undefined) return undefined;
    const selector = selectorFrom(set.spec.selector);
    const objects = claimable(Pod, set, context).filter((pod) => ordinalOf(set, pod) !== undefined);
    await claim({ owner: set, ownerType: StatefulSet, type: Pod, selector, objects }, context);
    const { collisionCount = 0 } = set.status ?? {};
    const history = await keepHistory({ owner: set, type: StatefulSet, hashLabel: HASH, collisionCount }, context);
    if (history === 'collision') return await countCollision(set, context);
    const look = (): StatefulSnapshot => snapshotOf(set, history, context);
    const { failure, readiness } = await manage(look(), context);
    // What was just done shows: reads are never older than own writes.
    const after = look();
    await writeStatus(set, planStatefulSetStatus(after), context);
    if (failure !== undefined) throw failure;
    await forgetOld(after, history, context);
    return { againInMs: readiness === 'not yet' ? CLAIM_WAIT_MS : nextAvailableInMs(after) };
  },
});

// Nobody tells when a claim of an earlier pod has gone.
const CLAIM_WAIT_MS = 1000;

async function countCollision(set: StatefulSet, context: Context): Promise<Outcome> {
  const { collisionCount = 0 } = set.status ?? {};
  await writeStatus(set, { replicas: 0, ...set.status, collisionCount: collisionCount + 1 }, context);
  return { againInMs: 0 };
}

function snapshotOf(set: StatefulSet, { current: newest, revisions }: History, context: Context): StatefulSnapshot {
  const owned = controlledBy(Pod, set.metadata.uid, context);
  const known = revisions.find(({ metadata }) => metadata.name === set.status?.currentRevision);
  return {
    set,
    pods: owned.filter((pod) => ordinalOf(set, pod) !== undefined),
    current: revisionFrom(known ?? newest),
    update: revisionFrom(newest),
    nowMs: context.now(),
  };
}

const revisionFrom = (revision: ControllerRevision): Revision => ({
  name: revision.metadata.name,
  template: templateOf(revision),
});

type Work = { readonly failure?: Error; readonly readiness?: 'ready' | 'not yet' };

async function manage(snapshot: StatefulSnapshot, context: Context): Promise<Work> {
  const { set, pods } = snapshot;
  let readiness: Work['readiness'] = 'ready';
  try {
    const { create, remove } = planReplicas(snapshot);
    for (const pod of pods) await keepIdentity(set, pod, context);
    for (const pod of create) if ((await createStatefulPod(set, pod, context)) === 'not yet') readiness = 'not yet';
    for (const pod of remove) await removeStatefulPod(set, pod, context);
    if (set.metadata.deletionTimestamp === undefined) await dropUnusedClaims(set, context);
    return { readiness };
  } catch (error) {
    return { failure: asError(error) };
  }
}

async function forgetOld({ set, pods }: StatefulSnapshot, history: History, context: Context): Promise<void> {
  const { currentRevision } = context.get(StatefulSet, set.metadata)?.status ?? {};
  const live = new Set([...pods.map(revisionOf), currentRevision, history.current.metadata.name]);
  const isLive = ({ metadata }: ControllerRevision): boolean => live.has(metadata.name);
  await forget(planForgotten(history.revisions, isLive, set.spec.revisionHistoryLimit ?? 10), context);
}

async function writeStatus(set: StatefulSet, status: StatefulSetStatus, { client }: Context): Promise<void> {
  if (semanticEqual(set.status, status)) return;
  await unlessMissing(client.update(StatefulSet, { ...set, status }, { subresource: 'status' }));
}
