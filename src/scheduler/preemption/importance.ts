/** Which pods matter more: those of higher priority, and among equals those that run longer. */
import type { Pod } from '#api/core/pod';
import { parseTime } from '#api/meta/time';

export const priorityOf = ({ spec }: Pick<Pod, 'spec'>): number => spec.priority ?? 0;

/** A pod that has not started counts as starting later than all others. */
export function startedMs({ status }: Pod): number {
  return status?.startTime === undefined ? Infinity : parseTime(status.startTime);
}

/** Negative when `left` matters more. */
export function byImportance(left: Pod, right: Pod): number {
  const byPriority = priorityOf(right) - priorityOf(left);
  if (byPriority !== 0) return byPriority;
  const [leftMs, rightMs] = [startedMs(left), startedMs(right)];
  return leftMs === rightMs ? 0 : leftMs - rightMs;
}
