/** Changes an object: its spec, or through `/status` its status. Shared by updates, patches and the scale subresource. */
import { conflictError, invalidError, isApiError, MODIFIED_MESSAGE } from '#api/errors';
import { type FieldError, joinErrors } from '#api/meta/field-error';
import { semanticEqual } from '#api/meta/semantic-equal';
import { validateAnnotations, validateLabels } from '#api/meta/validate-labels';
import { validateObjectMeta, validateObjectMetaUpdate } from '#api/meta/validate-object-meta';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import type { ObjectMeta } from '#api/types/meta-v1';
import { andThen } from '#base/and-then';
import { type AdmissionRequest, mutate, validate, withObject } from '../admission/admission.ts';
import { requireAllowed } from '../authz/authorizer.ts';
import type { RegistryContext } from './context.ts';
import { createObject } from './create.ts';
import { objectKey } from './keys.ts';
import { requireFieldManager } from './writer-name.ts';
import { type ManagedFields, managersAfterUpdate, sameButTimes, withManagedFields } from './managed-fields.ts';
import { metadataForUpdate } from './metadata.ts';
import { withoutEqualOwners } from './owner-references.ts';
import { isReleased } from './removal.ts';
import { requireSameName, sentObject, type SentObject } from './request-body.ts';
import { requireValid } from './validation.ts';
import { withWarnings } from './warnings.ts';
import { type Change, changeStored } from './write.ts';

/** What an object shall become; who applies says whom the fields belong to then, for all others it follows from what changes. */
export type Intended = { readonly sent: SentObject; readonly managedFields?: ManagedFields };

/** What a request wants an object to become, told the object as it is stored. */
export type Intent = (stored: ApiObject) => Intended;

/** What is wrong with the request itself is thrown at once. */
export function updateObject(
  context: RegistryContext,
  definition: ResourceDefinition,
  request: ApiRequest,
): Promise<ApiResult> {
  const { sent, warnings } = withoutEqualOwners(sentObject(request, definition), 'as sent');
  requireSameName(sent.metadata.name, request.name ?? '');
  const replacement = { definition, request, sent };
  const mayCreate = definition.createdByUpdates === true && request.subresource === undefined;
  const result = mayCreate ? createOrReplace(context, replacement) : replaceObject(context, replacement);
  return warnings.length === 0 ? result : result.then((updated) => withWarnings(warnings, updated));
}

type Replacement = { readonly definition: ResourceDefinition; readonly request: ApiRequest; readonly sent: SentObject };

async function createOrReplace(context: RegistryContext, replacement: Replacement): Promise<ApiResult> {
  return (await createByUpdate(context, replacement)) ?? (await replaceObject(context, replacement));
}

function replaceObject(context: RegistryContext, { definition, request, sent }: Replacement): Promise<ApiResult> {
  requireState(definition, sent, request);
  return applyIntent(context, { definition, request, status: request.subresource === 'status' }, () => ({ sent }));
}

/** Of some kinds an update makes the object that is not there, for those who may create it. */
async function createByUpdate(
  context: RegistryContext,
  { definition, request, sent }: Replacement,
): Promise<ApiResult | undefined> {
  const { name = '', namespace } = request;
  const exists = (): boolean => context.store.get(objectKey(definition, { namespace, name })) !== undefined;
  if (exists() || (sent.metadata.uid ?? '') !== '') return undefined;
  await requireAllowed(context.authorize, { ...request, verb: 'create' });
  try {
    return await createObject(context, definition, { ...request, body: sent });
  } catch (error) {
    if (isApiError(error, 'AlreadyExists') && exists()) return undefined; // somebody was faster
    throw error;
  }
}

/** Some kinds are not replaced by who does not say what it has seen of them. */
function requireState(definition: ResourceDefinition, { metadata }: SentObject, { name = '' }: ApiRequest): void {
  if (definition.updates !== 'conditional' || (metadata.resourceVersion ?? '') !== '') return;
  const message = 'Invalid value: 0x0: must be specified for an update';
  throw invalidError(definition, name, [{ type: 'FieldValueInvalid', field: 'metadata.resourceVersion', message }]);
}

type Aim = {
  readonly definition: ResourceDefinition;
  readonly request: ApiRequest;
  /** Whether the status changes or everything else does. */
  readonly status: boolean;
};

/** Runs an intent through the rules of the kind and writes the result, again from the newest state if need be. Throws what is wrong with the request. */
export function applyIntent(context: RegistryContext, aim: Aim, intent: Intent): Promise<ApiResult> {
  const { definition, request } = aim;
  requireFieldManager(request);
  const { name = '', namespace, options } = request;
  const target = { definition, ref: { namespace, name }, dryRun: options.dryRun === true };
  const changed = changeStored(context, target, (stored) => planUpdate(context, aim, { stored, intent }));
  return changed.then(({ object }) => ({ type: 'object', status: 200, object, warnings: definition.warnings(object) }));
}

type Step = { readonly stored: ApiObject; readonly intent: Intent };

