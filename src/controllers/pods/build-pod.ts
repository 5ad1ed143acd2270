/** Builds a pod from the template of its owner. */
import { controllerReferences } from '#api/meta/owner-reference';
import type { ApiObject, Unsaved } from '#api/object';
import type { ResourceType } from '#api/resource';
import type { Pod, PodTemplateSpec } from '#api/types/core-v1';

/** Its name is the server's to make, unless somebody says it. */
export function buildPod(owner: ApiObject, ownerType: ResourceType, template: PodTemplateSpec): Unsaved<Pod> {
  const { metadata: { labels, annotations, finalizers } = {}, spec } = template;
  return {
    metadata: {
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace ?? '',
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: controllerReferences(owner, ownerType),
    },
    spec,
  };
}
