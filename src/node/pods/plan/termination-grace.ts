/** How long a pod's containers may take to end. */
import type { Pod } from '#api/core/pod';

const DEFAULT_GRACE_SECONDS = 30;
// Even a forced deletion leaves the signal a moment to arrive.
const LEAST_GRACE_SECONDS = 1;

/** Of the deletion if there is one, else of the probe that failed, else of the pod. */
export function graceMsOf({ metadata, spec }: Pod, probeGraceSeconds?: number): number {
  const seconds =
    metadata.deletionGracePeriodSeconds ??
    probeGraceSeconds ??
    spec.terminationGracePeriodSeconds ??
    DEFAULT_GRACE_SECONDS;
  return Math.max(LEAST_GRACE_SECONDS, seconds) * 1000;
}
