/** What is known of a stateful set when it is decided about, and how its pods are judged. */
import { availableInMs } from '#api/core/pod-state';
import type { StatefulSet } from '#api/types/apps-v1';
import type { Pod, PodTemplateSpec } from '#api/types/core-v1';
import { revisionOf } from './plan-identity.ts';

export type Revision = { readonly name: string; readonly template: PodTemplateSpec };

export type StatefulSnapshot = {
  readonly set: StatefulSet;
  /** Those it owns and that are called like its own. */
  readonly pods: readonly Pod[];
  /** What the pods are updated from, and what to. */
  readonly current: Revision;
  readonly update: Revision;
  readonly nowMs: number;
};

/** A pod by the side of its ordinal; one that is missing is not there yet. */
export type Replica = { readonly ordinal: number; readonly pod: Pod | undefined };

/** Running, ready for long enough, and not on its way out. */
export function isWell({ set, nowMs }: StatefulSnapshot, pod: Pod | undefined): pod is Pod {
  return (
    pod !== undefined &&
    pod.status?.phase === 'Running' &&
    pod.metadata.deletionTimestamp === undefined &&
    availableInMs(pod, set.spec.minReadySeconds ?? 0, nowMs) === 0
  );
}

export const isOf = (pod: Pod, { name }: Revision): boolean => revisionOf(pod) === name;
