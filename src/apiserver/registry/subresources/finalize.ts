/** `namespaces/finalize`: the only way to change which finalizers keep a namespace. */
import type { ApiRequest, ApiResult } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import { conflictError, MODIFIED_MESSAGE } from '#api/errors';
import type * as core from '#api/types/core-v1';
import type { RegistryContext } from '../context.ts';
import { isReleased } from '../removal.ts';
import { requireSameName, sentObject } from '../request-body.ts';
import type { Subresource } from '../resources.ts';
import { sameJson } from '../same-json.ts';
import { changeStored } from '../write.ts';

export const finalizeSubresource: Subresource = {
  name: 'finalize',
  type: { group: '', version: 'v1', kind: 'Namespace' },
  verbs: ['update'],
  handle: finalize,
};

async function finalize(
  context: RegistryContext,
  definition: ResourceDefinition,
  request: ApiRequest,
): Promise<ApiResult> {
  const sent = sentObject(request, definition) as Partial<core.Namespace>;
  const { name = '', options } = request;
  requireSameName(sent.metadata?.name, name);
  const target = { definition, ref: { name }, dryRun: options.dryRun === true };
  const { object } = await changeStored(context, target, async (stored) => {
    const { resourceVersion = '' } = sent.metadata ?? {};
    if (resourceVersion !== '' && resourceVersion !== stored.metadata.resourceVersion) {
      throw conflictError(definition, name, MODIFIED_MESSAGE);
    }
    const next = withFinalizers(stored as core.Namespace, sent.spec?.finalizers ?? []);
    if (isReleased(definition, next, stored)) return { action: 'remove', object: next };
    return sameJson(next, stored) ? { action: 'keep', object: stored } : { action: 'put', object: next };
  });
  return { type: 'object', status: 200, object };
}

function withFinalizers(namespace: core.Namespace, finalizers: readonly string[]): core.Namespace {
  const { finalizers: _, ...spec } = namespace.spec ?? {};
  return { ...namespace, spec: finalizers.length === 0 ? spec : { ...spec, finalizers } };
}
