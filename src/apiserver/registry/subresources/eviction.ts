/** `pods/eviction`: a deletion that asks first; what may be refused it is decided by disruption budgets once there are any. */
import { badRequestError } from '#api/errors';
import type { ApiRequest, ApiResult, RequestOptions } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import type * as policy from '#api/types/policy-v1';
import { deleteOptionsOf } from '../delete-options.ts';
import type { RegistryContext } from '../context.ts';
import { deleteObject } from '../delete.ts';
import type { Subresource } from '../resources.ts';
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
  const { name = '' } = request;
  const sentName = eviction.metadata?.name ?? name;
  if (sentName !== name) throw badRequestError('name in URL does not match name in Eviction object');
  const options: RequestOptions = { ...request.options, ...deleteOptionsOf(eviction.deleteOptions) };
  await deleteObject(context, definition, { ...request, verb: 'delete', options });
  return success(201);
}
