/** The subresources that each kind has. */
import type { ResourceDefinition } from '#api/resource';
import type { StoredResource, Subresource } from './resources.ts';
import { approvalSubresource } from './subresources/approval.ts';
import { bindingSubresource } from './subresources/binding.ts';
import { ephemeralContainersSubresource } from './subresources/ephemeral-containers.ts';
import { evictionSubresource } from './subresources/eviction.ts';
import { finalizeSubresource } from './subresources/finalize.ts';
import { resizeSubresource } from './subresources/resize.ts';
import { scaleSubresource } from './subresources/scale.ts';
import { statusSubresource } from './subresources/status.ts';

const stream = (name: string, kind: string, verbs: Subresource['verbs']): Subresource => ({
  name,
  type: { group: '', version: 'v1', kind },
  verbs,
});

const ALL_METHODS: Subresource['verbs'] = ['create', 'delete', 'get', 'patch', 'update'];

/** By `group/plural`. */
export type SubresourceTable = Readonly<Record<string, readonly Subresource[]>>;

/** Beside `status` and `scale`, which follow from the kind's definition. */
const OWN: SubresourceTable = {
  'certificates.k8s.io/certificatesigningrequests': [approvalSubresource],
  '/namespaces': [finalizeSubresource],
  '/nodes': [stream('proxy', 'NodeProxyOptions', ALL_METHODS)],
  '/pods': [
    stream('attach', 'PodAttachOptions', ['create', 'get']),
    bindingSubresource,
    ephemeralContainersSubresource,
    evictionSubresource,
    stream('exec', 'PodExecOptions', ['create', 'get']),
    stream('log', 'Pod', ['get']),
    stream('portforward', 'PodPortForwardOptions', ['create', 'get']),
    stream('proxy', 'PodProxyOptions', ALL_METHODS),
    resizeSubresource,
  ],
  '/services': [stream('proxy', 'ServiceProxyOptions', ALL_METHODS)],
};

export function storedResource(definition: ResourceDefinition): StoredResource {
  return withSubresources(definition, {});
}

/** `more`: subresources that other parts of the server serve. */
export function withSubresources(definition: ResourceDefinition, more: SubresourceTable): StoredResource {
  const key = `${definition.group}/${definition.plural}`;
  const own = [...(OWN[key] ?? []), ...(more[key] ?? [])];
  return {
    definition,
    subresources: [
      ...own,
      ...(definition.scale === undefined ? [] : [scaleSubresource(definition.scale)]),
      ...(definition.hasStatus ? [statusSubresource(definition)] : []),
    ],
  };
}
