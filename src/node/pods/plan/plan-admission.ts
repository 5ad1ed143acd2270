/** Decides whether a node takes a pod that is bound to it: whoever bound it may not have looked, or not have known. */
import type { Pod } from '#api/core/pod';
import { podRequests } from '#api/core/pod-resources';
import { isExtendedResource } from '#api/core/resource-names';
import { milliValue, unitValue } from '#api/meta/quantity-arithmetic';

export type Refusal = { readonly reason: string; readonly message: string };

export type AdmissionInput = {
  readonly pod: Pod;
  /** What the node has taken already and not finished. */
  readonly others: readonly Pod[];
  readonly allocatable: Readonly<Record<string, string>>;
};

/** Undefined when the pod fits. */
export function planAdmission(input: AdmissionInput): Refusal | undefined {
  return tooManyPods(input) ?? tooLittle(input) ?? portTaken(input);
}

function tooManyPods({ others, allocatable }: AdmissionInput): Refusal | undefined {
  const most = unitValue(allocatable['pods'] ?? '0');
  return others.length < most ? undefined : shortage('pods', { requested: 1, used: others.length, capacity: most });
}

function tooLittle({ pod, others, allocatable }: AdmissionInput): Refusal | undefined {
  for (const [name, requested] of Object.entries(podRequests(pod))) {
    // What others put on the node is counted by the scheduler: nobody tells it here.
    if (requested === 0 || (isExtendedResource(name) && allocatable[name] === undefined)) continue;
    const used = others.reduce((sum, other) => sum + (podRequests(other)[name] ?? 0), 0);
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

function portTaken({ pod, others }: AdmissionInput): Refusal | undefined {
  const taken = new Set(others.flatMap(hostPorts));
  if (!hostPorts(pod).some((port) => taken.has(port))) return undefined;
  return { reason: 'NodePorts', message: 'Pod was rejected: Predicate NodePorts failed' };
}

function hostPorts({ spec }: Pod): readonly string[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...spec.containers, ...sidecars]
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ hostPort, hostIP = '', protocol = 'TCP', containerPort }) => {
      const port = hostPort ?? (spec.hostNetwork === true ? containerPort : undefined);
      return port === undefined || port === 0 ? [] : [`${hostIP === '0.0.0.0' ? '' : hostIP}/${protocol}/${port}`];
    });
}
