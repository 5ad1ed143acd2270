/** Decides which claims a pod's generic ephemeral volumes still lack. */
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import type { Pod } from '#api/core/pod';
import { claimNameOf } from '#api/core/volume/pod-claims';
import { controllerOf, controllerReference } from '#api/meta/owner-reference';
import type { Unsaved } from '#api/object';
import type { PersistentVolumeClaimTemplate } from '#api/types/core-v1';

export type EphemeralPlan = {
  readonly create: readonly Unsaved<PersistentVolumeClaim>[];
  /** Claims of these names are somebody else's. */
  readonly conflicts: readonly string[];
};

export function planEphemeral(
  pod: Pod,
  claimNamed: (name: string) => PersistentVolumeClaim | undefined,
): EphemeralPlan {
  const create: Unsaved<PersistentVolumeClaim>[] = [];
  const conflicts: string[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    const template = volume.ephemeral?.volumeClaimTemplate;
    const claimName = claimNameOf(volume, pod);
    if (template === undefined || claimName === undefined) continue;
    const found = claimNamed(claimName);
    if (found === undefined) create.push(claimOf(pod, claimName, template));
    else if (controllerOf(found)?.uid !== pod.metadata.uid) conflicts.push(claimName);
  }
  return { create, conflicts };
}

/** It goes with the pod. */
function claimOf(
  pod: Pod,
  name: string,
  { metadata = {}, spec }: PersistentVolumeClaimTemplate,
): Unsaved<PersistentVolumeClaim> {
  const { labels, annotations } = metadata;
  return {
    metadata: {
      namespace: pod.metadata.namespace ?? '',
      name,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerReference(pod, { apiVersion: 'v1', kind: 'Pod' })],
    },
    spec,
  };
}
