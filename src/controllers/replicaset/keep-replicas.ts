/** Keeps as many pods as an owner asks for: what replica sets and replication controllers share. */
import type { ReplicaSet } from '#api/apps/replica-set';
import { Pod } from '#api/core/pod';
import { selectorFrom } from '#api/meta/label-selector';
import { semanticEqual } from '#api/meta/semantic-equal';
import type { ApiObject } from '#api/object';
import type { ResourceType } from '#api/resource';
import type { ReplicaSetStatus } from '#api/types/apps-v1';
import type { LabelSelector } from '#api/types/meta-v1';
import { refOfKey } from '#client/key';
import type { Context, Outcome } from '../framework/controller.ts';
import { claim, unlessMissing } from '../ownership/claim.ts';
import { claimable } from '../ownership/owner-keys.ts';
import { buildPod } from '../pods/build-pod.ts';
import { createPod, removePod } from '../pods/change-pods.ts';
import { countPods } from './count-pods.ts';
import { planReplicas, planReplicaSetStatus, planRestMs, type ReplicaSetSnapshot } from './plan.ts';
import { inSlowStart } from './slow-start.ts';

export type ReplicaKind<O extends ApiObject> = {
  readonly type: ResourceType<O>;
  readonly selectorOf: (owner: O) => LabelSelector | undefined;
  /** What the owner asks for. */
  readonly asSet: (owner: O) => ReplicaSet;
  readonly withStatus: (owner: O, status: ReplicaSetStatus) => O;
  /** Active pods that share nodes with its own: `pods` are those. */
  readonly related: (owner: O, pods: readonly Pod[], context: Context) => readonly Pod[];
};

export async function keepReplicas<O extends ApiObject>(
  kind: ReplicaKind<O>,
  key: string,
  context: Context,
): Promise<Outcome | undefined> {
  const { type, selectorOf, asSet, related, withStatus } = kind;
  const owner = context.get(type, refOfKey(key));
  if (owner === undefined) return undefined;
  const set = asSet(owner);
  const selector = selectorFrom(selectorOf(owner));
  const objects = claimable(Pod, owner, context);
  const pods = await claim({ owner, ownerType: type, type: Pod, selector, objects }, context);
  const nowMs = context.now();
  const counts = countPods(set, pods, nowMs);
  const snapshot = { set, pods, counts, related: () => related(owner, pods, context), nowMs };
  const failure = await manage(type, snapshot, context);
  const next = withStatus(owner, planReplicaSetStatus(snapshot, failure?.message));
  if (!semanticEqual(next, owner)) await unlessMissing(context.client.update(type, next, { subresource: 'status' }));
  if (failure !== undefined) throw failure;
  return { againInMs: counts.nextAvailableInMs, restMs: planRestMs(snapshot) };
}

/** What went wrong, if anything. */
async function manage(type: ResourceType, snapshot: ReplicaSetSnapshot, context: Context): Promise<Error | undefined> {
  const { set } = snapshot;
  const { create, remove } = planReplicas(snapshot);
  if (create > 0) {
    const pod = buildPod(set, type, set.spec.template);
    return await inSlowStart(create, () => createPod(set, pod, context));
  }
  const failures = await Promise.all(remove.map((pod) => removePod(set, pod, context)));
  return failures.find((failure) => failure !== undefined);
}
