/** Which claims a pod uses, and whether it still does. */
import type { Pod } from '#api/core/pod';
import { isTerminal } from '#api/core/pod-state';

/** By name; a generic ephemeral volume has a claim of its own. */
export function claimsOf({ metadata, spec }: Pod): readonly string[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim !== undefined) return [persistentVolumeClaim.claimName];
    return ephemeral === undefined ? [] : [`${metadata.name}-${name}`];
  });
}

/** A pod that has no node has mounted nothing; one that has ended never will again. */
export const isUsing = (pod: Pod, claim: string): boolean =>
  Boolean(pod.spec.nodeName) && !isTerminal(pod) && claimsOf(pod).includes(claim);
