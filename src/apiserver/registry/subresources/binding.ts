/** `pods/binding`: assigns a pod to a node, once. */
import { ApiError, badRequestError, conflictError } from '#api/errors';
import { notSupported, required } from '#api/meta/field-error';
import { setCondition } from '#api/meta/conditions';
import { formatTime } from '#api/meta/time';
import type { ApiRequest, ApiResult } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import type * as core from '#api/types/core-v1';
import type { ObjectMeta } from '#api/types/meta-v1';
import type { RegistryContext } from '../context.ts';
import type { Subresource } from '../resources.ts';
import { changeStored } from '../write.ts';
import { success } from './success.ts';

export const bindingSubresource: Subresource = {
  name: 'binding',
  type: { group: '', version: 'v1', kind: 'Binding' },
  verbs: ['create'],
  handle: bindPod,
};

export function bindPod(
  context: RegistryContext,
  definition: ResourceDefinition,
  request: ApiRequest,
): Promise<ApiResult> {
  const { namespace, options } = request;
  const binding = (request.body ?? {}) as Partial<core.Binding>;
  const name = request.name ?? '';
  if (binding.metadata?.name !== name) throw badRequestError('name in URL does not match name in Binding object');
  requireNode(binding.target);
  const target = { definition, ref: { namespace, name }, dryRun: options.dryRun === true };
  const now = formatTime(context.world.clock.now());
  const bound = changeStored(context, target, (stored) => {
    const pod = stored as core.Pod;
    requireSameState(pod, binding.metadata ?? {});
    requireUnbound(pod);
    return { action: 'put', object: boundPod(pod, binding, now) };
  });
  return bound.then(() => success(201));
}

function requireNode({ kind = '', name = '' }: core.ObjectReference = {}): void {
  const isNode = kind === '' || kind === 'Node';
  if (isNode && name !== '') return;
  const errors = [
    ...(isNode ? [] : [notSupported('target.kind', kind, ['Node', '<empty>'])]),
    ...(name === '' ? [required('target.name')] : []),
  ];
  // Upstream answers with the bare errors, not with an invalid object.
  const texts = errors.map(({ field, message }) => `${field}: ${message}`);
  throw new ApiError('Unknown', texts.length === 1 ? texts.join('') : `[${texts.join(', ')}]`);
}

const BINDING = { group: '', plural: 'pods/binding' };

function requireSameState({ metadata }: core.Pod, { uid = '', resourceVersion = '' }: Partial<ObjectMeta>): void {
  if (uid !== '' && uid !== metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`;
    throw conflictError(BINDING, metadata.name, why);
  }
  if (resourceVersion === '' || resourceVersion === metadata.resourceVersion) return;
  const versions = `${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`;
  throw conflictError(BINDING, metadata.name, `Precondition failed: ResourceVersion in precondition: ${versions}`);
}

function requireUnbound({ metadata, spec }: core.Pod): void {
  const { name } = metadata;
  if (metadata.deletionTimestamp !== undefined) {
    throw conflictError(BINDING, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  }
  if (spec?.nodeName) {
    throw conflictError(BINDING, name, `pod ${name} is already assigned to node ${JSON.stringify(spec.nodeName)}`);
  }
  if ((spec?.schedulingGates ?? []).length > 0) {
    throw conflictError(BINDING, name, `pod ${name} has non-empty .spec.schedulingGates`);
  }
}

function boundPod(pod: core.Pod, { metadata, target }: Partial<core.Binding>, now: string): core.Pod {
  const { annotations } = metadata ?? {};
  const scheduled: core.PodCondition = { type: 'PodScheduled', status: 'True', lastTransitionTime: now };
  return {
    ...pod,
    metadata:
      annotations === undefined
        ? pod.metadata
        : { ...pod.metadata, annotations: { ...pod.metadata.annotations, ...annotations } },
    spec: { ...pod.spec, nodeName: target?.name ?? '' },
    status: { ...pod.status, conditions: setCondition(pod.status?.conditions, scheduled) },
  };
}
