/** `pods/binding`: assigns a pod to a node, once. */
import { conflictError, invalidError } from '#api/errors';
import { notSupported, required } from '#api/meta/field-error';
import { setCondition } from '#api/meta/conditions';
import { formatTime } from '#api/meta/time';
import type { ApiRequest, ApiResult } from '#api/request';
import type { ResourceDefinition } from '#api/resource';
import type * as core from '#api/types/core-v1';
import type { RegistryContext } from '../context.ts';
import { requireSameName } from '../request-body.ts';
import type { Subresource } from '../resources.ts';
import { changeStored } from '../write.ts';
import { success } from './success.ts';

export const bindingSubresource: Subresource = {
  name: 'binding',
  type: { group: '', version: 'v1', kind: 'Binding' },
  verbs: ['create'],
  handle: bind,
};

async function bind(context: RegistryContext, definition: ResourceDefinition, request: ApiRequest): Promise<ApiResult> {
  const { namespace, options } = request;
  const binding = (request.body ?? {}) as Partial<core.Binding>;
  const name = request.name ?? binding.metadata?.name ?? '';
  requireSameName(binding.metadata?.name, name);
  requireNode(name, binding.target);
  const target = { definition, ref: { namespace, name }, dryRun: options.dryRun === true };
  const now = formatTime(context.world.clock.now());
  await changeStored(context, target, async (stored) => {
    const pod = stored as core.Pod;
    requireUnbound(pod, binding.metadata?.uid);
    return { action: 'put', object: boundPod(pod, binding, now) };
  });
  return success(201);
}

function requireNode(name: string, target: core.ObjectReference | undefined): void {
  const { kind = '', name: node = '' } = target ?? {};
  const errors = [
    ...(kind === '' || kind === 'Node' ? [] : [notSupported('target.kind', kind, ['Node', ''])]),
    ...(node === '' ? [required('target.name')] : []),
  ];
  if (errors.length > 0) throw invalidError({ group: '', kind: 'Binding' }, name, errors);
}

const BINDING = { group: '', plural: 'pods/binding' };

function requireUnbound({ metadata, spec }: core.Pod, uid: string | undefined): void {
  const { name } = metadata;
  if (uid !== undefined && uid !== '' && uid !== metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`;
    throw conflictError(BINDING, name, why);
  }
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
    metadata: {
      ...pod.metadata,
      ...(annotations === undefined ? {} : { annotations: { ...pod.metadata.annotations, ...annotations } }),
    },
    spec: { ...pod.spec, nodeName: target?.name ?? '' },
    status: { ...pod.status, conditions: setCondition(pod.status?.conditions, scheduled) },
  };
}
