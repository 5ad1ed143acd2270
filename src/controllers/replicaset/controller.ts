/** Keeps as many pods as a replica set asks for. */
import { Pod } from '#api/core/pod';
import { isActive } from '#api/core/pod-state';
import { ReplicaSet } from '#api/apps/replica-set';
import { selectorFrom } from '#api/meta/label-selector';
import { controllerOf } from '#api/meta/owner-reference';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { ReplicaSetStatus } from '#api/types/apps-v1';
import { keyOf, refOfKey } from '#client/key';
import { defineController, on, type Context, type Outcome } from '../framework/controller.ts';
import { claim, unlessMissing } from '../ownership/claim.ts';
import { claimable, controlledBy, indexedByController, ownerKeys } from '../ownership/owner-keys.ts';
import { buildPod } from '../pods/build-pod.ts';
import { createPod, removePod } from '../pods/change-pods.ts';
import { inSlowStart } from './slow-start.ts';
import { nextAvailableInMs, planReplicas, planReplicaSetStatus, type ReplicaSetSnapshot } from './plan.ts';

export const replicaSet = defineController({
  name: 'replicaset-controller',
  reads: [ReplicaSet, Pod],
  writes: [ReplicaSet, Pod],
  triggers: [
    on(ReplicaSet, ({ after }) => (after === undefined ? [] : [keyOf(after)])),
    on(Pod, ownerKeys(ReplicaSet)),
    indexedByController(Pod),
    indexedByController(ReplicaSet),
  ],
  async reconcile(key, context) {
    const set = context.get(ReplicaSet, refOfKey(key));
    if (set === undefined) return undefined;
    const selector = selectorFrom(set.spec.selector);
    const objects = claimable(Pod, set, context);
    const pods = await claim({ owner: set, ownerType: ReplicaSet, type: Pod, selector, objects }, context);
    const snapshot = { set, pods, related: relatedPods(set, context), nowMs: context.now() };
    const failure = await manage(snapshot, context);
    await writeStatus(set, planReplicaSetStatus(snapshot, failure?.message), context);
    if (failure !== undefined) throw failure;
    return outcomeOf(snapshot);
  },
});

function outcomeOf(snapshot: ReplicaSetSnapshot): Outcome {
  return { againInMs: nextAvailableInMs(snapshot) };
}

/** Active pods of the replica sets that have the same owner: a rollout's old and new pods share the nodes. */
function relatedPods(set: ReplicaSet, context: Context): readonly Pod[] {
  const owner = controllerOf(set);
  const sets = owner === undefined ? [set] : controlledBy(ReplicaSet, owner.uid, context);
  return sets.flatMap(({ metadata }) => controlledBy(Pod, metadata.uid, context)).filter(isActive);
}

/** What went wrong, if anything. */
async function manage(snapshot: ReplicaSetSnapshot, context: Context): Promise<Error | undefined> {
  const { set } = snapshot;
  const { create, remove } = planReplicas(snapshot);
  if (create > 0)
    return await inSlowStart(create, () => createPod(set, buildPod(set, ReplicaSet, set.spec.template), context));
  const failures = await Promise.all(remove.map((pod) => removePod(set, pod, context)));
  return failures.find((failure) => failure !== undefined);
}

async function writeStatus(set: ReplicaSet, status: ReplicaSetStatus, { client }: Context): Promise<void> {
  if (semanticEqual(set.status, status)) return;
  await unlessMissing(client.update(ReplicaSet, { ...set, status }, { subresource: 'status' }));
}
