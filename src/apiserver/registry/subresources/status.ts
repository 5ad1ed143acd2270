/** `/status`: the part of an object that its controller writes. */
import { badRequestError } from '#api/errors';
import type { ApiRequest, ApiResult } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import type { RegistryContext } from '../context.ts';
import { getObject } from '../list.ts';
import { patchObject } from '../patch.ts';
import type { Subresource } from '../resources.ts';
import { updateObject } from '../update.ts';

export function statusSubresource({ group, version, kind }: ResourceDefinition): Subresource {
  return {
    name: 'status',
    type: { group, version, kind },
    verbs: ['get', 'patch', 'update'],
    handle: handleStatus,
  };
}

function handleStatus(
  context: RegistryContext,
  definition: ResourceDefinition,
  request: ApiRequest,
): Promise<ApiResult> {
  switch (request.verb) {
    case 'get':
      return getObject(context, definition, request);
    case 'update':
      return updateObject(context, definition, request);
    case 'patch':
      return patchObject(context, definition, request);
    case 'list':
    case 'watch':
    case 'create':
    case 'delete':
    case 'deletecollection':
      throw badRequestError(`the status of an object cannot be used with ${request.verb}`);
  }
}
