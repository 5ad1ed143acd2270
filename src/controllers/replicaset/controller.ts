/** Keeps as many pods as a replica set asks for. */
import { ReplicaSet } from '#api/apps/replica-set';
import { Pod } from '#api/core/pod';
import { isActive } from '#api/core/pod-state';
import { controllerOf } from '#api/meta/owner-reference';
import { keyOf } from '#client/key';
import { defineController, on, type Context } from '../framework/controller.ts';
import { controlledBy, indexedByController, ownerKeys } from '../ownership/owner-keys.ts';
import { keepReplicas, type ReplicaKind } from './keep-replicas.ts';

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
  reconcile: (key, context) => keepReplicas(KIND, key, context),
});

const KIND: ReplicaKind<ReplicaSet> = {
  type: ReplicaSet,
  selectorOf: ({ spec }) => spec.selector,
  asSet: (set) => set,
  withStatus: (set, status) => ({ ...set, status }),
  related: relatedPods,
};

/** Those of the replica sets that have the same owner: a rollout's old and new pods share the nodes. */
function relatedPods(set: ReplicaSet, _pods: readonly Pod[], context: Context): readonly Pod[] {
  const owner = controllerOf(set);
  const sets = owner === undefined ? [set] : controlledBy(ReplicaSet, owner.uid, context);
  return sets.flatMap(({ metadata }) => controlledBy(Pod, metadata.uid, context)).filter(isActive);
}
