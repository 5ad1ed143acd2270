/** Which claims the volumes of a pod stand for; a generic ephemeral volume has one that is made for it. */
import type { Pod, Volume } from '../../types/core-v1.ts';

export function claimNameOf({ name, persistentVolumeClaim, ephemeral }: Volume, { metadata }: Pod): string | undefined {
  if (persistentVolumeClaim !== undefined) return persistentVolumeClaim.claimName;
  return ephemeral === undefined ? undefined : `${metadata.name}-${name}`;
}

/** By name, all in the pod's namespace. */
export function claimsOf(pod: Pod): readonly string[] {
  const names: string[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    const name = claimNameOf(volume, pod);
    if (name !== undefined) names.push(name);
  }
  return names;
}
