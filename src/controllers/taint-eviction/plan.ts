/** Decides when a pod must leave its node because of the node's NoExecute taints. */
import { podCondition } from '#api/core/pod-state';
import { toleratesTaint } from '#api/core/tolerations';
import { parseTime } from '#api/meta/time';
import type { Node, Pod, Taint } from '#api/types/core-v1';

export type Times = {
  readonly nowMs: number;
  /** Since when the pod is known to have to go: taints that users set do not say when. */
  readonly sinceMs: number;
};

/** In how many milliseconds the pod must go: 0 is now, undefined is never. */
export function planEvictionInMs(pod: Pod | undefined, node: Node | undefined, times: Times): number | undefined {
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return undefined;
  const taints = noExecuteTaints(node);
  const waits = taints.map((taint) => toleratedForMs(pod, taint, times)).filter((wait) => wait !== Infinity);
  return waits.length === 0 ? undefined : Math.max(0, Math.min(...waits));
}

export function noExecuteTaints(node: Node | undefined): readonly Taint[] {
  return (node?.spec.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
}

function toleratedForMs(pod: Pod, taint: Taint, { nowMs, sinceMs }: Times): number {
  const tolerations = (pod.spec.tolerations ?? []).filter((toleration) => toleratesTaint(toleration, taint));
  if (tolerations.length === 0) return 0;
  const seconds = Math.min(...tolerations.map(({ tolerationSeconds = Infinity }) => Math.max(0, tolerationSeconds)));
  // A pod that was placed where the taint had long been has its time all the same.
  return Math.max(parseTime(taint.timeAdded) ?? sinceMs, placedMs(pod)) + seconds * 1000 - nowMs;
}

function placedMs(pod: Pod): number {
  const placed = podCondition(pod, 'PodScheduled');
  const atMs = placed?.status === 'True' ? parseTime(placed.lastTransitionTime) : undefined;
  return atMs ?? parseTime(pod.metadata.creationTimestamp);
}
