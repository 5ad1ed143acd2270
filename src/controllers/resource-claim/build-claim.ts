/** Builds the claim that a template stands for, for one pod. */
import { Pod } from '#api/core/pod';
import { controllerReference } from '#api/meta/owner-reference';
import type { Unsaved } from '#api/object';
import type { PodResourceClaim } from '#api/types/core-v1';
import type { ResourceClaim, ResourceClaimTemplate } from '#api/types/resource-v1';

/** Which of the pod's claims it was made for. */
export const POD_CLAIM = 'resource.kubernetes.io/pod-claim-name';

// What the server leaves of a name before it appends five characters.
const LONGEST_PREFIX = 57;

export function buildClaim(
  pod: Pod,
  { name }: PodResourceClaim,
  { spec: { metadata: { labels, annotations } = {}, spec } }: ResourceClaimTemplate,
): Unsaved<ResourceClaim> {
  return {
    metadata: {
      generateName: prefixOf(pod.metadata.name, name),
      namespace: pod.metadata.namespace ?? '',
      annotations: { ...annotations, [POD_CLAIM]: name },
      ...(labels === undefined ? {} : { labels }),
      ownerReferences: [controllerReference(pod, Pod)],
    },
    spec,
  };
}

/** When both names are too long together, each gives in proportion: the server would cut off the second alone. */
function prefixOf(pod: string, claim: string): string {
  const prefix = `${pod}-${claim}-`;
  if (prefix.length <= LONGEST_PREFIX) return prefix;
  const cut = (text: string): string => text.slice(0, Math.floor((text.length * LONGEST_PREFIX) / prefix.length));
  return `${cut(pod)}-${cut(claim)}`;
}
