/** Deletes an object: at once, or marked and left to its grace period, its finalizers or the garbage collector. */
import { conflictError, isApiError } from '#api/errors';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult, RequestOptions } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import type { ObjectMeta } from '#api/types/meta-v1';
import { formatTime, parseTime } from '#api/meta/time';
import { validate } from '../admission/admission.ts';
import type { RegistryContext } from './context.ts';
import { listObjects } from './list.ts';
import { isNamespaceKind, withTerminatingPhase } from './namespaces.ts';
import { isHeld } from './removal.ts';
import { type Change, changeStored, type Outcome } from './write.ts';

const ORPHAN_FINALIZER = 'orphan';
const FOREGROUND_FINALIZER = 'foregroundDeletion';

export async function deleteObject(
  context: RegistryContext,
  definition: ResourceDefinition,
  request: ApiRequest,
): Promise<ApiResult> {
  const { object, removed } = await deleteNamed(context, definition, request);
  return { type: 'object', status: 200, object, ...(removed ? { removed: true } : {}) };
}

/** Deletes what a list with the same options finds; what somebody else removed meanwhile is passed over. */
export async function deleteCollection(
  context: RegistryContext,
  definition: ResourceDefinition,
  request: ApiRequest,
): Promise<ApiResult> {
  const list = await listObjects(context, definition, request);
  const items: ApiObject[] = [];
  for (const { metadata } of list.items) {
    const { name, namespace } = metadata;
    const one = { ...request, name, ...(namespace === undefined ? {} : { namespace }) };
    try {
      items.push((await deleteNamed(context, definition, one)).object);
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }
  return { type: 'list', list: { ...list, items } };
}

async function deleteNamed(
  context: RegistryContext,
  definition: ResourceDefinition,
  { name = '', namespace, options, user }: ApiRequest,
): Promise<Outcome> {
  const dryRun = options.dryRun === true;
  return await changeStored(context, { definition, ref: { namespace, name }, dryRun }, async (stored) => {
    requirePreconditions(definition, stored.metadata, options.preconditions);
    const admission = { operation: 'delete', definition, object: stored, stored, user, dryRun } as const;
    await validate(context.admission, admission);
    return planDelete(definition, stored, { options, nowMs: context.world.clock.now() });
  });
}

export function requirePreconditions(
  definition: ResourceDefinition,
  { name, uid, resourceVersion }: ObjectMeta,
  preconditions: RequestOptions['preconditions'],
): void {
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    const why = `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw conflictError(definition, name, why);
  }
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    const why = `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw conflictError(definition, name, why);
  }
}

export type DeleteWish = { readonly options: RequestOptions; readonly nowMs: number };

/** What a delete makes of an object. Pure. */
function planDelete(definition: ResourceDefinition, stored: ApiObject, wish: DeleteWish): Change {
  const grace = planGrace(definition, stored, wish);
  if (grace === 'pending') return { action: 'keep', object: stored };
  const prepared = definition.prepareForDelete(stored, wish.nowMs);
  const kept = withFinalizers(prepared, finalizersAfter(definition, prepared.metadata.finalizers ?? [], wish.options));
  if (grace !== undefined && grace.seconds > 0) {
    return put(stored, marked(kept, { ...grace, bump: stored.metadata.deletionTimestamp === undefined }));
  }
  if (!isHeld(definition, kept)) return { action: 'remove', object: kept };
  return put(stored, markHeld(definition, kept, wish.nowMs));
}

const put = (stored: ApiObject, object: ApiObject): Change =>
  object === stored ? { action: 'keep', object } : { action: 'put', object };

type Grace = { readonly seconds: number; readonly untilMs: number };

/** The grace period that now applies; undefined for kinds and objects that have none; `pending` when a deletion that runs is not shortened. */
function planGrace(
  definition: ResourceDefinition,
  stored: ApiObject,
  { options, nowMs }: DeleteWish,
): Grace | 'pending' | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = stored.metadata;
  // Upstream reads a negative period as one second.
  const requested = options.gracePeriodSeconds === undefined ? undefined : asPeriod(options.gracePeriodSeconds);
  if (deletionTimestamp === undefined) {
    const seconds = asPeriod(definition.gracePeriodSeconds(stored, requested));
    return seconds === 0 ? undefined : { seconds, untilMs: nowMs + seconds * 1000 };
  }
  if (deletionGracePeriodSeconds === 0) return undefined;
  if (requested === undefined || requested >= deletionGracePeriodSeconds) return 'pending';
  const untilMs = parseTime(deletionTimestamp) - (deletionGracePeriodSeconds - requested) * 1000;
  return { seconds: requested, untilMs };
}

const asPeriod = (seconds: number): number => (seconds < 0 ? 1 : seconds);

function finalizersAfter(
  { orphansByDefault }: Pick<ResourceDefinition, 'orphansByDefault'>,
  finalizers: readonly string[],
  { propagationPolicy }: RequestOptions,
): readonly string[] {
  const others = finalizers.filter((name) => name !== ORPHAN_FINALIZER && name !== FOREGROUND_FINALIZER);
  if (propagationPolicy === undefined) {
    const isOpen = others.length === finalizers.length;
    return orphansByDefault === true && isOpen ? [...finalizers, ORPHAN_FINALIZER] : finalizers;
  }
  if (propagationPolicy === 'Orphan') return [...others, ORPHAN_FINALIZER];
  if (propagationPolicy === 'Foreground') return [...others, FOREGROUND_FINALIZER];
  return others;
}

function withFinalizers(object: ApiObject, finalizers: readonly string[]): ApiObject {
  const before = object.metadata.finalizers ?? [];
  if (finalizers.length === before.length && finalizers.every((name, index) => name === before[index])) return object;
  const { finalizers: _, ...metadata } = object.metadata;
  return { ...object, metadata: finalizers.length === 0 ? metadata : { ...metadata, finalizers } };
}

function marked(object: ApiObject, { seconds, untilMs, bump }: Grace & { readonly bump: boolean }): ApiObject {
  const { generation } = object.metadata;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ...(generation === undefined ? {} : { generation: bump ? generation + 1 : generation }),
      deletionTimestamp: formatTime(untilMs),
      deletionGracePeriodSeconds: seconds,
    },
  };
}

/** Marks an object that only its finalizers still hold; one that is marked so already stays as it is. */
function markHeld(definition: ResourceDefinition, object: ApiObject, nowMs: number): ApiObject {
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata;
  const isNamespace = isNamespaceKind(definition);
  if (deletionTimestamp !== undefined && (deletionGracePeriodSeconds === 0 || isNamespace)) return object;
  const bump = deletionTimestamp === undefined;
  const untilMs = bump ? nowMs : Math.min(nowMs, parseTime(deletionTimestamp));
  const dying = marked(object, { seconds: 0, untilMs, bump });
  if (!isNamespace) return dying;
  const { deletionGracePeriodSeconds: _, ...metadata } = dying.metadata;
  return withTerminatingPhase(definition, { ...dying, metadata });
}