function planUpdate(context: RegistryContext, aim: Aim, { stored, intent }: Step): Change | Promise<Change> {
  const { definition, request } = aim;
  const { sent, managedFields } = intent(stored);
  requireUnchanged(definition, sent.metadata, stored.metadata);
  const wanted = defaultsOf(context, aim)(wantedObject(context, aim, { sent, stored }));
  const updated = { request, sent: sent.metadata, stored, next: wanted };
  const admission: AdmissionRequest = {
    operation: 'update',
    definition,
    subresource: context.part?.subresource ?? (aim.status ? 'status' : undefined),
    object: withManagedFields(wanted, managedFields ?? managersAfterUpdate(context, definition, updated)),
    stored,
    user: request.user,
    dryRun: request.options.dryRun === true,
  };
  return andThen(mutate(context.admission, admission), (admitted) => {
    const next = aim.status ? admitted : finishSpec(definition, admitted, stored);
    requireValid(definition, next, errorsOf(context, aim, { next, stored }));
    return andThen(validate(context.admission, withObject(admission, next)), () => changeTo(definition, next, stored));
  });
}

function changeTo(definition: ResourceDefinition, next: ApiObject, stored: ApiObject): Change {
  if (isReleased(definition, next, stored)) return { action: 'remove', object: next };
  return sameButTimes(next, stored) ? { action: 'keep', object: stored } : { action: 'put', object: next };
}

function defaultsOf({ part }: RegistryContext, { definition, status }: Aim): ResourceDefinition['applyDefaults'] {
  return status && part === undefined ? definition.applyStatusDefaults : definition.applyDefaults;
}

type Sent = { readonly sent: SentObject; readonly stored: ApiObject };

function wantedObject({ part }: RegistryContext, { definition, status }: Aim, { sent, stored }: Sent): ApiObject {
  if (status) {
    const told = withStatus(sent, stored);
    return part === undefined ? told : part.take(told, stored);
  }
  const whole = withSpec(definition, sent, stored);
  return part === undefined ? whole : part.take(whole, stored);
}

/** A client that names a uid or a resourceVersion wants to change that object in that state and no other. */
function requireUnchanged(definition: ResourceDefinition, sent: Partial<ObjectMeta>, stored: ObjectMeta): void {
  const { uid = '', resourceVersion = '' } = sent;
  if (uid !== '' && uid !== stored.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${stored.uid}`;
    throw conflictError(definition, stored.name, why);
  }
  if (resourceVersion !== '' && resourceVersion !== '0' && resourceVersion !== stored.resourceVersion) {
    throw conflictError(definition, stored.name, MODIFIED_MESSAGE);
  }
}

function withSpec({ hasStatus }: ResourceDefinition, sent: SentObject, stored: ApiObject): ApiObject {
  const { status: _, ...body } = sent as SentObject & WithStatus;
  const kept = hasStatus ? statusOf(stored) : statusOf(sent);
  return { ...body, ...kept, metadata: metadataForUpdate(sent.metadata, stored.metadata) };
}

/** Of the metadata, a status writer may touch labels and annotations only. */
function withStatus(sent: SentObject, stored: ApiObject): ApiObject {
  const { status } = sent as WithStatus;
  const metadata = withMarks(sent.metadata, stored.metadata);
  if (status !== undefined) return { ...stored, metadata, status } as ApiObject;
  const { status: _, ...kept } = stored as ApiObject & WithStatus;
  return { ...kept, metadata };
}

/** The stored metadata itself, if its labels and annotations are to stay. */
function withMarks({ labels, annotations }: Partial<ObjectMeta>, stored: ObjectMeta): ObjectMeta {
  if (labels === stored.labels && annotations === stored.annotations) return stored;
  const { labels: _labels, annotations: _annotations, ...metadata } = stored;
  return {
    ...metadata,
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

type WithStatus = { readonly status?: unknown };

function statusOf(object: object): WithStatus {
  const { status } = object as WithStatus;
  return status === undefined ? {} : { status };
}

function finishSpec(definition: ResourceDefinition, next: ApiObject, stored: ApiObject): ApiObject {
  const prepared = definition.prepareForUpdate(next, stored);
  const { generation } = stored.metadata;
  if (generation === undefined || sameDesire(prepared, stored)) return prepared;
  return { ...prepared, metadata: { ...prepared.metadata, generation: generation + 1 } };
}

/** Whether everything but metadata and status is the same: what `generation` counts the changes of. */
function sameDesire(next: ApiObject, stored: ApiObject): boolean {
  const rest = ({ metadata: _metadata, status: _status, ...desire }: ApiObject & WithStatus): object => desire;
  return semanticEqual(rest(next), rest(stored));
}

type States = { readonly next: ApiObject; readonly stored: ApiObject };

function errorsOf(
  { part }: RegistryContext,
  { definition, status }: Aim,
  { next, stored }: States,
): readonly FieldError[] {
  if (status) {
    const { labels, annotations } = next.metadata;
    return joinErrors([
      validateLabels(labels, 'metadata.labels'),
      validateAnnotations(annotations, 'metadata.annotations'),
      (part?.validateUpdate ?? definition.validateStatusUpdate)(next, stored),
    ]);
  }
  // The name was checked when the object was made; rules may have become stricter since.
  const rules = { namespaced: definition.namespaced, checkName: () => [] };
  return joinErrors([
    validateObjectMeta(next.metadata, rules),
    validateObjectMetaUpdate(next.metadata, stored.metadata),
    definition.validate(next),
    (part ?? definition).validateUpdate(next, stored),
  ]);
}
