/** Builds the pod of a stateful set that has an ordinal. */
import { StatefulSet } from '#api/apps/stateful-set';
import type { Unsaved } from '#api/object';
import type { Pod, PodTemplateSpec, Volume } from '#api/types/core-v1';
import { REVISION_HASH } from '../history/plan-history.ts';
import { buildPod } from '../pods/build-pod.ts';
import { claimName, identityLabels, type NewPod } from './plan-identity.ts';

export function buildStatefulPod(set: StatefulSet, { ordinal, revision, template }: NewPod): Unsaved<Pod> {
  const { generateName: _, ...pod } = buildPod(set, StatefulSet, template).metadata;
  const name = `${set.metadata.name}-${ordinal}`;
  const { serviceName } = set.spec;
  return {
    metadata: {
      ...pod,
      name,
      labels: { ...pod.labels, ...identityLabels(name, ordinal), [REVISION_HASH]: revision },
    },
    spec: {
      ...template.spec,
      hostname: name,
      ...(serviceName ? { subdomain: serviceName } : {}),
      ...volumesOf(set, template, ordinal),
    },
  };
}

/** A claim stands in for a volume of the template that has its name. */
function volumesOf(
  set: StatefulSet,
  { spec }: PodTemplateSpec,
  ordinal: number,
): { readonly volumes?: readonly Volume[] } {
  const { volumeClaimTemplates = [] } = set.spec;
  if (volumeClaimTemplates.length === 0) return {};
  const claims = volumeClaimTemplates.map(({ metadata: { name } }): Volume => ({
    name,
    persistentVolumeClaim: { claimName: claimName(set, name, ordinal) },
  }));
  const names = new Set(claims.map(({ name }) => name));
  return { volumes: [...claims, ...(spec.volumes ?? []).filter(({ name }) => !names.has(name))] };
}
