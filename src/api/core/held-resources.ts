/** What a pod takes from its node now, which is not always what it asks for: a resize may be under way, or be impossible. */
import { compareQuantityTexts } from '../meta/quantity-arithmetic.ts';
import type { Container, ContainerStatus, Pod } from '../types/core-v1.ts';
import { podRequests, type ResourceAmounts } from './pod-resources.ts';

type List = Readonly<Record<string, string>>;

/** While a resize is on, the most of what its containers ask for, were given and have; of one that cannot be, only what they have. */
export function heldRequests(pod: Pick<Pod, 'spec' | 'status'>): ResourceAmounts {
  const { spec, status = {} } = pod;
  const resizes = (status.conditions ?? []).filter(({ type }) => type.startsWith('PodResize'));
  if (resizes.length === 0) return podRequests({ spec });
  const isImpossible = resizes.some(({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible');
  const statuses = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])];
  const held = (container: Container): Container => {
    const told = statuses.find(({ name }) => name === container.name);
    return told === undefined ? container : withHeld(container, told, isImpossible ? 'has' : 'asks');
  };
  const containers = spec.containers.map(held);
  const inits = spec.initContainers?.map(held);
  return podRequests({ spec: { ...spec, containers, ...(inits === undefined ? {} : { initContainers: inits }) } });
}

function withHeld(
  container: Container,
  { allocatedResources = {}, resources }: ContainerStatus,
  counts: 'has' | 'asks',
): Container {
  const asked = counts === 'asks' ? (container.resources?.requests ?? {}) : {};
  const requests = [allocatedResources, resources?.requests ?? {}].reduce(greatest, asked);
  return { ...container, resources: { ...container.resources, requests } };
}

function greatest(left: List, right: List): List {
  const result = new Map(Object.entries(left));
  for (const [name, amount] of Object.entries(right)) {
    const other = result.get(name);
    if (other === undefined || compareQuantityTexts(amount, other) > 0) result.set(name, amount);
  }
  return Object.fromEntries(result);
}
