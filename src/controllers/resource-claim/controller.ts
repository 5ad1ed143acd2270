/** Makes the claims that pods have templates for, and keeps true who uses a claim. */
import { Pod } from '#api/core/pod';
import { controllerOf } from '#api/meta/owner-reference';
import { refOf } from '#api/object';
import { claimNamesOf, isDone, withConsumer } from '#api/resource/pod-claims';
import { ResourceClaim } from '#api/resource/resource-claim';
import { ResourceClaimTemplate } from '#api/resource/resource-claim-template';
import type { PodResourceClaimStatus } from '#api/types/core-v1';
import type { ResourceClaimConsumerReference } from '#api/types/resource-v1';
import { asError } from '#base/errors';
import type { Change } from '#client/informer';
import { keyOf, refOfKey } from '#client/key';
import { defineController, indexed, NO_KEYS, on, type Context } from '../framework/controller.ts';
import { unlessMissing } from '../ownership/claim.ts';
import { controlledBy, indexedByController } from '../ownership/owner-keys.ts';
import { planClaim, withoutFinalizer } from './plan-claim.ts';
import { planPod, type ClaimWork, type PodSnapshot } from './plan-pod.ts';

const BY_CLAIM = 'controllers/resource-claims';
const BY_TEMPLATE = 'controllers/resource-claim-templates';
const POD = 'pod:';
const CLAIM = 'claim:';

const inNamespace = (pod: Pod, name: string): string => `${pod.metadata.namespace ?? ''}/${name}`;

export const resourceClaim = defineController({
  name: 'resource-claim-controller',
  eventSource: 'resource_claim',
  reads: [Pod, ResourceClaim, ResourceClaimTemplate],
  writes: [Pod, ResourceClaim],
  triggers: [
    on(Pod, concerned),
    on(ResourceClaim, ({ before, after }, context) => {
      const claim = after ?? before;
      if (claim === undefined) return [];
      const pods = context.informer(Pod).byIndex(BY_CLAIM, keyOf(claim));
      const owner = controllerOf(claim);
      const owners = owner === undefined ? [] : [`${claim.metadata.namespace ?? ''}/${owner.name}`];
      return [`${CLAIM}${keyOf(claim)}`, ...[...pods.map(keyOf), ...owners].map((key) => `${POD}${key}`)];
    }),
    on(ResourceClaimTemplate, ({ after }, context) =>
      after === undefined
        ? []
        : context
            .informer(Pod)
            .byIndex(BY_TEMPLATE, keyOf(after))
            .map((pod) => `${POD}${keyOf(pod)}`),
    ),
    indexed(Pod, BY_CLAIM, (pod) =>
      pod.spec.resourceClaims === undefined ? NO_KEYS : claimNamesOf(pod).map((name) => inNamespace(pod, name)),
    ),
    indexed(
      Pod,
      BY_TEMPLATE,
      (pod) =>
        pod.spec.resourceClaims?.flatMap(({ resourceClaimTemplateName: name }) =>
          name === undefined ? [] : [inNamespace(pod, name)],
        ) ?? NO_KEYS,
    ),
    indexedByController(ResourceClaim),
  ],
  async reconcile(key, context) {
    if (key.startsWith(POD)) await settlePod(key.slice(POD.length), context);
    else await settleClaim(key.slice(CLAIM.length), context);
  },
});

function concerned({ before, after }: Change<Pod>): readonly string[] {
  const pod = after ?? before;
  if (pod?.spec.resourceClaims === undefined) return NO_KEYS;
  const isOver = after === undefined || isDone(after);
  const claims = isOver ? claimNamesOf(pod).map((name) => `${CLAIM}${inNamespace(pod, name)}`) : [];
  return after === undefined ? claims : [...claims, `${POD}${keyOf(pod)}`];
}

async function settlePod(key: string, context: Context): Promise<void> {
  const pod = context.get(Pod, refOfKey(key));
  if (pod === undefined) return;
  const { work, reserve } = planPod(snapshotOf(pod, context));
  const made = new Map<string, string>();
  for (const each of work) made.set(each.podClaim, await carryOut(pod, each, context));
  if (made.size > 0) await note(pod, made, context);
  for (const claim of reserve) {
    await context.client.update(ResourceClaim, withConsumer(claim, pod), { subresource: 'status' });
  }
}

