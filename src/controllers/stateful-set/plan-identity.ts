/** Who a pod of a stateful set is: its ordinal, its name, its labels, its host name, and the claims that are its alone. */
import type { StatefulSet } from '#api/types/apps-v1';
import type { Unsaved } from '#api/object';
import type { Pod, PersistentVolumeClaim, PodTemplateSpec } from '#api/types/core-v1';
import { REVISION_HASH } from '../history/plan-history.ts';

const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';

export const startOf = ({ spec }: StatefulSet): number => spec.ordinals?.start ?? 0;
export const replicasOf = ({ spec }: StatefulSet): number => spec.replicas ?? 1;

/** Undefined for a pod that is not called like one of this set. */
export function ordinalOf({ metadata }: StatefulSet, pod: Pod): number | undefined {
  return ordinalAfter(`${metadata.name}-`, pod.metadata.name);
}

function ordinalAfter(prefix: string, name: string): number | undefined {
  const digits = name.slice(prefix.length);
  // Without leading zeros: two pods must not have one ordinal.
  return name.startsWith(prefix) && /^(0|[1-9][0-9]{0,8})$/.test(digits) ? Number(digits) : undefined;
}

export function isWanted(set: StatefulSet, ordinal: number): boolean {
  return ordinal >= startOf(set) && ordinal < startOf(set) + replicasOf(set);
}

export const revisionOf = ({ metadata }: Pod): string => metadata.labels?.[REVISION_HASH] ?? '';

export type NewPod = {
  readonly ordinal: number;
  /** The name of a controller revision, and the template it stands for. */
  readonly revision: string;
  readonly template: PodTemplateSpec;
};

export const identityLabels = (name: string, ordinal: number): Readonly<Record<string, string>> => ({
  [POD_NAME]: name,
  [POD_INDEX]: String(ordinal),
});

/** The pod with the labels of its identity; the same pod when it has them. */
export function withIdentity(pod: Pod, ordinal: number): Pod {
  const wanted = identityLabels(pod.metadata.name, ordinal);
  const { labels } = pod.metadata;
  if (Object.entries(wanted).every(([key, value]) => labels?.[key] === value)) return pod;
  return { ...pod, metadata: { ...pod.metadata, labels: { ...labels, ...wanted } } };
}

export const claimName = ({ metadata }: StatefulSet, template: string, ordinal: number): string =>
  `${template}-${metadata.name}-${ordinal}`;

/** Undefined for a claim that is called like none of this set's templates. */
export function ordinalOfClaim(set: StatefulSet, { metadata: { name } }: PersistentVolumeClaim): number | undefined {
  return (set.spec.volumeClaimTemplates ?? [])
    .map((template) => ordinalAfter(`${template.metadata.name}-${set.metadata.name}-`, name))
    .find((ordinal) => ordinal !== undefined);
}

/** The claims that the pod with this ordinal needs. */
export function claimsOf(set: StatefulSet, ordinal: number): readonly Unsaved<PersistentVolumeClaim>[] {
  const { namespace = '' } = set.metadata;
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    metadata: {
      name: claimName(set, metadata.name, ordinal),
      namespace,
      labels: { ...metadata.labels, ...set.spec.selector.matchLabels },
      ...(metadata.annotations === undefined ? {} : { annotations: metadata.annotations }),
    },
    spec,
  }));
}
