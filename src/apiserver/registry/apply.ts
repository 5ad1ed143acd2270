/** Server-side apply: lays what a manager wants over the stored object, or makes the object if there is none. */
import { applyConflictError } from '#api/apply/conflict';
import { difference, isEmpty } from '#api/apply/field-set';
import { LAST_APPLIED_MANAGER, lastAppliedFields, withLastApplied } from '#api/apply/last-applied';
import { decodeManagers, encodeManagers, type Managers, NO_MANAGERS } from '#api/apply/ownership';
import { type Application, type ApplyPlan, type Conflict, conflictSet, planApply } from '#api/apply/plan-apply';
import { recordUpdate } from '#api/apply/record-update';
import { conflictError } from '#api/errors';
import type { JsonObject } from '#api/meta/json-value';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import { requireAllowed } from '../authz/authorizer.ts';
import { emptyObject } from './apply-kind.ts';
import { type ApplyRequest, readApply } from './apply-request.ts';
import type { RegistryContext } from './context.ts';
import { createObject } from './create.ts';
import { objectKey } from './keys.ts';
import { withEmptyParts, writerOf } from './managed-fields.ts';
import { requireSameName, type SentObject } from './request-body.ts';
import { requireFieldManager } from './writer-name.ts';
import { applyIntent, type Intended } from './update.ts';

// Somebody may make or remove the object between the look and the write; nobody does so many times in a row.
const ATTEMPTS = 5;

export async function applyObject(
  context: RegistryContext,
  definition: ResourceDefinition,
  request: ApiRequest,
): Promise<ApiResult> {
  requireFieldManager(request);
  const applying = readApply(context, definition, request);
  const { name = '', namespace, subresource } = request;
  const key = objectKey(definition, { namespace, name });
  const exists = (): boolean => context.store.get(key) !== undefined;
  for (let attempt = 1; ; attempt++) {
    const existed = exists();
    const write = existed || subresource !== undefined ? applyToStored : createApplied;
    try {
      return await write(context, applying);
    } catch (error) {
      if (attempt === ATTEMPTS || exists() === existed) throw error;
    }
  }
}

async function applyToStored(context: RegistryContext, applying: ApplyRequest): Promise<ApiResult> {
  const { definition, request } = applying;
  const aim = { definition, request, status: request.subresource === 'status' };
  return await applyIntent(context, aim, (stored) => intendedBy(context, applying, stored));
}

function intendedBy(context: RegistryContext, applying: ApplyRequest, stored: ApiObject): Intended {
  const { definition, kind, request, type, configuration } = applying;
  const live = liveObject(applying, stored);
  const writer = writerOf(context, definition, request);
  const managers = managersOf(applying, stored, { live, writer });
  const onConflict = request.options.force === true ? 'take over' : 'refuse';
  const plan = planWithMigration({ live, configuration, managers, versions: kind, writer, onConflict });
  const object = writer.manager === LAST_APPLIED_MANAGER ? withLastApplied(plan.object, configuration) : plan.object;
  const managedFields = encodeManagers(plan.managers) ?? [];
  if (object === live) return { sent: stored, managedFields };
  const decoded = context.decode({ value: object }, type, 'Ignore').object;
  const sent: SentObject = context.served?.toStored(decoded) ?? decoded;
  return { sent, managedFields };
}

/** As the patch sees it: in its version, and without what tells whose fields they are. */
function liveObject({ definition, kind, type }: ApplyRequest, stored: ApiObject): JsonObject {
  const { managedFields: _, ...metadata } = stored.metadata;
  return kind.inVersion(withEmptyParts(definition, { ...stored, metadata }), type.apiVersion);
}

type Live = { readonly live: JsonObject; readonly writer: Application['writer'] };

/** What was there before anybody was recorded belongs to somebody too. */
function managersOf({ kind, type }: ApplyRequest, { metadata }: ApiObject, { live, writer }: Live): Managers {
  const managers = decodeManagers(metadata.managedFields) ?? NO_MANAGERS;
  if (managers.size > 0) return managers;
  const states = { before: emptyObject(kind, type), after: live };
  return recordUpdate(NO_MANAGERS, { states, versions: kind, writer: { ...writer, manager: 'before-first-apply' } });
}

type Applied = Extract<ApplyPlan, { readonly object: JsonObject }>;

/** Throws the conflicts, less those about what kubectl itself set with client-side apply. */
function planWithMigration(application: Application): Applied {
  const plan = planApply(application);
  if (!('conflicts' in plan)) return plan;
  const left = conflictsLeft(application, plan.conflicts);
  if (left.length > 0) throw applyConflictError(left);
  return planWithMigration({ ...application, onConflict: 'take over' });
}

function conflictsLeft({ writer, versions, live }: Application, conflicts: readonly Conflict[]): readonly Conflict[] {
  if (writer.manager !== LAST_APPLIED_MANAGER) return conflicts;
  const own = lastAppliedFields(versions, live);
  return conflicts.filter(({ path }) => !isEmpty(difference(conflictSet(path), own)));
}

async function createApplied(context: RegistryContext, applying: ApplyRequest): Promise<ApiResult> {
  const { definition, kind, request, type, configuration } = applying;
  await requireAllowed(context.authorize, { ...request, verb: 'create' });
  const { uid, name } = (configuration['metadata'] ?? {}) as { readonly uid?: string; readonly name?: string };
  if (uid) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflictError(definition, request.name ?? '', why);
  }
  requireSameName(name, request.name ?? '');
  const writer = writerOf(context, definition, request);
  const live = emptyObject(kind, type);
  const plan = planWithMigration({
    live,
    configuration,
    managers: NO_MANAGERS,
    versions: kind,
    writer,
    onConflict: 'refuse',
  });
  const decoded = context.decode({ value: configuration }, type, 'Ignore').object;
  const body = context.served?.toStored(decoded) ?? decoded;
  return await createObject(context, definition, {
    ...request,
    body,
    managedFields: encodeManagers(plan.managers) ?? [],
  });
}