function snapshotOf(pod: Pod, context: Context): PodSnapshot {
  const { namespace } = pod.metadata;
  const named = claimNamesOf(pod).map((name) => context.get(ResourceClaim, { namespace, name }));
  const own = controlledBy(ResourceClaim, pod.metadata.uid, context);
  const templates = (pod.spec.resourceClaims ?? []).flatMap(({ resourceClaimTemplateName: name }) =>
    name === undefined ? [] : [context.get(ResourceClaimTemplate, { namespace, name })],
  );
  return {
    pod,
    claims: [...named.filter((claim) => claim !== undefined), ...own],
    templates: templates.filter((template) => template !== undefined),
  };
}

/** The name of the claim. */
async function carryOut(pod: Pod, work: ClaimWork, { client, events }: Context): Promise<string> {
  if (work.act === 'note') return work.name;
  try {
    if (work.act === 'fail') throw new Error(work.problem);
    return (await client.create(ResourceClaim, work.claim)).metadata.name;
  } catch (error) {
    const message = `PodResourceClaim ${work.podClaim}: ${asError(error).message}`;
    events.report(pod, { type: 'Warning', reason: 'FailedResourceClaimCreation', message });
    throw error;
  }
}

/** Tells the pod the names of the claims that were made for it. */
async function note(pod: Pod, made: ReadonlyMap<string, string>, { client }: Context): Promise<void> {
  const resourceClaimStatuses = [...made].map(([name, resourceClaimName]): PodResourceClaimStatus => ({
    name,
    resourceClaimName,
  }));
  const document = { metadata: { uid: pod.metadata.uid }, status: { resourceClaimStatuses } };
  const patch = { type: 'application/strategic-merge-patch+json', document } as const;
  await unlessMissing(client.patch(Pod, { ref: refOf(pod), patch }, { subresource: 'status' }));
}

async function settleClaim(key: string, context: Context): Promise<void> {
  const claim = context.get(ResourceClaim, refOfKey(key));
  if (claim === undefined) return;
  const plan = planClaim(claim, { users: await usersOf(claim, context), isOwnerDone: isOwnerDone(claim, context) });
  const { client } = context;
  const written =
    plan.status === claim
      ? claim
      : await unlessMissing(client.update(ResourceClaim, plan.status, { subresource: 'status' }));
  if (written === undefined) return;
  const kept = plan.release ? await unlessMissing(client.update(ResourceClaim, withoutFinalizer(written))) : written;
  if (kept === undefined || !plan.remove) return;
  await unlessMissing(client.delete(ResourceClaim, refOf(kept), { preconditions: { uid: kept.metadata.uid } }));
}

async function usersOf(claim: ResourceClaim, context: Context): Promise<readonly ResourceClaimConsumerReference[]> {
  const users: ResourceClaimConsumerReference[] = [];
  for (const user of claim.status?.reservedFor ?? []) {
    if (user.resource !== 'pods' || user.apiGroup) throw new Error(`unsupported ReservedFor entry: ${user.resource}`);
    if (await needsClaim(user, claim, context)) users.push(user);
  }
  return users;
}

async function needsClaim(
  { name, uid }: ResourceClaimConsumerReference,
  claim: ResourceClaim,
  context: Context,
): Promise<boolean> {
  const ref = { namespace: claim.metadata.namespace, name };
  const cached = context.get(Pod, ref);
  // Our copy of the pods may be behind that of the claims: the server itself is asked before a pod loses its devices.
  const pod = cached?.metadata.uid === uid ? cached : await unlessMissing(context.client.get(Pod, ref));
  return pod?.metadata.uid === uid && !isDone(pod);
}

/** What a pod that is gone owned is the garbage collector's. */
function isOwnerDone(claim: ResourceClaim, context: Context): boolean {
  const owner = controllerOf(claim);
  if (owner?.kind !== Pod.kind || owner.apiVersion !== Pod.apiVersion) return false;
  const pod = context.get(Pod, { namespace: claim.metadata.namespace, name: owner.name });
  return pod?.metadata.uid === owner.uid && isDone(pod);
}
