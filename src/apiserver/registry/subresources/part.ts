/** Subresources that read a whole object and write one part of it, each by the rules of that part. */
import type { ApiRequest, ApiResult } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import type { ObjectPart, RegistryContext } from '../context.ts';
import { getObject } from '../list.ts';
import { patchObject } from '../patch.ts';
import { methodNotAllowed } from '../registry.ts';
import type { Subresource, TypeName } from '../resources.ts';
import { updateObject } from '../update.ts';

export function partSubresource(type: TypeName, part: ObjectPart): Subresource {
  return {
    name: part.subresource,
    type,
    verbs: ['get', 'patch', 'update'],
    handle: (context, definition, request) => changePart({ ...context, part }, definition, request),
  };
}

async function changePart(
  context: RegistryContext,
  definition: ResourceDefinition,
  request: ApiRequest,
): Promise<ApiResult> {
  if (request.verb === 'get') return await getObject(context, definition, request);
  if (request.verb === 'update') return await updateObject(context, definition, request);
  if (request.verb === 'patch') return await patchObject(context, definition, request);
  throw methodNotAllowed();
}
