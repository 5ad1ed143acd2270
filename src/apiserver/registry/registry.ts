/** The request pipeline behind both transports: authorize, find the resource, run the verb. */
import { ApiError } from '#api/errors';
import type { ApiRequest, ApiResult, RequestHandler, Verb } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import { asError } from '#base/errors';
import { attributesOf, requireAllowed } from '../authz/authorizer.ts';
import type { RegistryContext } from './context.ts';
import { createObject } from './create.ts';
import { deleteCollection, deleteObject } from './delete.ts';
import { getObject, listObjects } from './list.ts';
import { patchObject } from './patch.ts';
import type { ResourceTable, StoredResource, Subresource } from './resources.ts';
import { toServed, toStored } from './served-version.ts';
import { updateObject } from './update.ts';
import { withWarnings } from './warnings.ts';
import { watchObjects } from './watch.ts';

export type RegistryOptions = RegistryContext & { readonly resources: ResourceTable };

export function createRegistry({ resources, ...context }: RegistryOptions): RequestHandler {
  const serve = (request: ApiRequest): Promise<ApiResult> => {
    const resource = resources.find(request);
    if (resource === undefined) throw unknownResource();
    if ('stored' in resource) return serveStored(context, resource.stored, request);
    requireVerb(resource.virtual.verbs, request.verb);
    return withAdvice(resource.virtual.deprecation, resource.virtual.handle(request, context));
  };
  // Every request passes here: none waits but for what takes time.
  return (request) => {
    try {
      const allowed = requireAllowed(context.authorize, attributesOf(request));
      return allowed === undefined ? serve(request) : allowed.then(() => serve(request));
    } catch (error) {
      return Promise.reject(asError(error));
    }
  };
}

function serveStored(context: RegistryContext, stored: StoredResource, request: ApiRequest): Promise<ApiResult> {
  const { definition, served, custom } = stored;
  requireScope(definition, request);
  const run = operationOf(stored, request);
  const own = custom === undefined ? context : { ...context, ...custom };
  if (served === undefined) return withAdvice(definition.deprecation, run(own, definition, request));
  const result = run({ ...own, served }, definition, toStored(served, definition, request));
  const about = stored.subresources.find(({ name }) => name === request.subresource);
  return withAdvice(
    about?.deprecation ?? adviceOf(served, definition),
    result.then((found) => toServed(served, found)),
  );
}

/** Users of a version that upstream has removed are told so in upstream's words. */
function adviceOf(
  { group, version, former }: NonNullable<StoredResource['served']>,
  { kind }: ResourceDefinition,
): string | undefined {
  if (former === undefined) return undefined;
  const { deprecated, unavailable, use } = former;
  return `${group}/${version} ${kind} is deprecated in v${deprecated}+, unavailable in v${unavailable}+; use ${use} ${kind}`;
}

function withAdvice(advice: string | undefined, result: Promise<ApiResult>): Promise<ApiResult> {
  return advice === undefined ? result : result.then((advised) => withWarnings([advice], advised));
}

function operationOf({ definition, subresources, refuses }: StoredResource, request: ApiRequest): Operation {
  const refusal = refuses?.(request.verb);
  if (refusal !== undefined) throw refusal;
  if (request.subresource !== undefined) return handlerOf(subresources, request);
  requireVerb(definition.verbs, request.verb);
  return OPERATIONS[request.verb];
}

export const unknownResource = (): ApiError =>
  new ApiError('NotFound', 'the server could not find the requested resource', { details: {} });

export const methodNotAllowed = (): ApiError =>
  new ApiError('MethodNotAllowed', 'the server does not allow this method on the requested resource', { details: {} });

/** A namespace in the path of a kind without namespaces addresses nothing; all namespaces at once cannot be emptied. */
function requireScope({ namespaced }: ResourceDefinition, { namespace, verb }: ApiRequest): void {
  if (!namespaced && namespace !== undefined) throw unknownResource();
  if (namespaced && namespace === undefined && verb === 'deletecollection') throw methodNotAllowed();
}

type Operation = (context: RegistryContext, definition: ResourceDefinition, request: ApiRequest) => Promise<ApiResult>;

const OPERATIONS: Readonly<Record<Verb, Operation>> = {
  get: getObject,
  list: async (context, definition, request) => ({
    type: 'list',
    list: await listObjects(context, definition, request),
  }),
  watch: watchObjects,
  create: createObject,
  update: updateObject,
  patch: patchObject,
  delete: deleteObject,
  deletecollection: deleteCollection,
};

function requireVerb(verbs: readonly Verb[], verb: Verb): void {
  if (!verbs.includes(verb)) throw methodNotAllowed();
}

function handlerOf(
  subresources: StoredResource['subresources'],
  { subresource, verb }: ApiRequest,
): NonNullable<Subresource['handle']> {
  const found = subresources.find(({ name }) => name === subresource);
  if (found === undefined) throw unknownResource();
  requireVerb(found.verbs, verb);
  if (found.handle === undefined) throw methodNotAllowed();
  return found.handle;
}
