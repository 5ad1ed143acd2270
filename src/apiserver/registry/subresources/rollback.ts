/** `deployments/rollback` of versions before `apps/v1`: asks for an earlier revision, which the controller then brings back. */
import { ROLLBACK_TO } from '#api/apps/rollback-to';
import { badRequestError, invalidError } from '#api/errors';
import { invalid, required } from '#api/meta/field-error';
import { validateAnnotations } from '#api/meta/validate-labels';
import type { ApiObject } from '#api/object';
import type { ApiRequest, ApiResult } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import type * as former from '#api/types/extensions-v1beta1';
import type { RegistryContext } from '../context.ts';
import type { Subresource } from '../resources.ts';
import { changeStored } from '../write.ts';

/** `at`: the group and version it is of. */
export const rollbackSubresource = (at: { readonly group: string; readonly version: string }): Subresource => ({
  name: 'rollback',
  type: { ...at, kind: 'DeploymentRollback' },
  verbs: ['create'],
  handle: rollBack,
});

type Sent = Partial<former.DeploymentRollback>;

async function rollBack(
  context: RegistryContext,
  definition: ResourceDefinition,
  { name = '', namespace, options, body }: ApiRequest,
): Promise<ApiResult> {
  const sent = (body ?? {}) as Sent;
  requireValid(sent);
  if (sent.name !== name) throw badRequestError('name in URL does not match name in DeploymentRollback object');
  const target = { definition, ref: { namespace, name }, dryRun: options.dryRun === true };
  await changeStored(context, target, async (stored) => ({ action: 'put', object: asking(stored, sent) }));
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    message: `rollback request for deployment ${JSON.stringify(name)} succeeded`,
    code: 200,
  };
  // Upstream's status says 200 although the answer is one of a creation.
  return { type: 'object', status: 201, object: status as unknown as ApiObject };
}

function requireValid({ name = '', updatedAnnotations, rollbackTo }: Sent): void {
  const { revision = 0 } = rollbackTo ?? {};
  const errors = [
    ...validateAnnotations(updatedAnnotations, 'updatedAnnotations'),
    ...(name === '' ? [required('name', 'name is required')] : []),
    ...(revision < 0 ? [invalid('rollback.version', revision, 'must be greater than or equal to 0')] : []),
  ];
  if (errors.length > 0) throw invalidError({ group: 'apps', kind: 'DeploymentRollback' }, name, errors);
}

function asking(stored: ApiObject, { updatedAnnotations, rollbackTo }: Sent): ApiObject {
  const { metadata } = stored;
  const request = { [ROLLBACK_TO]: String(rollbackTo?.revision ?? 0) };
  return {
    ...stored,
    metadata: { ...metadata, annotations: { ...metadata.annotations, ...updatedAnnotations, ...request } },
  };
}
