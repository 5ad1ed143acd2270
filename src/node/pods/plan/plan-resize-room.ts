/** Decides whether a node has room for what a pod that runs there asks for now. Pure. */
import { podRequests } from '#api/core/pod-resources';
import { milliValue, unitValue } from '#api/meta/quantity-arithmetic';
import type { AdmissionInput } from './plan-admission.ts';
import type { ResizePending } from './pod-state.ts';

export type NoRoom = Pick<ResizePending, 'reason' | 'message'>;

/** Undefined when there is room. `Infeasible`: there will never be any. */
export function planResizeRoom({ pod, taken, allocatable }: AdmissionInput): NoRoom | undefined {
  const requests = podRequests(pod);
  const amounts = (['memory', 'cpu'] as const).map((name) => ({
    name,
    requested: requests[name] ?? 0,
    used: taken.of(name),
    capacity: (name === 'cpu' ? milliValue : unitValue)(allocatable[name] ?? '0'),
  }));
  const never = amounts.find(({ requested, capacity }) => requested > capacity);
  if (never !== undefined) {
    const { name, requested, capacity } = never;
    const message = `Node didn't have enough capacity: ${name}, requested: ${requested}, capacity: ${capacity}`;
    return { reason: 'Infeasible', message };
  }
  const later = amounts.toReversed().find(({ requested, used, capacity }) => requested + used > capacity);
  if (later === undefined) return undefined;
  const { name, requested, used, capacity } = later;
  const message = `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return { reason: 'Deferred', message };
}
