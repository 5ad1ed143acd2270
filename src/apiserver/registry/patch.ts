/** Patches an object: the document is applied to the newest state, and the result goes the way of an update. */
import { ApiError } from '#api/errors';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult, PatchType } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import type { RegistryContext } from './context.ts';
import { requireSameName, type SentObject } from './request-body.ts';
import type { TypeName } from './resources.ts';
import { applyIntent } from './update.ts';

export async function patchObject(
  context: RegistryContext,
  definition: ResourceDefinition,
  request: ApiRequest,
): Promise<ApiResult> {
  const { name = '', options, subresource } = request;
  let warnings: readonly string[] = [];
  const aim = { definition, request, status: subresource === 'status' };
  const result = await applyIntent(context, aim, (stored): SentObject => {
    const { kind } = definition;
    const type = context.served === undefined ? definition : { ...context.served, kind };
    const object = context.served?.fromStored(stored) ?? stored;
    const value = patchedWith(context, request, { object, type });
    const decoded = context.decode({ value }, type, options.fieldValidation);
    requireSameName(decoded.object.metadata.name, name);
    warnings = decoded.warnings;
    return context.served?.toStored(decoded.object) ?? decoded.object;
  });
  if (result.type !== 'object') return result;
  return { ...result, warnings: [...warnings, ...(result.warnings ?? [])] };
}

type Patched = { readonly object: ApiObject; readonly type: TypeName };

export function patchedWith(
  { applyPatch }: RegistryContext,
  { patchType, body }: ApiRequest,
  { object, type }: Patched,
): unknown {
  if (patchType === undefined || !SUPPORTED.includes(patchType)) throw unsupportedPatch();
  return applyPatch({ patchType, document: body }, object, type);
}

const SUPPORTED: readonly PatchType[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

// Upstream's words for a server without server-side apply, which clients know how to read.
function unsupportedPatch(): ApiError {
  return new ApiError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${SUPPORTED.join(', ')} (server-side apply is not available)`,
  );
}
