/** Counts the pods of a replica set, in one go: with a thousand of them it is done again and again while they start. */
import { availableInMs, isTerminal } from '#api/core/pod-state';
import { hasLabels } from '#api/meta/label-selector';
import type { ReplicaSet } from '#api/types/apps-v1';
import type { Pod } from '#api/types/core-v1';

export type PodCounts = {
  /** Neither ended nor asked to end; all others but `terminating` are of these. */
  readonly active: number;
  /** With the labels of the template. */
  readonly labeled: number;
  readonly ready: number;
  readonly available: number;
  /** Asked to end, and not yet ended. */
  readonly terminating: number;
  /** When the next pod becomes available only because time passes. */
  readonly nextAvailableInMs: number | undefined;
};

/** `pods`: those it owns, whatever their phase. */
export function countPods({ spec }: ReplicaSet, pods: readonly Pod[], nowMs: number): PodCounts {
  const { template, minReadySeconds = 0 } = spec;
  const { labels = {} } = template.metadata ?? {};
  let [active, labeled, ready, available, terminating] = [0, 0, 0, 0, 0];
  let nextMs: number | undefined;
  for (const pod of pods) {
    if (isTerminal(pod)) continue;
    if (pod.metadata.deletionTimestamp !== undefined) {
      terminating++;
      continue;
    }
    active++;
    if (hasLabels(pod.metadata.labels, labels)) labeled++;
    const waitMs = availableInMs(pod, minReadySeconds, nowMs);
    if (waitMs === undefined) continue;
    ready++;
    if (waitMs === 0) available++;
    else nextMs = sooner(nextMs, waitMs);
  }
  return { active, labeled, ready, available, terminating, nextAvailableInMs: nextMs };
}

const sooner = (known: number | undefined, waitMs: number): number =>
  known === undefined || waitMs < known ? waitMs : known;
