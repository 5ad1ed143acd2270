/** `pods/eviction`: a deletion that asks the pod's disruption budget first. */
import { badRequestError, isApiError } from '#api/errors';
import { setCondition } from '#api/meta/conditions';
import { formatTime } from '#api/meta/time';
import { PodDisruptionBudget } from '#api/policy/pod-disruption-budget';
import type { ApiRequest, ApiResult, RequestOptions } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import type * as core from '#api/types/core-v1';
import type * as policy from '#api/types/policy-v1';
import type { RegistryContext } from '../context.ts';
import { deleteObject, requirePreconditions } from '../delete.ts';
import { deleteOptionsOf } from '../delete-options.ts';
import { notYetObserved, planEviction, spendDisruption } from '../disruption/plan-eviction.ts';
import { listPrefix } from '../keys.ts';
import { storedObject } from '../list.ts';
import { requireSameNamespace } from '../request-body.ts';
import type { Subresource } from '../resources.ts';
import { changeStored } from '../write.ts';
import { success } from './success.ts';

export const evictionSubresource: Subresource = {
  name: 'eviction',
  type: { group: 'policy', version: 'v1', kind: 'Eviction' },
  verbs: ['create'],
  handle: evict,
};

async function evict(
  context: RegistryContext,
  definition: ResourceDefinition,
  request: ApiRequest,
): Promise<ApiResult> {
  const eviction = (request.body ?? {}) as Partial<policy.Eviction>;
  const { name = '', namespace } = eviction.metadata ?? {};
  if (name !== request.name) throw badRequestError('name in URL does not match name in Eviction object');
  requireSameNamespace(definition, namespace ?? '', request.namespace ?? '');
  const options: RequestOptions = { ...request.options, ...deleteOptionsOf(eviction.deleteOptions) };
  const aim = { definition, name, request: { ...request, options } };
  while (!(await attempt(context, aim))) {
    // Somebody changed the pod between looking at it and deleting it: look again.
  }
  return success(201);
}

type Aim = { readonly definition: ResourceDefinition; readonly name: string; readonly request: ApiRequest };

/** False when the pod has changed meanwhile and nobody asked for the state in which it was. */
async function attempt(context: RegistryContext, aim: Aim): Promise<boolean> {
  const { definition, name, request } = aim;
  const { namespace, options } = request;
  const pod = storedObject(context, definition, { name, namespace }) as core.Pod;
  requirePreconditions(definition, pod.metadata, options.preconditions);
  const plan = planEviction(pod, budgetsOf(context, namespace));
  if (plan.action === 'spend') await spend(context, plan.budget, aim);
  if (plan.action !== 'delete as seen' || options.preconditions?.resourceVersion !== undefined) {
    await deletePod(context, definition, request);
    return true;
  }
  const preconditions = { ...options.preconditions, resourceVersion: pod.metadata.resourceVersion };
  try {
    await deletePod(context, definition, { ...request, options: { ...options, preconditions } });
    return true;
  } catch (error) {
    if (!isApiError(error, 'Conflict')) throw error;
    if (plan.budget !== undefined) throw notYetObserved(plan.budget);
    return false;
  }
}

function budgetsOf({ store }: RegistryContext, namespace: string | undefined): readonly policy.PodDisruptionBudget[] {
  return store.list(listPrefix(PodDisruptionBudget, namespace)).items as readonly policy.PodDisruptionBudget[];
}

function spend(context: RegistryContext, name: string, { name: podName, request }: Aim): Promise<unknown> {
  const { namespace, options } = request;
  const definition = PodDisruptionBudget as unknown as ResourceDefinition;
  const target = { definition, ref: { namespace, name }, dryRun: options.dryRun === true };
  const nowMs = context.world.clock.now();
  return changeStored(context, target, async (stored) => ({
    action: 'put',
    object: spendDisruption(stored as policy.PodDisruptionBudget, podName, nowMs),
  }));
}

/** Says on the pod who ends it, so that whoever made it can tell, and deletes it. */
async function deletePod(context: RegistryContext, definition: ResourceDefinition, request: ApiRequest): Promise<void> {
  const { name = '', namespace, options } = request;
  const marking = { ...request, verb: 'delete' } as const;
  if (options.dryRun === true) {
    await deleteObject(context, definition, marking);
    return;
  }
  const now = formatTime(context.world.clock.now());
  const target = { definition, ref: { namespace, name }, dryRun: false };
  const { object } = await changeStored(context, target, async (stored) => {
    requirePreconditions(definition, stored.metadata, options.preconditions);
    const marked = withTarget(stored as core.Pod, now);
    return { action: marked === stored ? 'keep' : 'put', object: marked };
  });
  const { uid, resourceVersion } = options.preconditions ?? {};
  const preconditions = {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion: object.metadata.resourceVersion }),
  };
  await deleteObject(context, definition, { ...marking, options: { ...options, preconditions } });
}

function withTarget(pod: core.Pod, now: string): core.Pod {
  if (pod.metadata.deletionTimestamp !== undefined) return pod;
  const conditions = setCondition<core.PodCondition>(pod.status?.conditions, {
    type: 'DisruptionTarget',
    status: 'True',
    lastTransitionTime: now,
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  });
  return { ...pod, status: { ...pod.status, conditions } };
}
