/** What a node has given to a pod's containers, which may lag behind what the pod asks for now. Pure. */
import type { Pod } from '#api/core/pod';
import { compareQuantityTexts } from '#api/meta/quantity-arithmetic';
import type { Container, ContainerStatus, PodStatus, ResourceRequirements } from '#api/types/core-v1';

/** By container. */
export type Allocation = ReadonlyMap<string, ResourceRequirements>;

const AMOUNTS = (['requests', 'limits'] as const).flatMap((side) =>
  (['cpu', 'memory'] as const).map((name) => ({ side, name })),
);

export type ResizableResource = (typeof AMOUNTS)[number]['name'];

/** CPU and memory of which the two say different amounts. */
export function resizedResources(
  left: ResourceRequirements = {},
  right: ResourceRequirements = {},
): ReadonlySet<ResizableResource> {
  if (left === right) return NOTHING_RESIZED;
  const changed = AMOUNTS.filter(({ side, name }) => !sameAmount(left[side]?.[name], right[side]?.[name]));
  return new Set(changed.map(({ name }) => name));
}

const NOTHING_RESIZED: ReadonlySet<ResizableResource> = new Set();

function sameAmount(left: string | undefined, right: string | undefined): boolean {
  return left === right || (left !== undefined && right !== undefined && compareQuantityTexts(left, right) === 0);
}

/** What the pod itself asks for. */
export function wantedAllocation({ spec }: Pod): Allocation {
  return new Map(resizable({ spec }).map(({ name, resources = {} }) => [name, resources]));
}

/** What the containers that run were given, as the pod's status tells; undefined when that is what the pod asks for. */
export function reportedAllocation(pod: Pod): Allocation | undefined {
  // Of a pod that is new to its node nothing is told.
  if (pod.status?.containerStatuses === undefined && pod.status?.initContainerStatuses === undefined) return undefined;
  const reported = resizable(pod).map(({ name, resources = {} }): [string, ResourceRequirements] => {
    const told = statusOf(pod.status ?? {}, name);
    return [name, told?.state?.running === undefined ? resources : (told.resources ?? resources)];
  });
  const allocation = new Map(reported);
  return allocatedPod(pod, allocation) === pod ? undefined : allocation;
}

export function statusOf(status: PodStatus, name: string): ContainerStatus | undefined {
  return named(status.containerStatuses, name) ?? named(status.initContainerStatuses, name);
}

/** Of a visitor as well. */
export function statusOfContainer(status: PodStatus, name: string): ContainerStatus | undefined {
  return statusOf(status, name) ?? named(status.ephemeralContainerStatuses, name);
}

const NONE: readonly ContainerStatus[] = [];

function named(statuses: readonly ContainerStatus[] = NONE, name: string): ContainerStatus | undefined {
  // Over what is frozen an iterator takes longer than all the rest.
  for (let index = 0; index < statuses.length; index++) {
    const each = statuses[index];
    if (each?.name === name) return each;
  }
  return undefined;
}

/** The pod with what it was given in place of what it asks for; the pod itself where that is the same. */
export function allocatedPod(pod: Pod, allocation: Allocation | undefined): Pod {
  return allocation === undefined ? pod : withAllocation(pod, allocation);
}

function withAllocation(pod: Pod, allocation: Allocation): Pod {
  const given = (container: Container): Container => {
    const resources = allocation.get(container.name);
    const isSame = resources === undefined || resizedResources(resources, container.resources).size === 0;
    return isSame ? container : { ...container, resources };
  };
  const { containers, initContainers } = pod.spec;
  const next = { containers: containers.map(given), inits: initContainers?.map(given) };
  const isSame = sameItems(next.containers, containers) && sameItems(next.inits ?? [], initContainers ?? []);
  if (isSame) return pod;
  const spec = { ...pod.spec, containers: next.containers };
  return { ...pod, spec: next.inits === undefined ? spec : { ...spec, initContainers: next.inits } };
}

function sameItems(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.every((item, index) => item === right[index]);
}

/** Containers that stay: those that run once before the others have what they have. */
function resizable({ spec }: Pick<Pod, 'spec'>): readonly Container[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...sidecars, ...spec.containers];
}
