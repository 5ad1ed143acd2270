/** Creates an object: metadata, defaults, admission, validation, then the write that must find the name free. */
import { ApiError, alreadyExistsError, badRequestError, isApiError } from '#api/errors';
import { joinErrors } from '#api/meta/field-error';
import { checkPathSegment, type NameCheck } from '#api/meta/names';
import { validateObjectMeta } from '#api/meta/validate-object-meta';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import { andThen } from '#base/and-then';
import { type AdmissionRequest, mutate, validate, withObject } from '../admission/admission.ts';
import type { RegistryContext } from './context.ts';
import { requireFieldManager } from './writer-name.ts';
import { countsGenerations } from './generation.ts';
import { objectKey } from './keys.ts';
import { type ManagedFields, withCreator, withManagedFields } from './managed-fields.ts';
import { metadataForCreate } from './metadata.ts';
import { requireLiving } from './namespaces.ts';
import { withoutEqualOwners } from './owner-references.ts';
import { sentObject, type SentObject } from './request-body.ts';
import { requireValid } from './validation.ts';
import { withWarnings } from './warnings.ts';
import { commit, record, sayUnavailable } from './write.ts';

// A generated name that is taken is replaced by another: with 27^5 suffixes one retry is rare already.
const NAME_ATTEMPTS = 8;

/** Who applies says whom the fields belong to; else they belong to whoever creates. */
export type CreateRequest = ApiRequest & { readonly managedFields?: ManagedFields };

export function createObject(
  context: RegistryContext,
  definition: ResourceDefinition,
  request: CreateRequest,
): Promise<ApiResult> {
  requireFieldManager(request);
  if (definition.namespaced && request.namespace === undefined) {
    throw badRequestError('an empty namespace may not be set during creation');
  }
  const { sent, warnings } = withoutEqualOwners(sentObject(request, definition), 'as sent');
  const generated = !sent.metadata.name && Boolean(sent.metadata.generateName);
  const attempts = generated ? NAME_ATTEMPTS : 1;
  const created = createOnce(context, definition, { request, sent, attempts });
  return warnings.length === 0 ? created : created.then((result) => withWarnings(warnings, result));
}

/** Whatever a kind allows in names, they are segments of paths and keys. */
function nameCheckOf({ validateName }: ResourceDefinition): NameCheck {
  return (name) => {
    const problems = validateName(name);
    return problems.length > 0 ? problems : checkPathSegment(name);
  };
}

type Creation = {
  readonly request: CreateRequest;
  readonly sent: SentObject;
  /** How many names may be tried, this one included. */
  readonly attempts: number;
};

function createOnce(context: RegistryContext, definition: ResourceDefinition, creation: Creation): Promise<ApiResult> {
  const { request, sent, attempts } = creation;
  const { user, options } = request;
  const dryRun = options.dryRun === true;
  const metadata = metadataForCreate(sent.metadata, {
    world: context.world,
    namespace: definition.namespaced ? request.namespace : undefined,
    generation: countsGenerations(definition),
  });
  const admission: AdmissionRequest = {
    operation: 'create',
    definition,
    object: managed(context, definition, { request, object: definition.applyDefaults({ ...sent, metadata }) }),
    user,
    dryRun,
  };
  return andThen(mutate(context.admission, admission), (mutated) => {
    const object = definition.prepareForCreate(mutated);
    const rules = { namespaced: definition.namespaced, checkName: nameCheckOf(definition) };
    const errors = [validateObjectMeta(object.metadata, rules), definition.validate(object)];
    requireValid(definition, object, joinErrors(errors));
    return andThen(validate(context.admission, withObject(admission, object)), () => {
      if (!dryRun) requireNew(request, sent);
      return insert(context, definition, { object, dryRun }).then(
        (stored): ApiResult => ({ type: 'object', status: 201, object: stored, warnings: definition.warnings(object) }),
        (error: unknown) => {
          if (attempts === 1 || !isApiError(error, 'AlreadyExists')) return sayUnavailable(error);
          return createOnce(context, definition, { ...creation, attempts: attempts - 1 });
        },
      );
    });
  });
}

/** What is about to be made cannot have been seen in any state. */
function requireNew({ verb }: ApiRequest, { metadata }: SentObject): void {
  if (verb !== 'create' || !/^0*[1-9]\d*$/.test(metadata.resourceVersion ?? '')) return;
  throw new ApiError('Unknown', 'resourceVersion should not be set on objects to be created');
}

function managed(
  context: RegistryContext,
  definition: ResourceDefinition,
  { request, object }: { readonly request: CreateRequest; readonly object: ApiObject },
): ApiObject {
  const { managedFields } = request;
  if (managedFields === undefined) return withCreator(context, definition, { request, object });
  return withManagedFields(object, managedFields);
}

function insert(
  context: RegistryContext,
  definition: ResourceDefinition,
  { object, dryRun }: { readonly object: ApiObject; readonly dryRun: boolean },
): Promise<ApiObject> {
  const key = objectKey(definition, object.metadata);
  return commit(context, definition, (tx, decide): ApiObject => {
    requireLiving(tx, definition, object);
    context.chargeQuotas?.(tx, { definition, next: object, stored: undefined, dryRun });
    const existing = tx.get(key);
    if (existing !== undefined) throw taken(definition, object.metadata.name, existing.metadata.deletionTimestamp);
    const decided = decide(object, undefined);
    if (dryRun) return unsaved(decided);
    const written = tx.put(key, decided);
    record(context, definition, { tx, next: written });
    return written;
  });
}

/** What was not written has no resourceVersion. */
function unsaved(object: ApiObject): ApiObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata: metadata as ApiObject['metadata'] };
}

function taken(definition: ResourceDefinition, name: string, deletionTimestamp: string | undefined): ApiError {
  const error = alreadyExistsError(definition, name);
  if (deletionTimestamp === undefined) return error;
  return new ApiError('AlreadyExists', `object is being deleted: ${error.message}`, {
    details: error.details ?? {},
  });
}
