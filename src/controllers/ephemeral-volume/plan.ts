/** Decides which claims a pod's generic ephemeral volumes still lack. */
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim';
import type { Pod } from '#api/core/pod';
import { controllerOf, controllerReference } from '#api/meta/owner-reference';
import type { Unsaved } from '#api/object';

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
  for (const { name, ephemeral } of pod.spec.volumes ?? []) {
    const template = ephemeral?.volumeClaimTemplate;
    if (template === undefined) continue;
    const claimName = `${pod.metadata.name}-${name}`;
    const found = claimNamed(claimName);
    if (found === undefined) create.push(claimOf(pod, claimName, template));
    else if (controllerOf(found)?.uid !== pod.metadata.uid) conflicts.push(claimName);
  }
  return { create, conflicts };
}

type Template = NonNullable<
  NonNullable<NonNullable<NonNullable<Pod['spec']['volumes']>[number]['ephemeral']>['volumeClaimTemplate']>
>;

/** It goes with the pod. */
function claimOf(pod: Pod, name: string, { metadata = {}, spec }: Template): Unsaved<PersistentVolumeClaim> {
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
