/** Patches an object: the document is applied to the newest state, and the result goes the way of an update. */
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import { badRequestError } from '#api/errors';
import { applyObject } from './apply.ts';
import type { RegistryContext } from './context.ts';
import { requireSameName } from './request-body.ts';
import type { TypeName } from './resources.ts';
import { applyIntent, type Intended } from './update.ts';

export async function patchObject(
  context: RegistryContext,
  definition: ResourceDefinition,
  request: ApiRequest,
): Promise<ApiResult> {
  if (request.patchType === 'application/apply-patch+yaml') return await applyObject(context, definition, request);
  const { name = '', options, subresource } = request;
  let warnings: readonly string[] = [];
  const aim = { definition, request, status: subresource === 'status' };
  const result = await applyIntent(context, aim, (stored): Intended => {
    const { kind } = definition;
    const type = context.served === undefined ? definition : { ...context.served, kind };
    const object = context.served?.fromStored(stored) ?? stored;
    const value = patchedWith(context, request, { object, type });
    const decoded = context.decode({ value }, type, options.fieldValidation);
    requireSameName(decoded.object.metadata.name, name);
    warnings = decoded.warnings;
    return { sent: context.served?.toStored(decoded.object) ?? decoded.object };
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
  if (patchType === undefined) throw badRequestError('the type of the patch is missing');
  return applyPatch({ patchType, document: body }, object, type);
}
