/** Decides whether a node takes a pod that is bound to it: whoever bound it may not have looked, or not have known. */
import type { Pod } from '#api/core/pod';
import { podRequests } from '#api/core/pod-resources';
import { isExtendedResource } from '#api/core/resource-names';
import { milliValue, unitValue } from '#api/meta/quantity-arithmetic';
import { hostPorts, type Taken } from './room.ts';

export type Refusal = { readonly reason: string; readonly message: string };

export type AdmissionInput = {
  readonly pod: Pod;
  /** By pods that the node has taken already and not finished. */
  readonly taken: Taken;
  readonly allocatable: Readonly<Record<string, string>>;
};

/** Undefined when the pod fits. */
export function planAdmission(input: AdmissionInput): Refusal | undefined {
  return tooManyPods(input) ?? tooLittle(input) ?? portTaken(input);
}

function tooManyPods({ taken, allocatable }: AdmissionInput): Refusal | undefined {
  const most = unitValue(allocatable['pods'] ?? '0');
  return taken.pods < most ? undefined : shortage('pods', { requested: 1, used: taken.pods, capacity: most });
}

function tooLittle({ pod, taken, allocatable }: AdmissionInput): Refusal | undefined {
  for (const [name, requested] of Object.entries(podRequests(pod))) {
    // What others put on the node is counted by the scheduler: nobody tells it here.
    if (requested === 0 || (isExtendedResource(name) && allocatable[name] === undefined)) continue;
    const used = taken.of(name);
    const read = name === 'cpu' ? milliValue : unitValue;
    const capacity = read(allocatable[name] ?? '0');
    if (used + requested > capacity) return shortage(name, { requested, used, capacity });
  }
  return undefined;
}

type Amounts = { readonly requested: number; readonly used: number; readonly capacity: number };

function shortage(name: string, { requested, used, capacity }: Amounts): Refusal {
  const amounts = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return {
    reason: `OutOf${name}`,
    message: `Pod was rejected: Node didn't have enough resource: ${name}, ${amounts}`,
  };
}

function portTaken({ pod, taken }: AdmissionInput): Refusal | undefined {
  if (!hostPorts(pod).some((port) => taken.hasPort(port))) return undefined;
  return { reason: 'NodePorts', message: 'Pod was rejected: Predicate NodePorts failed' };
}
