/** Decides when a pod that was to be driven off, and was not, counts as one that stays. */
import { isTerminal, podCondition } from '#api/core/pod-state';
import { parseTime } from '#api/meta/time';
import type { Pod } from '#api/types/core-v1';

export const DISRUPTION_TARGET = 'DisruptionTarget';

// As upstream has it: a deletion that was announced comes within this time.
const STALE_AFTER_MS = 2 * 60_000;
// The agent ends such a pod itself, however long that takes, and nobody need delete it.
const BY_AGENT = 'TerminationByKubelet';

/** How long the announcement still holds; undefined when there is none, or the pod does go. */
export function staleInMs(pod: Pod, nowMs: number): number | undefined {
  const announced = podCondition(pod, DISRUPTION_TARGET);
  if (announced?.status !== 'True' || announced.reason === BY_AGENT) return undefined;
  if (pod.metadata.deletionTimestamp !== undefined || isTerminal(pod)) return undefined;
  const sinceMs = announced.lastTransitionTime === undefined ? 0 : parseTime(announced.lastTransitionTime);
  return Math.max(0, sinceMs + STALE_AFTER_MS - nowMs);
}
