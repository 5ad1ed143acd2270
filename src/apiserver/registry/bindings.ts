/** `bindings`: the oldest way to assign a pod to a node, which names the pod in its body only. */
import { Pod } from '#api/core/pod';
import type * as core from '#api/types/core-v1';
import type { ResourceDefinition } from '#api/resource';
import type { VirtualResource } from './resources.ts';
import { bindPod, bindingSubresource } from './subresources/binding.ts';

export const bindings: VirtualResource = {
  ...bindingSubresource.type,
  plural: 'bindings',
  singular: 'binding',
  namespaced: true,
  verbs: bindingSubresource.verbs,
  shortNames: [],
  handle: async (request, context) => {
    const { metadata } = (request.body ?? {}) as Partial<core.Binding>;
    const definition = Pod as unknown as ResourceDefinition;
    return await bindPod(context, definition, { ...request, name: metadata?.name ?? '' });
  },
};
